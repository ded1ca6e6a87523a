"""The page of a scorecard: every error in its place, no words of a document at work, nobody asked for anything."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from test_page import HOSTILE, Seen, seen

from evals.gold import Gold, Run, read_run
from evals.page import write_scorecard
from evals.score import score
from extract.errors import UsageError
from schemas.load import load

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
CRISIS = load("crisis")
TEXT = "Two schools were opened in Homs. A bakery is closed. Ten wells are planned. 5 bridges fell."
Line = dict[str, Any]


def facility(words: str, **values: Any) -> Line:
    start = TEXT.index(words)
    base = {"facility_type": "school", "name": words, "status": "restored"}
    return base | values | {"evidence": [{"start": start, "end": start + len(words)}]}


def line(name: str, *records: Line, text: str = TEXT, **more: Any) -> Line:
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    held: dict[str, Any] = {kind.name: [] for kind in CRISIS.kinds}
    heading = {"id": name, "title": f"Title of {name}", "sha256": sha256}
    return held | {"document": heading, "facilities": list(records)} | more


SCHOOLS = facility("Two schools were opened in Homs.", name="schools", count=2)
BAKERY = facility("A bakery is closed.", name="bakery", count=1, facility_type="bakery")
WELLS = facility("Ten wells are planned.", name="wells", count=10, status="planned")
BRIDGES = facility("5 bridges fell.", name="bridges", count=5, facility_type="bridge")


def written(tmp_path: Path, gold: list[Line], run: list[Line], **texts: str) -> Path:
    """The page of that run against that gold, over the one text if no other is said."""
    by_id = {each["document"]["id"]: each for each in gold}
    labels = Gold(by_id, {name: texts.get(name, TEXT) for name in by_id}, "0" * 16)
    predicted = Run("a run", {each["document"]["id"]: each for each in run})
    page = tmp_path / "page.html"
    write_scorecard(score(CRISIS, labels, predicted, draws=20), labels, page)
    return page


@pytest.fixture
def four(tmp_path: Path) -> Path:
    """A right record, a wrong one, a missed one and an invented one; and a document that the run lacks."""
    doubt = {"kind": "facilities", "record": 0, "says": "a doubt of the run"}
    gap = {"passage": 3, "start": 33, "end": 52, "reason": "no answer came"}
    predicted = line(
        "one", SCHOOLS, WELLS | {"count": 7}, BRIDGES, warnings=[doubt], incomplete=[gap]
    )
    gold = [line("one", SCHOOLS, BAKERY, WELLS), line("two", BAKERY)]
    return written(tmp_path, gold, [predicted, line("three", BRIDGES)])


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """Every string that somebody else wrote tries to break out."""
    text = f"A bakery is closed. {HOSTILE} end."
    at = [{"start": 0, "end": len(text)}]
    bad = BAKERY | {"name": HOSTILE, "notes": HOSTILE, "place": HOSTILE, "evidence": at}
    gap = {"passage": HOSTILE, "start": HOSTILE, "end": None, "reason": HOSTILE}
    doubt = {"kind": "facilities", "record": 0, "says": HOSTILE}
    gold = line("one", bad, SCHOOLS | {"name": HOSTILE}, text=text)
    run = line("one", bad | {"count": HOSTILE}, text=text, warnings=[doubt], incomplete=[gap])
    run["facilities"].append(BRIDGES | {"name": [HOSTILE], HOSTILE: HOSTILE, "evidence": HOSTILE})
    for each in (gold, run):
        each["document"] |= {"id": HOSTILE, "title": HOSTILE, "publisher": HOSTILE}
    return written(tmp_path, [gold], [run, line(HOSTILE * 2)], **{HOSTILE: text})


def cards(page: Path) -> dict[str, tuple[str, str]]:
    """By id, the classes and the markup of each card."""
    found = re.findall(
        r'<section class="(card [^"]*)" id="([^"]*)"(.*?)</section>', page.read_text(), re.DOTALL
    )
    return {own_id: (classes, markup) for classes, own_id, markup in found}


def test_every_outcome_has_its_card_in_reading_order(four: Path) -> None:
    """Gold stands beside what was predicted, each field with its sign; right ones are folded up."""
    held = cards(four)
    outcomes = {
        own_id: int(re.findall(r'data-kinds="(\d)"', markup)[0])
        for own_id, (_, markup) in held.items()
    }
    assert outcomes == {"d0r1": 3, "d0r2": 1, "d0r3": 0, "d0r4": 2, "d1r1": 1}
    assert ">10</td>" in held["d0r3"][1]
    assert ">7</td>" in held["d0r3"][1]
    assert "count:wrong" in held["d0r3"][1]
    assert "<details>" in held["d0r1"][1]
    assert "a doubt of the run" in held["d0r1"][1]
    assert "it stands in a passage that got no answer" in held["d0r2"][1]
    assert [own_id for own_id, (_, markup) in held.items() if "data-error" not in markup] == [
        "d0r1"
    ]


def test_errors_are_marked_where_they_stand(four: Path) -> None:
    """A mark's colour is that of the outcome, and each card's evidence links to its mark."""
    page = four.read_text()
    marks = re.findall(r'<mark id="([^"]*)" class="([^"]*)" data-records="(\d+)">([^<]*)', page)
    assert [(classes, words) for _, classes, _, words in marks[:4]] == [
        ("k3", "Two schools were opened in Homs."),
        ("k1", "A bakery is closed."),
        ("k0", "Ten wells are planned."),
        ("k2", "5 bridges fell."),
    ]
    held = cards(four)
    assert all(f'href="#{own_id}"' in held[f"d0r{number}"][1] for own_id, _, number, _ in marks[:4])


def test_problems_stand_in_the_summary(four: Path) -> None:
    """Documents on one side alone and failed passages are named, warnings linked to their records."""
    summary = four.read_text().split('id="problems"')[1].split("</article>")[0]
    assert re.search(r'href="#d1"><b dir="auto">two</b></a> no prediction', summary)
    assert "three</b> no gold" in summary
    assert "no answer came" in summary
    assert '<a href="#d0r1">one 1</a> a doubt of the run' in summary


def test_the_headline_has_its_interval_and_count(tmp_path: Path) -> None:
    """Of two documents, one right and one missed, the share is a half, between nothing and all."""
    gold = [line("one", SCHOOLS), line("two", SCHOOLS)]
    page = written(tmp_path, gold, [line("one", SCHOOLS), line("two")])
    row = re.findall(r'<th scope="row">record recall</th>(.*?)</tr>', page.read_text())[0]
    assert [word for word in re.split(r"<[^>]*>", row) if word] == ["0.50", "0.00 to 1.00", "2"]


def test_a_right_record_with_a_wrong_field_is_an_error_to_look_at(tmp_path: Path) -> None:
    """It is not folded up, and says which field."""
    page = written(
        tmp_path,
        [line("one", SCHOOLS | {"period": "past_day"})],
        [line("one", SCHOOLS | {"period": "to_date"})],
    )
    ((_, markup),) = cards(page).values()
    assert "data-error" in markup
    assert "right, but for period" in markup
    assert "<details>" not in markup


def test_evidence_in_another_text_marks_nothing(tmp_path: Path) -> None:
    """Where the run read another text its offsets are not gold's; the page says so."""
    run = line("one", SCHOOLS, text="Another text.")
    page = written(tmp_path, [line("one", BAKERY)], [run])
    assert re.findall(r"<mark [^>]*>([^<]*)", page.read_text()) == ["A bakery is closed."]
    assert "the run read another text" in page.read_text()


