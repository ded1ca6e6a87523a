"""Forecasts: that they cost and touch nothing, what they learn, and that what comes lies within."""

from __future__ import annotations

import json
import random
import re
from dataclasses import replace
from pathlib import Path

import pytest
from builders import CRISIS, document
from conftest import Main
from fake_server import FAILS, TOKENS_IN, FakeModel, Reply

from extract.choice import Asked, choose
from extract.forecast import Counter, Outlook, Past, Range, Sums, usual
from extract.jsonl import append, read_lines
from extract.prices import price_of
from extract.split import split
from extract.totals import HISTORY, past, remember, totals_of
from extract.types import Usage

LONG = " ".join(["and the road to the market is open again"] * 40)
PLACES = ("Tarvo", "Belmin", "Corrad")
TEXT = "\n\n".join(f"On Monday 12 schools reopened in {place}, {LONG}." for place in PLACES)
ELSEWHERE = choose(Asked("fake", "http://127.0.0.1:9/v1"), CRISIS.name)
EMBEDDED = choose(Asked(), CRISIS.name)


def write(folder: Path, *names: str, text: str = TEXT) -> None:
    for name in names:
        (folder / name).write_text(text)


def row(words: str, printed: str) -> str:
    """What a table says in the row of these words."""
    found = re.search(rf"│ {re.escape(words)} +│ (.*?) +│", printed)
    return found.group(1) if found else ""


def contents(folder: Path) -> dict[str, tuple[bytes, int]]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


@pytest.mark.parametrize(
    ("options", "money"),
    [
        (("--model", "openai:gpt-5-mini"), r"\$0\.\d+ to \$\d\.\d+|\$0\.\d+ to \$0\.\d+"),
        (("--model", "openai:nobody-sells-this"), "unknown"),
        (("--model", "fake", "--base-url", "http://127.0.0.1:9/v1"), "unknown"),
        (("--model", "nobody:frob"), "unknown"),
        ((), r"\$0\.00"),
    ],
)
def test_a_forecast_needs_no_key_no_weights_and_no_server(
    options: tuple[str, ...], money: str, main: Main, tmp_path: Path
) -> None:
    """It is printed, leaves no folder, and says that it is a guess; a price that is not known is not nought."""
    write(tmp_path, "a.txt", "b.txt")
    ended = main("extract", "a.txt", "b.txt", "-o", "run", "--dry-run", *options)
    assert (ended.code, ended.err) == (0, "")
    assert "forecast for 2 documents" in ended.out
    assert re.fullmatch(money, row("money", ended.out))
    assert "has no earlier run here: wide guesses" in ended.out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.txt", "b.txt"]


def test_a_forecast_counts_what_the_run_then_asks(
    model: FakeModel, main: Main, fake: tuple[str, ...], tmp_path: Path
) -> None:
    """Only what is not done: finished documents, answered passages are left out, a changed text is counted anew."""
    write(tmp_path, "a.txt", "b.txt")
    order = ("extract", "a.txt", "b.txt", "-o", "run", *fake)
    assert row("passages", main(*order, "--dry-run").out) == "6"
    assert model.asked == []
    model.on("[1] On Monday 12 schools reopened in Corrad", FAILS, Reply({}))
    assert main(*order).code == 1
    assert len(model.asked) == 6
    before = contents(tmp_path)
    said = main(*order, "--dry-run").out
    assert (row("passages", said), row("documents done before", said)) == ("1", "1")
    assert contents(tmp_path) == before
    assert len(model.asked) == 6
    assert main(*order).code == 0
    assert len(model.asked) == 7
    said = main(*order, "--dry-run").out
    assert (row("passages", said), row("requests", said)) == ("0", "0")
    write(tmp_path, "a.txt", text=TEXT.replace("Monday", "Tuesday"))
    assert row("passages", main(*order, "--dry-run").out) == "3"


def test_a_forecast_bears_what_a_killed_run_left_and_mends_nothing(
    main: Main, fake: tuple[str, ...], tmp_path: Path
) -> None:
    """A torn last line is no document."""
    write(tmp_path, "a.txt", "b.txt")
    order = ("extract", "a.txt", "b.txt", "-o", "run", *fake)
    main(*order)
    for name in ("extractions.jsonl", "calls.jsonl"):
        path = tmp_path / "run" / name
        path.write_bytes(path.read_bytes()[:-20])
    before = contents(tmp_path / "run")
    said = main(*order, "--dry-run").out
    assert row("documents done before", said) == "1"
    assert row("passages", said) == "1"
    assert contents(tmp_path / "run") == before


def test_a_forecast_for_a_folder_of_other_settings_is_refused(
    main: Main, fake: tuple[str, ...], tmp_path: Path
) -> None:
    """As the run would be."""
    write(tmp_path, "a.txt")
    main("extract", "a.txt", "-o", "run", *fake)
    ended = main("extract", "a.txt", "-o", "run", "--profile", "small", "--dry-run", *fake)
    assert (ended.code, ended.out) == (2, "")
    assert "other settings (prompt_hash, profile)" in ended.err


