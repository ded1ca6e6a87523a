"""An extraction of the gold's texts, to be scored: by a model, or by what one said before."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from evals.gold import Gold
from evals.recording import Recording
from evals.sessions import Player, Recorder
from extract.choice import Choice
from extract.command import Order, asked_by, execute
from extract.errors import UsageError
from extract.read import Input
from schemas.describe import Schema


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What is evaluated on which gold. `run`: where the run goes; `cassettes`: where answers are kept."""

    schema: Schema
    gold: Gold
    run: Path
    cassettes: Path

    def inputs(self) -> dict[str, Input]:
        """The texts by the ids of their gold. Raises UsageError where one is missing."""
        missing = [name for name in self.gold.documents if name not in self.gold.files]
        if missing:
            raise UsageError(f"no text for {', '.join(missing)}: say where with --texts")
        return {name: Input(name, path) for name, path in self.gold.files.items()}


def live(
    of: Evaluation, choice: Choice, console: Console, profile: str | None, record: bool
) -> int:
    """Asks the model; `record`: keeps its answers. Returns the exit code of the run."""
    session = Recorder(choice, profile, of.cassettes) if record else None
    inputs = list(of.inputs().values())
    return execute(Order(inputs, of.run, of.schema, choice, session=session), console)


def replay(of: Evaluation) -> dict[str, int]:
    """Plays the recorded answers; UsageError where they are not to today's questions.

    Returns how many were not asked for, by document.
    """
    recording = Recording.read(of.cassettes)
    choice, inputs = recording.choice(of.schema), of.inputs()
    faults = list(recording.stale(choice, asked_by(of.schema, choice.profile)))
    faults += [f"{name} {why}" for name, why in recording.strange(inputs)]
    if faults:
        raise UsageError(
            f"{of.cassettes} does not fit any more: {'; '.join(faults)}; "
            "record again with communique eval run --record"
        )
    player = Player(recording, choice, of.cassettes)
    order = Order(list(inputs.values()), of.run, of.schema, choice, True, player)
    execute(order, Console(stderr=True))
    return player.unplayed