def test_a_text_that_is_not_at_hand(tmp_path: Path) -> None:
    """Records are shown all the same; a text that the run kept serves where gold has none."""
    folder = tmp_path / "run"
    (folder / "texts").mkdir(parents=True)
    (folder / "texts" / "one.txt").write_bytes(TEXT.encode())
    (folder / "extractions.jsonl").write_text(json.dumps(line("one", SCHOOLS)) + "\n")
    run = read_run(folder, CRISIS)
    gold = Gold({"one": line("one", BAKERY)}, {}, "0" * 16)
    card = score(CRISIS, gold, run, draws=20)
    write_scorecard(card, gold, tmp_path / "bare.html")
    write_scorecard(card, gold, tmp_path / "kept.html", run)
    bare = (tmp_path / "bare.html").read_text()
    assert "its text is missing" in bare
    assert len(cards(tmp_path / "bare.html")) == 2
    assert "<mark " in (tmp_path / "kept.html").read_text()
    assert "its text is missing" not in (tmp_path / "kept.html").read_text()


def test_nothing_that_a_document_says_becomes_markup(hostile: Path) -> None:
    """Hostile texts, values, field names, ids, gaps and doubts stand in the page as words."""
    page = seen(hostile)
    assert "img" not in page.tags
    assert len(page.inlined["script"]) == 1
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]
    assert sum(words.count(HOSTILE) for words in page.words) >= 12
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    assert {value[1:] for value in page.values("href")} <= set(ids)


