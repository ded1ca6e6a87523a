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
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from filelock import FileLock, Timeout

from extract.errors import NothingToDoError, UsageError
from extract.finished import Finished
from extract.jsonl import append, mend, read_lines, rewrite, write_whole, writing
from extract.output import Line, line_of, lost_line
from extract.totals import totals_of
from extract.types import Answer, Document, Draft, Extraction, Passage
from schemas.describe import Schema

__all__ = ["RunFolder", "read_lines"]

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
        except (FileExistsError, NotADirectoryError):
            raise UsageError(f"{path} is no folder: name another one") from None
        except OSError as fault:
            raise NothingToDoError(f"{path} cannot be written: {fault.strerror or fault}") from None
        self.finished = Finished()
        """The documents that have their line."""
        try:
            self._seconds = 0.0
            self._check_settings(settings)
            for name in (EXTRACTIONS, LOST, ERRORS, CALLS):
                mend(path / name)
            try:
                self._documents()
                self._drop_halves()
                self._answered()
            except (KeyError, TypeError, AttributeError):
                raise UsageError(f"{path} has lines of another form: name another folder") from None
        except BaseException:
            self._close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def _close(self) -> None:
        self.finished.close()
        self._lock.release()

    def _check_settings(self, settings: Settings) -> None:
        try:
            manifest = json.loads((self.path / MANIFEST).read_text("utf-8"))
            old = _flat(manifest["settings"])
            self._seconds = float(manifest.get("totals", {}).get("seconds", 0))
        except FileNotFoundError:
            if (self.path / EXTRACTIONS).exists():
                raise UsageError(
                    f"{self.path} has extractions and no {MANIFEST}: name another folder"
                ) from None
            self.write_manifest({"settings": dict(settings)})
            return
        except (ValueError, KeyError, TypeError, AttributeError):
            raise UsageError(f"{self.path / MANIFEST} is damaged: name another folder") from None
        new = _flat(json.loads(json.dumps(dict(settings))))
        differ = sorted(key for key in {*old, *new} if old.get(key) != new.get(key))
        if not any((self.path / name).exists() for name in (EXTRACTIONS, CALLS)):
            self.write_manifest({"settings": dict(settings)})  # nothing was found with the old ones
        elif differ:
            said = "; ".join(f"{k} was {old.get(k)}, now {new.get(k)}" for k in differ)
            raise UsageError(
                f"{self.path} holds a run with other settings ({said}): name another folder"
            )

    def _documents(self) -> None:
        self.incomplete: set[str] = set()
        """The ids of those with failed passages."""

        def hashes() -> Iterator[tuple[str, str]]:
            for line in read_lines(self.path / EXTRACTIONS):
                yield line["document"]["id"], line["document"]["sha256"]
                if line.get("incomplete"):
                    self.incomplete.add(line["document"]["id"])

        self.finished.add(hashes())

    def _drop_halves(self) -> None:
        """Lines of a document that was killed before its own was written; it will be written again."""
        self._unreadable: dict[str, Line] = {}
        for name in (LOST, ERRORS):
            halves = 0
            for line in read_lines(self.path / name):
                if "source" in line:
                    self._unreadable[line["document"]] = line
                else:
                    halves += line["document"] not in self.finished
            if halves:
                rewrite(
                    self.path / name,
                    lambda line: "source" in line or line["document"] in self.finished,
                )

    def _answered(self) -> None:
        """Answers of documents that are not done, by the key of their question: they are not asked again."""
        self._answers: dict[str, Answer] = {}
        self._halved: set[str] = set()
        for line in read_lines(self.path / CALLS):
            if self._done(line["document"], line["sha256"]):
                continue
            if line.get("halved"):
                self._halved.add(line["key"])
            elif line["answer"] is not None:
                drafts = tuple(Draft(**draft) for draft in line["answer"])
                self._answers[line["key"]] = Answer(drafts)

    def _done(self, document_id: str, sha256: str) -> bool:
        return self.finished.get(document_id) == sha256 and document_id not in self.incomplete

    def has(self, document: Document) -> bool:
        """Whether all of the document was extracted, from this very text."""
        return self._done(document.id, document.sha256)

    def answer(self, key: str) -> Answer | None:
        """What the model said to that question before, if it did."""
        return self._answers.get(key)

    def was_halved(self, key: str) -> bool:
        """Whether that question was too long for one answer."""
        return key in self._halved

    def keep_call(
        self,
        document: Document,
        passage: Passage,
        key: str,
        answer: Answer,
        *,
        error: str | None = None,
        halved: bool = False,
    ) -> None:
        """One request on disk: what it took, and its answer or why there is none."""
        line = _call_line(document, passage, answer) | {"key": key}
        line["answer"] = None if error else [_draft_line(draft) for draft in answer.drafts]
        line |= {"error": error} if error else {}
        line |= {"halved": True} if halved else {}
        append(self.path / CALLS, [line], sync=False)  # a power cut may cost an answer, no document

    def keep_left_out(self, document: Document, passages: Sequence[Passage]) -> None:
        """Passages that nobody is asked about, among the requests and without one."""
        nothing = {"key": None, "answer": None, "left_out": True}
        lines = (
            _call_line(document, passage, Answer((), attempts=0)) | nothing for passage in passages
        )
        append(self.path / CALLS, lines, sync=False)

    def keep(self, schema: Schema, extraction: Extraction) -> Line:
        """A document on disk; it counts as done when its own line is there, which is written last."""
        document = extraction.document
        texts = self.path / TEXTS
        with writing(texts):
            texts.mkdir(exist_ok=True)
        write_whole(texts / f"{document.id}.txt", document.text)
        lost = [lost_line(document, lost) for lost in extraction.lost]
        errors: list[Line] = [
            {"document": document.id, "passage": gap.passage, "start": gap.start, "end": gap.end}
            | {"error": gap.reason}
            for gap in extraction.gaps
        ]
        line = line_of(schema, extraction)
        for name, lines in ((LOST, lost), (ERRORS, errors), (EXTRACTIONS, [line])):
            if document.id in self.finished:
                rewrite(self.path / name, lambda old: _id_of(old) != document.id, lines)
            else:
                append(self.path / name, lines)
        self.finished.add([(document.id, document.sha256)])
        (self.incomplete.add if extraction.gaps else self.incomplete.discard)(document.id)
        return line

    def keep_unreadable(self, document_id: str, source: str, reason: str) -> None:
        """An input that could not be read, once."""
        line = {"document": document_id, "source": source, "error": reason}
        if self._unreadable.get(document_id) != line:
            self.readable(document_id)
            append(self.path / ERRORS, [line])
            self._unreadable[document_id] = line

    def readable(self, document_id: str) -> None:
        """Takes back that an input could not be read."""
        if self._unreadable.pop(document_id, None):
            rewrite(
                self.path / ERRORS,
                lambda line: "source" not in line or line["document"] != document_id,
            )

    def write_manifest(self, manifest: Mapping[str, Any]) -> None:
        """The manifest, replaced as a whole."""
        text = json.dumps(manifest, indent=1, ensure_ascii=False) + "\n"
        write_whole(self.path / MANIFEST, text)

    def totals(self, seconds: float) -> Line:
        """What the folder holds after all its runs, the last of which took so long."""
        files = (self.path / name for name in (EXTRACTIONS, LOST, CALLS))
        counted = totals_of(*files)
        unreadable, seconds = len(self._unreadable), round(self._seconds + seconds, 1)
        return counted | {"unreadable": unreadable, "seconds": seconds}


def _flat(settings: Settings, prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in settings.items():
        inner = (
            _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value}
        )
        flat |= inner
    return flat


def _id_of(line: Line) -> Any:
    said = line["document"]
    return said["id"] if isinstance(said, dict) else said


def _call_line(document: Document, passage: Passage, answer: Answer) -> Line:
    return {
        "document": document.id,
        "sha256": document.sha256,
        "passage": passage.number,
        "start": passage.start,
        "end": passage.end,
        "tokens_in": answer.usage.prompt,
        "tokens_cached": answer.usage.cached,
        "tokens_out": answer.usage.output,
        "seconds": round(answer.seconds, 3),
        "attempts": answer.attempts,
        "retries": answer.retries,
        "cost": answer.cost,
    } | ({"answered_by": answer.answered_by} if answer.answered_by else {})


def _draft_line(draft: Draft) -> Line:
    return {
        "kind": draft.kind,
        "values": draft.values,
        "sentence": draft.sentence,
        "quote": draft.quote,
    }
