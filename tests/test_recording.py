"""Answers that are recorded, played and linted. The model is a fake one; the real one's answers lie in the corpus."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from conftest import Ended, Main
from fake_server import FakeModel, Reply

from evals.lint import SECRETS, secrets
from extract.jsonl import read_lines

CANARY = "sk-canary-77ab-0123456789"
TOWNS = ("Tarvo", "Belmin")
SCHOOLS = {"facility_type": "school", "name": "schools", "count": 12, "status": "restored"}


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    """Two labelled texts, of one school record each."""
    folder = tmp_path / "gold"
    folder.mkdir()
    for town in TOWNS:
        text = f"On Monday 12 schools reopened in {town}."
        (folder / f"{town}.txt").write_text(text)
        line = {"document": {"id": town}, "facilities": [SCHOOLS | {"place": town, "evidence": []}]}
        (folder / f"{town}.json").write_text(json.dumps(line))
    return folder


@pytest.fixture
def recorded(gold: Path, main: Main, model: FakeModel, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The gold, with what the fake model said beside it."""
    monkeypatch.setenv("COMMUNIQUE_API_KEY", CANARY)
    for town in TOWNS:
        said = {key: value for key, value in SCHOOLS.items() if key != "facility_type"}
        model.on(town, Reply({"facilities": [{"at": 1, "type": "school", "place": town} | said]}))
    ended = _record(main, gold, model)
    assert ended.code == 0, ended.err
    return gold


def _record(main: Main, gold: Path, model: FakeModel, *more: object) -> Ended:
    fake = ("--model", "fake", "--base-url", model.url)
    return main("eval", "run", "--gold", gold, "--record", *fake, *more)


def _replay(main: Main, gold: Path, *more: object) -> Ended:
    return main("eval", "run", "--gold", gold, "--replay", *more)


def _cassette(gold: Path, town: str = "Tarvo") -> Path:
    return gold / "cassettes" / f"{town}.yaml"


def _edit(path: Path, change: Callable[[str], str]) -> None:
    before = path.read_text()
    path.write_text(change(before))
    assert path.read_text() != before


def test_a_replay_gives_what_the_recording_gave_with_nobody_to_ask(
    recorded: Path, main: Main, model: FakeModel, tmp_path: Path
) -> None:
    """The records, tokens and seconds are those of the recording, and no request is sent."""
    asked = len(model.asked)
    cards = [tmp_path / "a.json", tmp_path / "b.json"]
    assert _record(main, recorded, model, "--json", cards[0]).code == 0
    assert _replay(main, recorded, "--json", cards[1]).code == 0
    assert len(model.asked) == asked == len(TOWNS)
    first, second = (json.loads(card.read_text()) for card in cards)
    assert first["headline"]["record_f1"]["value"] == 1.0
    assert first["headline"] == second["headline"]
    assert first["spent"] == second["spent"]
    assert second["spent"]["tokens_out"] > 0


def test_a_second_recording_asks_only_what_is_new(
    recorded: Path, main: Main, model: FakeModel
) -> None:
    """A text that changed is asked about anew, and its old answers go."""
    (recorded / "Tarvo.txt").write_text("On Tuesday 12 schools reopened in Tarvo.")
    before = _cassette(recorded, "Belmin").read_bytes()
    assert _record(main, recorded, model).code == 0
    assert len(model.asked) == len(TOWNS) + 1
    assert len(yaml.safe_load(_cassette(recorded).read_text())["interactions"]) == 1
    assert _cassette(recorded, "Belmin").read_bytes() == before
    assert main("eval", "cassettes", "--gold", recorded).code == 0


def test_another_model_starts_a_recording_anew(
    recorded: Path, main: Main, model: FakeModel
) -> None:
    """One model's answers never pass for another's."""
    other = ("--model", "fake-2", "--base-url", model.url)
    assert main("eval", "run", "--gold", recorded, "--record", *other).code == 0
    assert len(model.asked) == 2 * len(TOWNS)


def test_a_document_that_is_gone_takes_its_cassette_along(
    recorded: Path, main: Main, model: FakeModel
) -> None:
    """A recording holds what the gold holds."""
    for file in recorded.glob("Belmin.*"):
        file.unlink()
    assert _record(main, recorded, model).code == 0
    assert not _cassette(recorded, "Belmin").exists()
    assert main("eval", "cassettes", "--gold", recorded).code == 0


