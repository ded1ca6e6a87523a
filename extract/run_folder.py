"""The folder of a run: what was found, lost and asked, written so that a run can be killed at any moment and go on.

manifest.json       model, weights, prompt, schema, versions, settings, totals
extractions.jsonl   one line a document, by the contract
lost.jsonl          what the model said and the text does not bear out
errors.jsonl        inputs that could not be read, passages that got no answer
calls.jsonl         every request: what it took, and what the model answered
texts/ID.txt        the text that the offsets point into
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import jsonlines
from filelock import FileLock, Timeout

from extract.errors import NothingToDoError, UsageError
from extract.output import Line, line_of, lost_line
from extract.types import Answer, Document, Draft, Extraction, Passage
from schemas.describe import Schema

EXTRACTIONS, LOST, ERRORS, CALLS = (
    "extractions.jsonl",
    "lost.jsonl",
    "errors.jsonl",
    "calls.jsonl",
)
MANIFEST = "manifest.json"
TEXTS = "texts"
Settings = Mapping[str, Any]


class RunFolder:
    """An open run folder; nobody else can open it meanwhile."""

    def __init__(self, path: Path, settings: Settings) -> None:
        """Creates or resumes. Raises UsageError where it belongs to other settings or is in use."""
        self.path = path
        self._lock = FileLock(str(path / ".lock"), timeout=0)
        try:
            path.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
        except Timeout:
            raise UsageError(
                f"{path} is in use by another run: wait for it, or name another folder"
            ) from None
        except OSError as fault:
            raise NothingToDoError(f"{path} cannot be written: {fault.strerror or fault}") from None
        try:
            self._check_settings(settings)
            for name in (EXTRACTIONS, LOST, ERRORS, CALLS):
                _mend(path / name)
            self.finished, self.incomplete = self._documents()
            self._answers = self._answered()
        except BaseException:
            self._lock.release()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._lock.release()

    def _check_settings(self, settings: Settings) -> None:
        try:
            old = json.loads((self.path / MANIFEST).read_text("utf-8"))["settings"]
        except FileNotFoundError:
            if (self.path / EXTRACTIONS).exists():
                raise UsageError(
                    f"{self.path} has extractions and no {MANIFEST}: name another folder"
                ) from None
            self.write_manifest({"settings": dict(settings)})
            return
        except (ValueError, KeyError, TypeError):
            raise UsageError(f"{self.path / MANIFEST} is damaged: name another folder") from None
        new = json.loads(json.dumps(dict(settings)))
        if differ := sorted(key for key in {*old, *new} if old.get(key) != new.get(key)):
            said = "; ".join(f"{k} was {old.get(k)}, now {new.get(k)}" for k in differ)
            raise UsageError(
                f"{self.path} holds a run with other settings ({said}): name another folder"
            )

    def _documents(self) -> tuple[dict[str, str], set[str]]:
        """Hash by id of the documents that are done, and the ids of those with failed passages."""
        finished: dict[str, str] = {}
        incomplete = set()
        for line in read_lines(self.path / EXTRACTIONS):
            finished[line["document"]["id"]] = line["document"]["sha256"]
            if line.get("incomplete"):
                incomplete.add(line["document"]["id"])
        return finished, incomplete

    def _answered(self) -> dict[str, Answer]:
        """Answers of documents that are not done, by the key of their question: they are not asked again."""
        answers = {}
        for line in read_lines(self.path / CALLS):
            done = line["document"] in self.finished and line["document"] not in self.incomplete
            if not done and line["answer"] is not None:
                answers[line["key"]] = Answer(tuple(Draft(**draft) for draft in line["answer"]))
        return answers

    def answer(self, key: str) -> Answer | None:
        """What the model said to that question before, if it did."""
        return self._answers.get(key)

    def keep_call(
        self, document: Document, passage: Passage, key: str, outcome: Answer | str
    ) -> None:
        """One request on disk: its answer, or why there is none."""
        answer = outcome if isinstance(outcome, Answer) else Answer(())
        line: Line = {
            "document": document.id,
            "passage": passage.number,
            "start": passage.start,
            "end": passage.end,
            "key": key,
            "tokens_in": answer.usage.prompt,
            "tokens_cached": answer.usage.cached,
            "tokens_out": answer.usage.output,
            "seconds": round(answer.seconds, 3),
            "attempts": answer.attempts,
            "answer": None,
        }
        if isinstance(outcome, Answer):
            line["answer"] = [_draft_line(draft) for draft in outcome.drafts]
        else:
            line["error"] = outcome
        self._append(CALLS, [line])

    def keep(self, schema: Schema, extraction: Extraction) -> Line:
        """A document on disk; it counts as done when its own line is there, which is written last."""
        document = extraction.document
        texts = self.path / TEXTS
        with _writing(texts):
            texts.mkdir(exist_ok=True)
            (texts / f"{document.id}.txt").write_bytes(document.text.encode())
        lost = [lost_line(document, lost) for lost in extraction.lost]
        errors: list[Line] = [
            {"document": document.id, "passage": gap.passage, "start": gap.start, "end": gap.end}
            | {"error": gap.reason}
            for gap in extraction.gaps
        ]
        line = line_of(schema, extraction)
        again = document.id in self.finished
        for name, lines in ((LOST, lost), (ERRORS, errors), (EXTRACTIONS, [line])):
            if again:
                self._replace(name, document.id, lines)
            else:
                self._append(name, lines)
        self.finished[document.id] = document.sha256
        (self.incomplete.add if extraction.gaps else self.incomplete.discard)(document.id)
        return line

    def keep_unreadable(self, document_id: str, source: str, reason: str) -> None:
        """An input that could not be read, once."""
        line = {"document": document_id, "source": source, "error": reason}
        if line not in list(read_lines(self.path / ERRORS)):
            self._append(ERRORS, [line])

    def write_manifest(self, manifest: Mapping[str, Any]) -> None:
        """The manifest, replaced as a whole."""
        _write_whole(
            self.path / MANIFEST, json.dumps(manifest, indent=1, ensure_ascii=False) + "\n"
        )

    def _append(self, name: str, lines: Iterable[Line]) -> None:
        lines = list(lines)
        if not lines:
            return
        with _writing(self.path / name), (self.path / name).open("a", encoding="utf-8") as file:
            with jsonlines.Writer(file) as writer:
                writer.write_all(lines)
            file.flush()
            os.fsync(file.fileno())

    def _replace(self, name: str, document_id: str, lines: Iterable[Line]) -> None:
        """What a file says of a document gives way to the new lines, or to none of them if that cannot be written."""
        path, made = self.path / name, self.path / f"{name}.new"
        with _writing(path):
            with jsonlines.open(made, "w") as writer:
                for line in read_lines(path):
                    said = line["document"]
                    if (said["id"] if isinstance(said, dict) else said) != document_id:
                        writer.write(line)
                writer.write_all(lines)
            os.replace(made, path)


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Turns what the disk refuses into one line for the user; a torn line is mended when the run goes on."""
    try:
        yield
    except OSError as fault:
        raise NothingToDoError(
            f"{path} cannot be written: {fault.strerror or fault}; what is finished is kept, "
            "mend that and give the same command again"
        ) from None


