"""Plain text and Markdown: bytes of whatever encoding into the text as it stands."""

from __future__ import annotations

import codecs
import re
from string import ascii_letters

from charset_normalizer import from_bytes

from extract.errors import ReadError
from extract.formats import Content, even_lines

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it starts with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1a\x1b"))
_SAMPLE = 100_000
_HIGH = re.compile(rb"[\x80-\xff]")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_HALF_WIDTH = re.compile("[\uff61-\uff9f]")
_SIGNS = frozenset("€°…–—‘’‚“”„‹›«»§·•©®™±½×\xa0")
_ALPHABETS = {
    "cp1252": (
        "£àçéèêëïñôöü", "àâæçéèêëîïôœùûüÿ", "¿¡áéíñóúüªº", "áâãàçéêíóôõúªº", "äöüßé", "àèéìíòóùú",
        "åäæéöøü", "áðéíóúýþæö", "èéëïóöüáú",
    ),
    "cp1250": (
        "ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "ăâîşţ", "čćđšž",
    ),
    "cp1254": ("çğıiöşüâîû",),
    "cp1257": ("ąčęėįšųūž", "āčēģīķļņšūž", "äõöüšž"),
}  # fmt: skip
"""The letters beyond ASCII of languages in Latin script, by the code page of each."""

_LEGACY = [
    "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "koi8_r",
    "koi8_u", "cp866", "iso8859_2", "iso8859_5", "iso8859_15", "gb18030", "big5", "shift_jis",
    "euc_jp", "euc_kr",
]  # fmt: skip


def decode(data: bytes, declared: str | None = None) -> str:
    """The text of the bytes, line ends as line feeds; `declared` is tried where it is not UTF-8.

    Raises `ReadError` where they are no text.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return even_lines(_strictly(data[len(mark) :], encoding))
    if b"\0" in data or _is_binary(data):
        raise ReadError("is binary, not text; give it the suffix of its format")
    for encoding in filter(None, ("utf-8", declared)):
        try:
            return even_lines(data.decode(encoding))
        except (UnicodeError, LookupError):
            continue
    return even_lines(_guess(data))


def read(data: bytes) -> Content:
    """The content of a plain text."""
    return Content(decode(data))


def _strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeError as error:
        raise ReadError(
            f"starts as {encoding} but goes on as something else; save it as UTF-8"
        ) from error


def _is_binary(data: bytes) -> bool:
    sample = data[:_SAMPLE]
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    return controls * 50 > len(sample)


def _guess(data: bytes) -> str:
    encoding = _encoding_of(_sample(data))
    try:
        # A few broken bytes in UTF-8 are shown as such; in another encoding they make the guess wrong.
        return data.decode(encoding or "", "replace" if encoding == "utf-8" else "strict")
    except (UnicodeError, LookupError) as error:
        raise ReadError("is in an unknown encoding; save it as UTF-8") from error


def _sample(data: bytes) -> bytes:
    """From the first byte beyond ASCII on, in whole lines, lest a character be cut in two."""
    first = _HIGH.search(data)
    rest = data[max(0, first.start() - 1000) if first else 0 :][:_SAMPLE]
    end = rest.rfind(b"\n") if len(rest) == _SAMPLE else -1
    return rest[:end] if end > 1000 else rest


def _encoding_of(sample: bytes) -> str | None:
    """The likeliest encoding of bytes that are not UTF-8 throughout."""
    mended = sample.decode("utf-8", "replace")
    if len(_BEYOND_ASCII.findall(mended)) > 10 * mended.count("\ufffd"):
        return "utf-8"
    # A few accented letters are too little for statistics: whose alphabet are they?
    latin = _latin_encoding_of(sample)
    if latin:
        return latin
    matches = from_bytes(sample, cp_isolation=_LEGACY, enable_fallback=False)
    # Half-width katakana is what the bytes of many other scripts look like in Shift JIS.
    likely = (match.encoding for match in matches if not _HALF_WIDTH.search(str(match)))
    return next(likely, None)


def _latin_encoding_of(data: bytes) -> str | None:
    high = data.translate(None, bytes(range(128)))
    if sum(map(data.count, ascii_letters.encode())) < len(high):
        return None
    for encoding, alphabets in _ALPHABETS.items():
        seen = bytes(set(high)).decode(encoding, "replace")
        letters = set(seen.replace("İ", "i").lower()) - _SIGNS
        if any(letters <= set(alphabet) for alphabet in alphabets):
            return encoding
    return None