def test_a_forecast_for_a_damaged_folder_is_refused(
    main: Main, fake: tuple[str, ...], tmp_path: Path
) -> None:
    """As the run would be, in one line."""
    write(tmp_path, "a.txt")
    (tmp_path / "run").mkdir()
    write(tmp_path / "run", "calls.jsonl", text="no JSON\n")
    ended = main("extract", "a.txt", "-o", "run", "--dry-run", *fake)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.strip().endswith("calls.jsonl is not JSON lines: remove the folder")


def test_an_input_that_cannot_be_read_is_told(main: Main, tmp_path: Path) -> None:
    """And the others are counted."""
    write(tmp_path, "a.txt")
    write(tmp_path, "empty.txt", text="")
    ended = main("extract", "a.txt", "empty.txt", "-o", "run", "--dry-run")
    assert ended.code == 0
    assert "empty.txt is empty" in ended.out
    assert row("inputs that cannot be read", ended.out) == "1"


def test_a_run_is_learned_from_and_compared_with_its_forecast(
    main: Main, fake: tuple[str, ...], tmp_path: Path
) -> None:
    """The next forecast of the same model is narrow, and says what it stands on; no text is kept for it."""
    names = [f"d{number}.txt" for number in range(9)]
    write(tmp_path, *names)
    first = main("extract", *names, "-o", "run", *fake).err
    assert row("requests, forecast / actual", first).endswith(" / 27")
    assert row("tokens, forecast / actual", first).endswith(f" / {27 * (TOKENS_IN + 10):,}")
    assert row("money, forecast / actual", first) == "unknown / unknown"
    assert row("time, forecast / actual", first)
    said = main("extract", *names, "-o", "other", "--dry-run", *fake).out
    assert row("requests", said) == "27"
    assert row("tokens in", said) == f"{27 * TOKENS_IN:,}"
    assert "from 9 documents of 1 earlier run of openai:fake" in said
    history = (tmp_path / "no-weights" / HISTORY).read_text()
    assert "Tarvo" not in history
    assert "d0" not in history


def test_totals_count_requests_by_their_cause(tmp_path: Path) -> None:
    """Re-asks and retries apart; the cost is known where each request's is."""
    call = {"document": "a", "sha256": "", "passage": 1, "answer": [], "tokens_in": 9}
    call |= {"tokens_cached": 0, "tokens_out": 1}
    nowhere, calls = tmp_path / "none", tmp_path / "calls.jsonl"
    append(calls, [call | {"attempts": 4, "retries": 2, "cost": 0.5}])
    append(calls, [call | {"attempts": 1, "cost": 0.25}])
    append(calls, [call | {"attempts": 0, "left_out": True}])
    totals = totals_of(nowhere, nowhere, calls)
    assert (totals["requests"], totals["reasks"], totals["retries"]) == (5, 1, 2)
    assert totals["cost"] == 0.75
    append(calls, [call | {"attempts": 1}])
    assert totals_of(nowhere, nowhere, calls)["cost"] is None


@pytest.mark.parametrize(
    ("model", "known"),
    [
        ("openai:gpt-5-mini", True),
        ("anthropic:claude-haiku-4-5", True),
        ("openai:nobody-sells-this", False),
        ("cerebras:qwen-3-coder-480b", False),  # listed without a price
        ("nobody:gpt-5-mini", False),
    ],
)
def test_a_price_is_known_or_it_is_not(model: str, known: bool) -> None:
    """From the installed data, with no network; answers cost more than prompts, and prompts seen before less."""
    price = price_of(choose(Asked(model), CRISIS.name))
    assert (price is not None) == known
    if price:
        million = 1_000_000
        assert 0 < price.of(Usage(million, million, 0)) < price.of(Usage(million))
        assert price.of(Usage(million)) < price.of(Usage(0, 0, million))


def test_a_batch_of_openai_costs_half() -> None:
    """Another server's is taken to cost what its requests do."""
    asked = Usage(1000, 0, 1000)
    for model, part in (("openai:gpt-5-mini", 0.5), ("anthropic:claude-haiku-4-5", 1)):
        choice = choose(Asked(model), CRISIS.name)
        whole, batched = price_of(choice), price_of(choice, batched=True)
        assert whole is not None
        assert batched is not None
        assert batched.of(asked) == part * whole.of(asked) > 0


def test_openai_at_another_address_has_no_price(monkeypatch: pytest.MonkeyPatch) -> None:
    """What OpenAI takes says nothing of a server that somebody set in its place."""
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    assert price_of(choose(Asked("openai:gpt-5-mini"), CRISIS.name)) is None


def test_the_schema_is_counted_where_it_is_sent_as_words() -> None:
    """As a tool, or in the prompt; a server that is held to it by grammar does not read it."""
    (passage,) = split(document("On Monday 12 schools reopened in Tarvo."), 1500)
    counted = {}
    for mode in ("json_schema", "tools", "json"):
        profile = replace(ELSEWHERE.profile, mode=mode)
        counter = Counter(replace(ELSEWHERE, profile=profile), CRISIS)
        counted[mode] = counter.work(document("x"), passage).counted
    assert counted["json_schema"] < counted["tools"] == counted["json"]


