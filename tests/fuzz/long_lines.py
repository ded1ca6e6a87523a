"""How long the readers of text take with lines that no one would write: a table of seconds by length.

`python tests/fuzz/long_lines.py 1000000 5000000 [split dates …]` measures; a time that grows faster than its line is
a fault. The test suite runs it at one length, to see that it ends.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from extract.bind import bound
from extract.clause import carries
from extract.dates import find_dates
from extract.front import front_matter
from extract.ground import ground
from extract.numbers import find_numbers
from extract.split import split
from extract.types import Document, Draft, Passage, Stretch
from extract.words import content_words, fold
from schemas.load import load

_UNITS = [
    *"a7 ,(-–.!|#':½\0漢。\n\t\ud800\u200b٣",
    *("a-", "1-", "1-2 ", "e\u0301", "a.b.c.", "A. ", "()", '."', "a: ", "a| ", "a   ", "ab!", "# Homs\n", "Homs\n"),
    *("1,2,", "1,234,", "123 ", "1.5 ", "1'", "+1 ", "+1(2)", "1/2/", "1:2:", "1½", "5M", "$5m ", "a1", "5 per cent "),
    *("January ", "may ", "5 May ", "5-6 May ", "5 May to ", "2020-", "2020 ", "1/1/2020 ", "today ", "end of the "),
    *("one hundred and ", "one ", "a ", "twenty-", "1 million ", "half a ", "between 5 and 6 ", "twenty fifth "),
    *("of the ", "from the ", "and ", ", and ", "about ", "5 of ", "5 and ", "no. 5 ", "report of ", "facebook "),
    *("Homs | 12 | 5,300\n", "In 5 places 2,156 people returned on 5 May.\n", "300 tonnes of flour, "),
    "The people of the district were given bread and water by the board of\n",
]  # fmt: skip
_RUNS = {
    "a and spaces": ("a", " "),
    "a and stops": ("a", "."),
    "a stop and quotes": ("a.", '"'),
    "a and marks": ("a", "\u0301"),
    "facebook and signs": ("facebook", "!"),
    "facebook and a word": ("facebook ", "w"),
    "print and a word": ("print ", "w"),
    "a heading": ("# ", "Homs "),
    "a list": ("Delivered were: ", "300 tonnes of flour, "),
    "a label": ("Delivered: ", "1,2,"),
}


def _lines(length: int) -> dict[str, str]:
    """Each long line by what it is made of."""
    ways = {repr(unit): ("", unit) for unit in _UNITS} | _RUNS
    return {
        name: lead + (unit * (length // len(unit) + 1))[:length] + "b"
        for name, (lead, unit) in ways.items()
    }


def _bind(text: str) -> None:
    numbers = find_numbers(text)
    for mine, name in ((numbers[:1], (len(text) - 9, len(text))), (numbers[-1:], (0, 3))):
        others = [number for number in numbers if number not in mine]
        bound(text, mine, [name], others)
        for dates in (False, True):
            carries(text, [(n.start, n.end) for n in mine], [name], dates)


def _ground(text: str) -> None:
    whole = Stretch(0, len(text))
    values = {"item": "flour", "quantity": 300, "unit": "tonne", "place": "Homs"}
    values |= {"date": "2021-05-05", "category": "food", "status": "delivered"}
    draft = Draft("aid_deliveries", values, 1)
    ground(_AID, draft, Passage(1, (whole,)), Document("long", text), 2021)


def _fold(text: str) -> None:
    folded = fold(text)
    folded.find("flour of Homs", inflected=True)
    content_words(text)


_AID = load("crisis").kind("aid_deliveries")
READERS: dict[str, tuple[Callable[[str], object], float]] = {
    "split": (lambda text: split(Document("long", text), 1500), 1.0),
    "front": (front_matter, 1.0),
    "dates": (find_dates, 0.2),
    "words": (_fold, 0.1),
    "numbers": (find_numbers, 0.1),
    "bind": (_bind, 0.02),  # a passage has no more
    "ground": (_ground, 0.04),
}
"""What reads, and the share of the length that it is given: some are only ever asked about a passage."""


def measure(reader: str, lengths: list[int]) -> None:
    """Prints a row for each line: what it is made of, and the seconds at each length."""
    read, share = READERS[reader]
    columns = [_lines(int(length * share)) for length in lengths]
    for name in columns[0]:
        print(f"{reader:8} {name:50}", end="", flush=True)
        for column in columns:
            start = time.process_time()
            read(column[name])
            print(f" {time.process_time() - start:8.2f}", end="", flush=True)
        print(flush=True)


if __name__ == "__main__":
    sizes = [int(word) for word in sys.argv[1:] if word.isdigit()]
    for each in [word for word in sys.argv[1:] if word in READERS] or list(READERS):
        measure(each, sizes)
