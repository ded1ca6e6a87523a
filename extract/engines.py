"""Who carries a run out: this process, a Ray cluster, or an endpoint's batches."""

from __future__ import annotations

from rich.console import Console

from extract.batch_run import Submitted
from extract.command import Order, Session
from extract.errors import UsageError
from extract.ray_engine import RaySession

ENGINES = ("local", "ray", "batch")


def session_of(
    engine: str, order: Order, console: Console, ray_address: str | None = None
) -> Session | None:
    """The engine's session; None for this process itself. Raises UsageError."""
    if engine not in ENGINES:
        raise UsageError(f"no engine {engine!r}: choose {', '.join(ENGINES)}")
    if ray_address and engine != "ray":
        raise UsageError("--ray-address needs --engine ray")
    if engine == "local":
        return None
    if engine == "ray":
        return RaySession(order.choice, ray_address, order.cached)
    if order.caps.seconds is not None:
        raise UsageError(
            "--max-time does not hold for --engine batch, since the endpoint takes the time that it likes, up to a "
            "day: give --max-cost or --max-tokens"
        )

    def say(words: str) -> None:
        if not order.quiet:
            console.print(words, markup=False, highlight=False, soft_wrap=True)

    return Submitted(order.choice, order.output, say)