def of(documents: list[Sums]) -> Outlook:
    known = Past(tuple(documents), 1)
    return Outlook(4, known, usual(ELSEWHERE, "characters"), None)


def drawn(dice: random.Random) -> Sums:
    """A document as a collection might have it: some say much, some nothing."""
    passages = dice.randint(1, 12)
    output = passages * (2 if dice.random() < 0.2 else dice.lognormvariate(4, 0.7))
    seconds = 2 * passages + output / 20
    return Sums(
        passages, 900 * passages, 500 * passages, 250 * passages, 0, output, seconds, passages
    )


@pytest.mark.parametrize("documents", [1, 10, 60])
def test_what_comes_lies_within_the_forecast_nine_times_in_ten(documents: int) -> None:
    """Tokens and time of new documents of a collection of which sixteen were seen: at least 85 of 100 times."""
    dice = random.Random(1)
    within = {"tokens_out": 0, "seconds": 0}
    for _ in range(100):
        outlook = of([drawn(dice) for _ in range(16)])
        new = sum((drawn(dice) for _ in range(documents)), Sums())
        said = outlook.forecast(new, documents)
        within["tokens_out"] += said.tokens_out.least <= new.output <= said.tokens_out.most
        within["seconds"] += (
            said.seconds.least <= new.seconds / 4 * max(1, 4 / new.passages) <= said.seconds.most
        )
    assert all(count >= 85 for count in within.values()), within


def test_the_more_was_seen_the_narrower_the_forecast() -> None:
    """Of no document, of two, of forty; and the same each time."""
    dice = random.Random(2)
    seen = [drawn(dice) for _ in range(40)]
    new = sum((drawn(dice) for _ in range(20)), Sums())
    said = [of(seen[:count]).forecast(new, 20).tokens_out for count in (0, 2, 40)]
    widths = [one.most / one.least for one in said]
    assert widths[0] > widths[1] > widths[2] > 1
    assert of(seen).forecast(new, 20) == of(seen).forecast(new, 20)


def test_a_range_leaves_a_twentieth_out_on_each_side() -> None:
    """In whatever order the draws came."""
    assert Range.of([float(number) for number in range(100, -1, -1)]) == Range(5.0, 95.0)


def test_the_history_is_by_model_and_by_prompt_first(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Runs of another schema count where there are no others; another model or address never."""
    monkeypatch.setenv("COMMUNIQUE_HOME", str(tmp_path))
    one, two = Sums(1, 9, 9, 9, 0, 9, 4, 1), Sums(2, 9, 9, 9, 0, 9, 4, 2)
    remember(ELSEWHERE, "this", "characters", 1.5, [one])
    remember(ELSEWHERE, "other", "characters", 2.0, [two, two])
    assert past(ELSEWHERE, "this", "characters") == Past((one,), 1, True, 1.5)
    unseen = past(ELSEWHERE, "third", "characters")
    assert (len(unseen.documents), unseen.runs, unseen.alike) == (3, 2, False)
    assert past(ELSEWHERE, "this", "o200k") == Past()
    assert (
        past(replace(ELSEWHERE, base_url="http://127.0.0.1:8/v1"), "this", "characters") == Past()
    )
    assert past(EMBEDDED, "this", "characters") == Past()


def test_requests_at_once_share_the_machine_of_the_embedded_model(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Half as many at once take half as long each."""
    monkeypatch.setenv("COMMUNIQUE_HOME", str(tmp_path))
    remember(EMBEDDED, "this", "characters", 1.0, [Sums(1, 9, 9, 9, 0, 9, 4, 1)])
    fewer = replace(EMBEDDED, workers=EMBEDDED.workers // 2)
    assert past(fewer, "this", "characters").documents[0].seconds == 2


@pytest.mark.parametrize("damage", ["{", "[]", "{}", '{"documents": [[1]]}', "\x00", '"x"', "5"])
def test_a_damaged_history_is_no_history(
    damage: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What is whole in it counts, and the next run writes it anew."""
    monkeypatch.setenv("COMMUNIQUE_HOME", str(tmp_path))
    took = Sums(1, 9, 9, 9, 0, 9, 4, 1)
    remember(ELSEWHERE, "this", "characters", 1.0, [took])
    with (tmp_path / HISTORY).open("a") as file:
        file.write(damage + "\n")
    assert len(past(ELSEWHERE, "this", "characters").documents) == 1
    remember(ELSEWHERE, "this", "characters", 1.0, [took])
    assert len(list(read_lines(tmp_path / HISTORY))) == 2


def test_a_history_that_cannot_be_written_costs_nothing(
    monkeypatch: pytest.MonkeyPatch, main: Main, fake: tuple[str, ...], tmp_path: Path
) -> None:
    """The run ends as well as ever."""
    write(tmp_path, "a.txt", "file")
    monkeypatch.setenv("COMMUNIQUE_HOME", str(tmp_path / "file"))
    assert main("extract", "a.txt", "-o", "run", *fake).code == 0
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text())
    assert manifest["totals"]["reasks"] == 0
