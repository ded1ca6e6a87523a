# Each target sets up what it needs, once. `make help` lists them.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
SAMPLES := evals/corpus/dev
RUN ?= build/run

.PHONY: help run browser test lint record docs clean

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
	$(BIN)/communique extract $(SAMPLES)/a01-syria-daily-bulletin.txt $(SAMPLES)/b01-ukraine-power-repairs.txt -o $(RUN)
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

record: $(VENV)/.dev ## record the cassettes anew from the embedded model
	$(BIN)/communique models fetch
	$(BIN)/python -m pytest tests/test_cassettes.py --record-mode=rewrite

docs: $(VENV)/.dev ## write the generated parts of README and docs anew
	$(BIN)/cog -r README.md docs/*.md

clean: ## remove what the targets made
	rm -rf $(VENV) build
