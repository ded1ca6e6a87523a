# Each target sets up what it needs, once. `make help` lists them.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
CORPUS := evals/corpus
SPLITS := dev test poisoned
RUN ?= build/run

.PHONY: help run browser test lint evaluate record scorecards docs clean

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) -e '.[local]'
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) -e '.[local,dev]'
	@touch $@ $(VENV)/.run

run: $(VENV)/.run ## extract sample documents with the embedded model (fetches 1.1 GB, once)
	$(BIN)/communique models fetch
	$(BIN)/communique extract $(CORPUS)/dev/a01-syria-daily-bulletin.txt $(CORPUS)/dev/b01-ukraine-power-repairs.txt -o $(RUN)
	$(BIN)/communique show $(RUN)
	$(BIN)/communique show $(RUN) --html $(RUN).html

browser: # the pages are tested in a real one; Debian's, where it can be installed
	@command -v chromium >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
	  apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null; } || \
	  echo "NO BROWSER: install chromium, or the browser tests are skipped" >&2

test: $(VENV)/.dev browser ## everything, offline but for the set-up (SMOKE=0 leaves the live engine out)
	$(if $(filter 0,$(SMOKE)),,$(BIN)/communique models fetch smollm2-135m)
	$(BIN)/python -m pytest

lint: $(VENV)/.dev ## ruff, mypy, import-linter, generated pages up to date
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/cog --check README.md docs/*.md

evaluate: $(VENV)/.dev ## play the recorded evaluation; fail where it is worse than the committed scorecards
	rm -rf build/evaluation
	set -e; for split in $(SPLITS); do \
	  $(BIN)/communique eval cassettes --gold $(CORPUS)/$$split; \
	  $(BIN)/communique eval run --gold $(CORPUS)/$$split --replay -o build/evaluation/$$split; \
	  $(BIN)/communique eval gate build/evaluation/$$split --gold $(CORPUS)/$$split \
	    --baseline evals/scorecards/$$split.json --max-drop 0.005 --per-document; \
	done

record: $(VENV)/.dev ## ask the embedded model what is not recorded yet
	$(BIN)/communique models fetch
	set -e; for split in $(SPLITS); do \
	  $(BIN)/communique eval run --gold $(CORPUS)/$$split --record; \
	done

scorecards: $(VENV)/.dev ## make today's figures the ones to be held to
	set -e; for split in $(SPLITS); do \
	  $(BIN)/communique eval run --gold $(CORPUS)/$$split --replay \
	    --json evals/scorecards/$$split.json --brief --markdown evals/scorecards/$$split.md; \
	done

docs: $(VENV)/.dev ## write the generated parts of README and docs anew
	$(BIN)/cog -r README.md docs/*.md

clean: ## remove what the targets made
	rm -rf $(VENV) build
