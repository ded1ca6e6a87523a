"""A run that is killed again and again: python -m evals.benchmarks.killed [--documents 500] [--kills 50]

`communique extract` over made-up documents, against a local server that answers after 60 ms, is sent SIGKILL at random
moments and started again. Afterwards, held against an undisturbed run: every document is there once, the records are
the same, and no question has two answers on disk, which would have been paid for twice.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from evals.benchmarks.fixed_latency import answering
from evals.benchmarks.harness import documents
from extract.run_folder import CALLS, EXTRACTIONS, read_lines

SENTENCES = 40  # some three passages
ANSWER = json.dumps(
    {"facilities": [{"at": 1, "type": "school", "name": "schools", "status": "restored"}]}
)


def started(texts: Path, run: Path, url: str) -> subprocess.Popen[bytes]:
    """The command, on its way."""
    command = [sys.executable, "-m", "extract", "extract", str(texts), "-o", str(run), "--quiet"]
    command += ["--no-cache", "--model", "fixed", "--base-url", url, "--workers", "16"]
    return subprocess.Popen(command)  # noqa: S603


def records(run: Path) -> dict[str, object]:
    """The lines by document."""
    return {line["document"]["id"]: line for line in read_lines(run / EXTRACTIONS)}


def disturbed(texts: Path, run: Path, url: str, kills: int) -> tuple[int, float]:
    """How often it was really killed, and the seconds of it all."""
    rng, done, began = random.Random(11), 0, time.monotonic()  # noqa: S311
    for _ in range(kills):
        process = started(texts, run, url)
        try:
            process.wait(rng.uniform(1.5, 3.5))  # Python and its libraries take 1.5 s to start
            break
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            done += 1
    assert started(texts, run, url).wait() == 0
    return done, time.monotonic() - began


def main() -> None:
    parser = argparse.ArgumentParser(description="a run that is killed again and again")
    parser.add_argument("--documents", type=int, default=500)
    parser.add_argument("--kills", type=int, default=50)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, answering(60, ANSWER) as url:
        texts, whole, killed = (Path(folder) / name for name in ("texts", "whole", "killed"))
        texts.mkdir()
        documents(texts, options.documents, SENTENCES)
        assert started(texts, whole, url).wait() == 0
        kills, seconds = disturbed(texts, killed, url, options.kills)
        ids = [line["document"]["id"] for line in read_lines(killed / EXTRACTIONS)]
        answered = Counter(
            line["key"] for line in read_lines(killed / CALLS) if line["answer"] is not None
        )
        print(f"{kills} kills in {seconds:.0f} s, {len(ids)} documents, {len(answered)} questions")
        print(
            f"documents missing or twice: {options.documents - len(set(ids))}, {len(ids) - len(set(ids))}"
        )
        print(f"same as the undisturbed run: {records(killed) == records(whole)}")
        print(f"questions with two answers on disk: {sum(n > 1 for n in answered.values())}")


if __name__ == "__main__":
    main()
