"""What can go wrong, each with the exit code of the command.

CommuniqueError
├── UsageError          2  the command was called wrongly: no such schema, model, option value, run folder
├── LimitError          1  a limit of the user's was reached; what is finished is kept
├── RestError           1  documents wait for a batch's answers; the others are finished
├── NothingToDoError    3  nothing could be run: no document readable, no model to be had, no disk space
│   └── EngineError        3  the embedded engine is not there, or does not start
├── ReadError              one input cannot be read; the others go on (exit 1)
└── AskError               one passage got no usable answer; the others go on (exit 1)
    ├── NotAnsweredError   a batch's answer is not there yet: its document waits
    └── TooLongError       the answer did not fit: the passage is halved and asked again
"""

from __future__ import annotations

from extract.types import Answer


class CommuniqueError(Exception):
    """The message is one line for the user: what was wrong, where, and what to do."""

    exit_code = 1


class UsageError(CommuniqueError):
    exit_code = 2


class NothingToDoError(CommuniqueError):
    exit_code = 3


class ReadError(CommuniqueError):
    """One input cannot be read."""


class AskError(CommuniqueError):
    """One passage got no usable answer. `spent`: what asking took all the same, without drafts."""

    def __init__(self, message: str, spent: Answer | None = None) -> None:
        super().__init__(message)
        self.spent = spent or Answer(())


class TooLongError(AskError):
    """The answer was cut off at the token limit."""


def first_line(fault: object) -> str:
    """What an error of a library says first, short enough for a line of ours."""
    return (str(fault).strip().splitlines() or [type(fault).__name__])[0][:300]