def test_the_page_asks_nobody_for_anything(hostile: Path) -> None:
    """Links stay in the page, style and script name no address, and the policy lists their hashes alone."""
    page = seen(hostile)
    assert not {"link", "iframe", "object", "base", "form"} & page.tags
    assert not page.values("src")
    assert not page.values("style")
    assert all(value.startswith("#") for value in page.values("href"))
    own = "".join(page.inlined["style"] + page.inlined["script"])
    assert not re.search(r"https?:|url\(|@import|fetch\(|XMLHttp|eval\(|innerHTML", own)
    _admits_only_its_own(page)


def _admits_only_its_own(page: Seen) -> None:
    policy = next(value for value in page.values("content") if "default-src" in value)
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    for tag in ("style", "script"):
        (inlined,) = page.inlined[tag]
        digest = base64.b64encode(hashlib.sha256(inlined.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy


def test_where_no_page_can_be_written(tmp_path: Path) -> None:
    """One line says what to do."""
    (tmp_path / "page.html").mkdir()
    with pytest.raises(UsageError, match="is a folder: name a file in it"):
        written(tmp_path, [line("one")], [line("one")])


@pytest.mark.skipif(CHROMIUM is None, reason="NO BROWSER: install chromium to run the page in it")
@pytest.mark.parametrize(
    ("address", "card"), [("d0r3", "k0 chosen"), ("d1r1", "k1 chosen"), ("summary", "")]
)
def test_a_browser_opens_the_error_that_the_address_names(
    four: Path, tmp_path: Path, address: str, card: str
) -> None:
    """The policy admits our script, which counts what is not right and opens that document."""
    dom = in_browser(four, address, tmp_path)
    assert '<html lang="en" class="js">' in dom
    assert "4 to look at</output>" in dom
    assert re.search(rf'class="doc[^"]* open" id="{address.split("r")[0]}', dom) or not card
    assert not card or re.search(rf'class="card {card}[^"]*" id="{address}"', dom)
    assert re.search(r'class="card k3[^"]* quiet" id="d0r1"', dom)


@pytest.mark.skipif(CHROMIUM is None, reason="NO BROWSER: install chromium to run the page in it")
def test_a_browser_takes_hostile_words_for_words(hostile: Path, tmp_path: Path) -> None:
    """The script runs to its end, and no other does."""
    dom = in_browser(hostile, "d0r1", tmp_path)
    assert "to look at</output>" in dom
    assert "<title>owned" not in dom


def in_browser(page: Path, address: str, tmp_path: Path) -> str:
    """What stands in the page after its script ran."""
    flags = (
        "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking "
        "--disable-component-update --disable-sync --dump-dom"
    )
    done = subprocess.run(
        [
            str(CHROMIUM),
            *flags.split(),
            f"--user-data-dir={tmp_path / 'profile'}",
            f"file://{page}#{address}",
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's Chromium, held by Playwright."""
    if CHROMIUM is None or find_spec("playwright") is None:
        pytest.skip("NO BROWSER: install chromium and playwright to type into the page")
    from playwright.sync_api import sync_playwright

    flags = ["--disable-gpu", "--no-first-run", "--disable-background-networking"]
    flags += ["--disable-component-update", "--disable-sync"]
    with sync_playwright() as driver:
        held = driver.chromium.launch(executable_path=CHROMIUM, args=flags, chromium_sandbox=False)
        yield held
        held.close()


@pytest.fixture
def tab(browser: Any, four: Path) -> Iterator[Any]:
    """The page where somebody can type into it, on a phone's screen."""
    asked: list[str] = []
    held = browser.new_page(viewport={"width": 390, "height": 800}, reduced_motion="reduce")
    held.set_default_timeout(20_000)
    held.on("request", lambda request: asked.append(request.url))
    held.on("pageerror", lambda fault: asked.append(str(fault)))
    held.goto(four.as_uri())
    yield held
    held.close()
    assert asked == [four.as_uri()]


def chosen(tab: Any) -> list[str]:
    ids: list[str] = tab.eval_on_selector_all(".card.chosen", "found => found.map((e) => e.id)")
    return ids


def test_keys_go_from_error_to_error_through_all_documents(tab: Any) -> None:
    """n and j forward, p and k back, around at either end; a select takes its own keys."""
    went = []
    for key in ("n", "n", "j", "n", "n", "p", "k"):
        tab.keyboard.press(key)
        went += chosen(tab)
    assert went == ["d0r2", "d0r3", "d0r4", "d1r1", "d0r2", "d1r1", "d0r4"]
    tab.focus("#kind")
    tab.keyboard.press("n")
    assert chosen(tab) == ["d0r4"]


@pytest.mark.parametrize(
    ("kind", "field", "without", "left"),
    [
        ("facilities", "", [], ["d0r1", "d0r2", "d0r3", "d0r4", "d1r1"]),
        ("crossings", "", [], []),
        ("", "", ["missed", "right"], ["d0r3", "d0r4"]),
        ("", "count", ["missed", "right", "invented"], ["d0r3"]),
        ("", "status", ["missed", "invented"], ["d0r1", "d0r3"]),
        ("", "place", [], []),
    ],
)
def test_what_is_filtered_out_is_neither_listed_nor_marked(
    tab: Any, kind: str, field: str, without: list[str], left: list[str]
) -> None:
    """By kind, by outcome and by field, whose own outcome then counts."""
    tab.select_option("#kind", kind)
    tab.select_option("#field", field)
    for outcome in without:
        tab.get_by_role("checkbox", name=outcome).uncheck()
    held = tab.eval_on_selector_all(".card:not(.off)", "found => found.map((e) => e.id)")
    assert held == left
    marks = tab.eval_on_selector_all("mark:not(.off)", "found => found.map((e) => e.textContent)")
    assert len(marks) == len(left)


def test_documents_and_tables_sort(tab: Any) -> None:
    """The list by F1 and by errors, a table by the column that is clicked."""
    listed = "found => found.map((e) => e.hash)"
    for order, first in (("f1", "#d1"), ("errors", "#d0"), ("", "#d0")):
        tab.select_option("#order", order)
        assert tab.eval_on_selector_all("nav li a", listed)[0] == first
    heads = tab.locator(".documents thead button")
    rows = "found => found.map((e) => e.cells[1].textContent)"
    for expected in (["1", "3"], ["3", "1"]):
        heads.nth(1).click()
        assert tab.eval_on_selector_all(".documents tbody tr", rows) == expected


def test_a_name_in_a_table_goes_to_its_errors(tab: Any) -> None:
    """A click on a field shows what is wrong with it, the first of it chosen."""
    tab.locator('.fields .only[data-field="count"]').first.click()
    assert tab.input_value("#field") == "count"
    assert chosen(tab) == ["d0r2"]


def test_the_page_fits_a_phone(tab: Any) -> None:
    """Nothing but a table in its own frame is wider than the screen, in a document and in the summary."""
    for key in ("Escape", "n"):
        tab.keyboard.press(key)
        assert tab.evaluate("document.documentElement.scrollWidth") == 390
