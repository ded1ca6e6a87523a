"""A run over very many documents: python -m evals.benchmarks.scale --engine local|ray|batch|all [--documents 100000]

`communique extract TABLE --engine … --no-cache` over made-up documents of a sentence, each with a number of its own,
against a fake endpoint that answers with that number after 100 ms. Printed as it goes: documents done, seconds, memory.
At the end: documents a second, the start of Python and Ray among them; the most memory of the driver, of Ray's
workers and of its servers; the size of the run folder; and what in it is not as the endpoint answered, if anything
is. Reads /proc: Linux only.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from evals.benchmarks.fixed_latency import answering
from evals.benchmarks.harness import SENTENCE
from extract.engines import ENGINES
from extract.run_folder import CALLS, EXTRACTIONS, TEXTS, read_lines

LATENCY = 100  # ms
WORKERS = 64
NUMBER = r"On Monday (\d+) schools"
ANSWER = '{"facilities": [{"at": 1, "type": "school", "name": "schools", "count": $1, "status": "restored"}]}'
EVERY = 1.0  # seconds between two looks at the memory
SHOWN = 10  # lines of a run


class Memory(NamedTuple):
    """Megabytes: of the driver, now and at most so far; of Ray's workers; of Ray's servers, with what all share."""

    driver: float
    most: float
    workers: float
    servers: float

    def __str__(self) -> str:
        said = f"driver {self.driver:.0f} MB (at most {self.most:.0f})"
        ray = f", workers {self.workers:.0f} MB, Ray's servers {self.servers:.0f} MB"
        return said + (ray if self.workers else "")


def text_of(number: int) -> str:
    """The document of a number."""
    return SENTENCE.format(n=number, m=number + 2).strip()


def write_table(path: Path, documents: int) -> None:
    """The documents, numbered from 1, as a table."""
    with path.open("w", encoding="utf-8") as file:
        for number in range(1, documents + 1):
            file.write(json.dumps({"id": f"d{number:07}", "text": text_of(number)}) + "\n")


def memory(driver: int) -> Memory:
    """Of a process and of all that it started."""
    mine, workers, servers, shared = _status(driver), 0, 0, 0
    for pid in _below(driver):
        said = _status(pid)
        shared = max(shared, said.get("RssShmem", 0))
        if _named(pid).startswith("ray::"):
            workers += said.get("RssAnon", 0)
        else:
            servers += said.get("RssAnon", 0)
    kilobytes = (mine.get("VmRSS", 0), mine.get("VmHWM", 0), workers, servers + shared)
    return Memory(*(size / 1024 for size in kilobytes))


def _status(pid: int) -> dict[str, int]:
    """The numbers that Linux gives of a process; none where it has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return {}
    pairs = (line.split()[:2] for line in lines if len(line.split()) > 1)
    return {name.rstrip(":"): int(value) for name, value in pairs if value.isdecimal()}


def _named(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


def _below(ancestor: int) -> set[int]:
    pids = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdecimal()]
    parents = {pid: _status(pid).get("PPid", 0) for pid in pids}
    found: set[int] = set()
    fresh = {ancestor}
    while fresh:
        fresh = {pid for pid, parent in parents.items() if parent in fresh}
        found |= fresh
    return found


def watched(process: subprocess.Popen[bytes], extractions: Path, step: int) -> Memory:
    """Says the memory every so many documents until the process ends; returns the most of each."""
    began, done, at, most = time.monotonic(), 0, 0, memory(process.pid)
    while True:
        with suppress(subprocess.TimeoutExpired):
            process.wait(EVERY)
            return most
        now, before = memory(process.pid), done
        most = Memory(*map(max, most, now))
        if extractions.exists():
            with extractions.open("rb") as file:
                file.seek(at)
                new = file.read()
            at, done = at + len(new), done + new.count(b"\n")
        if done // step > before // step:
            print(f"  {done:7,} documents, {time.monotonic() - began:5.0f} s: {now}", flush=True)


def faults(run: Path, documents: int) -> dict[str, int]:
    """How many documents are not what they should be, by what is wrong."""
    seen, found = bytearray(documents + 1), Counter[str]()
    for line in read_lines(run / EXTRACTIONS):
        number = int(line["document"]["id"].removeprefix("d"))
        found["there more than once"] += seen[number]
        seen[number] = 1
        facts = [
            (one["facility_type"], one["name"], one["count"], one["status"], one["evidence"])
            for one in line["facilities"]
        ]
        text = text_of(number)
        whole = [{"start": 0, "end": len(text)}]
        found["not as answered"] += facts != [("school", "schools", number, "restored", whole)]
        digest = hashlib.sha256(text.encode()).hexdigest()
        found["of another text"] += line["document"]["sha256"] != digest
        kept = run / TEXTS / f"{line['document']['id']}.txt"
        found["without their text"] += not kept.is_file() or kept.read_text("utf-8") != text
    found["missing"] = documents - sum(seen)
    asked = Counter(line["document"] for line in read_lines(run / CALLS) if line["answer"])
    found["asked more than once"] = sum(times > 1 for times in asked.values())
    return +found


def measured(engine: str, documents: int, folder: Path) -> bool:
    """Runs it, and prints what it took. Whether the run folder is whole."""
    table, run = folder / "table.jsonl", folder / engine
    write_table(table, documents)
    command = [sys.executable, "-m", "extract", "extract", str(table), "-o", str(run), "--quiet"]
    command += ["--engine", engine, "--no-cache", "--model", "fixed", "--workers", str(WORKERS)]
    with answering(LATENCY, ANSWER, NUMBER) as url:
        command += ["--base-url", url]
        began = time.monotonic()
        process = subprocess.Popen(command)  # noqa: S603
        most = watched(process, run / EXTRACTIONS, documents // SHOWN)
        seconds = time.monotonic() - began
    began = time.monotonic()
    again = subprocess.run(command, check=False).returncode  # noqa: S603 - the endpoint is gone
    resumed = time.monotonic() - began
    size = sum(path.stat().st_size for path in run.rglob("*") if path.is_file()) / 1e6
    wrong = faults(run, documents)
    print(
        f"{engine}: {documents:,} documents in {seconds:.0f} s, {documents / seconds:.0f} a second"
    )
    print(f"  most memory: {most}")
    print(f"  run folder: {size:,.0f} MB; exit code {process.returncode}")
    print(f"  the same command again, with no endpoint: {resumed:.0f} s, exit code {again}")
    print(
        f"  wrong: {wrong}" if wrong else "  every document there once, as answered, with its text"
    )
    return not wrong and process.returncode == again == 0


def main() -> None:
    parser = argparse.ArgumentParser(description="a run over very many documents")
    parser.add_argument("--engine", choices=[*ENGINES, "all"], default="all")
    parser.add_argument("--documents", type=int, default=100_000)
    options = parser.parse_args()
    whole = True
    for engine in ENGINES if options.engine == "all" else [options.engine]:
        with tempfile.TemporaryDirectory() as folder:
            whole &= measured(engine, options.documents, Path(folder))
    sys.exit(not whole)


if __name__ == "__main__":
    main()