def _draft_line(draft: Draft) -> Line:
    return {
        "kind": draft.kind,
        "values": draft.values,
        "sentence": draft.sentence,
        "quote": draft.quote,
    }


def read_lines(path: Path) -> Iterator[Line]:
    """The objects of a JSONL file, none where there is no file. Raises UsageError at a line that is none."""
    if not path.exists():
        return
    try:
        with jsonlines.open(path) as reader:
            yield from reader.iter(type=dict, skip_empty=True)
    except (jsonlines.Error, UnicodeDecodeError) as fault:
        where = f" line {fault.lineno}" if isinstance(fault, jsonlines.InvalidLineError) else ""
        raise UsageError(
            f"{path}{where} is not JSON lines: remove the line, or the folder"
        ) from None


def _mend(path: Path) -> None:
    """Cuts a torn last line off: its document was not done, and will be asked about again."""
    if not path.exists() or path.stat().st_size == 0:
        return
    with path.open("rb+") as file:
        size = file.seek(0, os.SEEK_END)
        keep, block = size, 1 << 16
        while keep > 0:
            start = max(0, keep - block)
            file.seek(start)
            at = file.read(keep - start).rfind(b"\n")
            if at >= 0:
                keep = start + at + 1
                break
            keep = start
        if keep < size:
            file.truncate(keep)


def _write_whole(path: Path, text: str) -> None:
    made = path.with_name(path.name + ".new")
    with _writing(path):
        with made.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(made, path)