@pytest.mark.parametrize(
    ("file", "change", "says"),
    [
        ("Tarvo.txt", lambda text: text.replace("12", "13"), "Tarvo its text changed"),
        (
            "cassettes/recording.json",
            lambda text: re.sub(r'"prompt_hash": "\w+', '"prompt_hash": "0', text),
            "the prompt changed",
        ),
        (
            "cassettes/recording.json",
            lambda text: re.sub(r'"schema_hash": "\w+', '"schema_hash": "0', text),
            "the schema changed",
        ),
        (
            "cassettes/recording.json",
            lambda text: text.replace('"passage": 1500', '"passage": 900'),
            "the profile's passage changed (was 900, now 1500)",
        ),
        (
            "cassettes/recording.json",
            lambda text: re.sub(r'"[0-9a-f]{24}"', '"0"', text),
            "passage 1, is asked otherwise than it was recorded",
        ),
        (
            "cassettes/Tarvo.yaml",
            lambda text: text.replace("On Monday", "On Friday"),
            "Tarvo, passage 1, is asked otherwise than it was recorded",
        ),
        ("cassettes/recording.json", lambda text: text[:-9], "recording.json is damaged"),
        ("cassettes/Tarvo.yaml", lambda text: text[:-9] + '"', "Tarvo.yaml is damaged"),
    ],
)
def test_a_recording_that_does_not_fit_is_refused(
    recorded: Path, main: Main, file: str, change: Callable[[str], str], says: str
) -> None:
    """One line says what changed; nothing is scored."""
    _edit(recorded / file, change)
    ended = _replay(main, recorded)
    assert ended.code == 2
    assert says in ended.err
    assert "record again" in ended.err
    assert not ended.out
    assert len(ended.err.splitlines()) == 1


def test_a_cassette_that_is_missing_is_refused(recorded: Path, main: Main) -> None:
    """And no scorecard of the others passes for the whole."""
    _cassette(recorded).unlink()
    ended = _replay(main, recorded)
    assert (ended.code, ended.out) == (2, "")
    assert "Tarvo.yaml is missing" in ended.err


def test_a_document_that_was_not_recorded_is_refused(recorded: Path, main: Main) -> None:
    """Gold that came later is named."""
    for ending in ("txt", "json"):
        shutil.copy(recorded / f"Tarvo.{ending}", recorded / f"Corrad.{ending}")
    _edit(recorded / "Corrad.json", lambda text: text.replace("Tarvo", "Corrad"))
    ended = _replay(main, recorded)
    assert ended.code == 2
    assert "Corrad is not recorded" in ended.err


def test_re_asked_and_halved_answers_are_played_too(
    gold: Path, main: Main, model: FakeModel, tmp_path: Path
) -> None:
    """An answer that broke the schema, and one that was cut off, stand in the cassette as they came."""
    text = "On Monday 12 schools reopened in Tarvo. On Friday a bakery opened in Tarvo."
    (gold / "Tarvo.txt").write_text(text)
    good = Reply({"facilities": [{"type": "bakery", "name": "bakery", "status": "restored"}]})
    model.on("[1] On Friday", good)
    model.on("[2] On Friday", Reply('{"facilities": [{"type"', cut=True))
    model.on("Belmin", Reply({"facilities": 7}), Reply({}))
    assert _record(main, gold, model, "-o", tmp_path / "live").code == 0
    asked = len(model.asked)
    assert asked > len(TOWNS) + 1
    assert _replay(main, gold, "-o", tmp_path / "replayed").code == 0
    assert len(model.asked) == asked
    runs = [list(read_lines(tmp_path / run / "extractions.jsonl")) for run in ("live", "replayed")]
    assert runs[0] == runs[1]
    assert main("eval", "cassettes", "--gold", gold).code == 0


def test_no_key_address_or_header_is_recorded(recorded: Path, model: FakeModel) -> None:
    """What was sent along with the questions stays at home."""
    sent = {asked.headers["authorization"] for asked in model.asked}
    assert sent == {f"Bearer {CANARY}"}
    for path in (recorded / "cassettes").iterdir():
        for word in (CANARY, "127.0.0.1", model.url.split(":")[2], "user-agent", "authorization"):
            assert word not in path.read_text().lower(), (path.name, word)


@pytest.mark.parametrize(
    ("file", "change", "says"),
    [
        ("Tarvo.yaml", lambda text: text.replace("http://recorded", "http://a:b@c"), "address"),
        ("Tarvo.yaml", lambda text: text.replace("completions", "completions?k=v"), "address"),
        (
            "Tarvo.yaml",
            lambda text: text.replace("headers: {}", "headers: {Cookie: [a]}"),
            "request's headers: the header Cookie",
        ),
        (
            "Tarvo.yaml",
            lambda text: text.replace("On Monday", f"On {CANARY}"),
            "question: an OpenAI-like key",
        ),
        (
            "Tarvo.yaml",
            lambda text: text.replace("recorded", CANARY),
            "the value of COMMUNIQUE_API_KEY",
        ),
        (
            "Tarvo.yaml",
            lambda text: (
                text + text[len("interactions:\n") : text.index("version:")]
                if text.startswith("interactions:")
                else text
            ),
            "Tarvo.yaml",
        ),
    ],
)
def test_the_lint_finds_what_must_not_be_told(
    recorded: Path, main: Main, file: str, change: Callable[[str], str], says: str
) -> None:
    """In the address, the headers and both bodies; the secret itself is not repeated."""
    _edit(recorded / "cassettes" / file, change)
    ended = main("eval", "cassettes", "--gold", recorded)
    assert ended.code in (1, 2)
    assert says in ended.out + ended.err
    assert CANARY not in ended.out + ended.err


