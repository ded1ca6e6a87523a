"""What everything around the model costs: python -m evals.benchmarks.harness [--passages 1000] [--documents 10000]

A local server answers after a fixed 200 ms. Printed: the seconds for 1,000 passages at 32 in flight, against the ideal
(so many rounds of 200 ms) and against a bare loop over instructor with the same questions; and the peak memory of
runs over 1,000 and over 10,000 short documents, each in a process of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import instructor
import openai
from rich.console import Console

from evals.benchmarks.fixed_latency import answering
from extract.ask import NO_KEY, Asker, Endpoint
from extract.choice import Asked, choose
from extract.command import Order, execute
from extract.prompt import messages
from extract.read import find_inputs
from extract.run_folder import EXTRACTIONS, read_lines
from extract.split import split
from extract.types import Document
from schemas.load import load

LATENCY = 0.2
IN_FLIGHT = 32
SENTENCE = (
    "On Monday {n} schools and {m} bakeries were reopened in the town of Tarvo after repairs. "
)
KILOBYTES = 1024


def documents(folder: Path, number: int, sentences: int) -> None:
    """So many texts, each about a sentence's number of other schools."""
    for at in range(number):
        said = (SENTENCE.format(n=at * sentences + n, m=n + 2) for n in range(sentences))
        (folder / f"d{at:05}.txt").write_text("".join(said).strip() + "\n", "utf-8")


def run(folder: Path, output: Path, url: str, workers: int = IN_FLIGHT) -> float:
    """Seconds of `communique extract` over the folder, without the start of Python."""
    schema = load("crisis")
    choice = choose(Asked("fixed", url, None, workers), schema.name)
    began = time.perf_counter()
    code = execute(Order(find_inputs([str(folder)]), output, schema, choice, True), Console())
    assert code == 0
    return time.perf_counter() - began


def bare(folder: Path, url: str) -> tuple[float, int]:
    """Seconds of the same questions through instructor alone, nothing kept, and how many there are."""
    schema = load("crisis")
    choice = choose(Asked("fixed", url), schema.name)
    asker = Asker(Endpoint("fixed", base_url=url), schema, choice.profile)
    questions = []
    for path in sorted(folder.glob("*.txt")):
        document = Document(path.stem, path.read_text("utf-8"))
        for passage in split(document, choice.profile.passage):
            said = messages(schema, choice.profile, document, passage)
            questions.append((said, asker._answer_model(passage, document)))
    client = instructor.from_openai(
        openai.AsyncOpenAI(base_url=url, api_key=NO_KEY), mode=instructor.Mode.JSON_SCHEMA
    )

    async def all_of_them() -> None:
        free = asyncio.Semaphore(IN_FLIGHT)

        async def one(said: Any, model: Any) -> None:
            async with free:
                await client.create(model="fixed", messages=said, response_model=model)

        async with asyncio.TaskGroup() as group:
            for said, model in questions:
                group.create_task(one(said, model))

    began = time.perf_counter()
    asyncio.run(all_of_them())
    return time.perf_counter() - began, len(questions)


def peak(number: int, url: str) -> tuple[float, float]:
    """Megabytes that a run over so many short documents takes at most, and its seconds."""
    code = f"from evals.benchmarks.harness import measured; measured({number}, {url!r})"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    megabytes, seconds = said.stdout.split()[-2:]
    return float(megabytes), float(seconds)


def measured(number: int, url: str) -> None:
    """Runs over so many documents, and prints the peak memory of this process in megabytes, and seconds."""
    with tempfile.TemporaryDirectory() as folder:
        texts = Path(folder) / "texts"
        texts.mkdir()
        documents(texts, number, 1)
        seconds = run(texts, Path(folder) / "run", url, workers=64)
        lines = sum(1 for _ in read_lines(Path(folder) / "run" / EXTRACTIONS))
        assert lines == number
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KILOBYTES, seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description="the harness's own cost")
    parser.add_argument("--passages", type=int, default=1000)
    parser.add_argument("--documents", type=int, default=10_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        texts = Path(folder) / "texts"
        texts.mkdir()
        documents(texts, options.passages // 4, 60)  # of 4 passages each
        with answering(LATENCY * 1000) as url:
            alone, asked = bare(texts, url)
            ours = run(texts, Path(folder) / "run", url)
        ideal = math.ceil(asked / IN_FLIGHT) * LATENCY
        print(f"{asked} passages, {IN_FLIGHT} in flight, ideal {ideal:.2f} s")
        print(f"communique      {ours:6.2f} s, {ours / ideal:.3f} of the ideal")
        print(f"instructor loop {alone:6.2f} s, {alone / ideal:.3f} of the ideal")
    with answering(1) as url:
        for number in (options.documents // 10, options.documents):
            megabytes, seconds = peak(number, url)
            speed = f"{number / seconds:.0f} documents/s"
            print(f"{number:6} short documents: {megabytes:.0f} MB at most, {speed}")


if __name__ == "__main__":
    main()