@pytest.mark.parametrize("what", sorted(SECRETS))
def test_a_secret_is_known_by_its_shape(tmp_path: Path, what: str) -> None:
    """Each shape is found in an answer, and ordinary words are not."""
    text = {
        "an OpenAI-like key": "sk-proj-abcdefghijklmnop1234",
        "a GitHub token": "ghp_" + "a1" * 18,
        "a GitLab token": "glpat-" + "a1" * 10,
        "an AWS access key": "AKIA" + "A1" * 8,
        "a Google API key": "AIza" + "a1" * 18,
        "a Hugging Face token": "hf_" + "aB" * 15,
        "a Slack token": "xoxb-" + "12" * 8,
        "a JSON web token": "eyJ" + "a1" * 8 + ".eyJ" + "b2" * 8 + ".sig",
        "a private key": "-----BEGIN RSA PRIVATE KEY-----",
        "a bearer token": "Authorization: Bearer " + "a1" * 10,
        "a named key": "api_key=" + "a1" * 10,
    }[what]
    path = tmp_path / "one.yaml"
    for said, found in (
        (text, True),
        ("The bearer of the letter spoke of a secret: peace.", False),
    ):
        body = {"string": said}
        of = {
            "request": {"uri": "http://recorded/v1", "headers": {}, "body": ""},
            "response": {"headers": {}, "body": body},
        }
        path.write_text(yaml.safe_dump({"interactions": [of]}))
        assert bool([fault for fault in secrets(path) if what in fault]) is found


def test_the_lint_finds_orphans_and_answers_that_nobody_asks_for(
    recorded: Path, main: Main
) -> None:
    """What the gold does not have, what recording.json does not have, and what is never played."""
    shutil.copy(_cassette(recorded), _cassette(recorded, "Nowhere"))
    of = yaml.safe_load(_cassette(recorded).read_text())
    of["interactions"].append(
        yaml.safe_load(_cassette(recorded, "Belmin").read_text())["interactions"][0]
    )
    _cassette(recorded).write_text(yaml.safe_dump(of))
    ended = main("eval", "cassettes", "--gold", recorded)
    assert ended.code == 1
    assert "orphaned: Nowhere: there is no gold for it" in ended.out
    assert "orphaned: Nowhere: it has no entry in recording.json" in ended.out
    assert "unplayed: Tarvo: 1 recorded answers that nobody asks for" in ended.out
    assert "3 cassettes, 3 faults" in ended.out


def test_the_lint_says_that_a_recording_is_stale(recorded: Path, main: Main) -> None:
    """As the replay would."""
    _edit(recorded / "Tarvo.txt", lambda text: text.replace("12", "13"))
    ended = main("eval", "cassettes", "--gold", recorded)
    assert ended.code == 1
    assert "stale: " in ended.out


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--record", "--replay"), "choose one"),
        (("--replay", "--model", "fake"), "leave model and workers out"),
        ((), "give -o RUN"),
        (("--replay",), "holds no recording"),
        (("--replay", "-o", "."), "name a new folder"),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    gold: Path, main: Main, options: tuple[str, ...], says: str
) -> None:
    """With the exit code of wrong use."""
    ended = main("eval", "run", "--gold", gold, *options)
    assert ended.code == 2
    assert says in ended.err


def test_gold_without_its_text_is_refused(gold: Path, main: Main, model: FakeModel) -> None:
    """There is nothing to extract; it is named."""
    (gold / "Tarvo.txt").unlink()
    ended = _record(main, gold, model)
    assert ended.code == 2
    assert "no text for Tarvo" in ended.err


def test_a_live_run_is_scored_too(gold: Path, main: Main, model: FakeModel, tmp_path: Path) -> None:
    """Into a run folder that a second run resumes."""
    fake = ("--model", "fake", "--base-url", model.url, "-o", tmp_path / "run")
    for _ in range(2):
        ended = main("eval", "run", "--gold", gold, *fake)
        assert ended.code == 0
        assert "records recall" in ended.out
    assert len(model.asked) == len(TOWNS)
    assert not (gold / "cassettes").exists()
