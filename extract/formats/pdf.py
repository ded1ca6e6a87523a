"""PDF by pdfium: the text layer, page after page, without words that are drawn invisibly."""

from __future__ import annotations

from threading import Lock

import pypdfium2 as pdfium  # type: ignore[import-untyped]  # ships no types
from pypdfium2 import raw

from extract.errors import ReadError
from extract.formats import Content, even_lines

_PAGE_BREAK = "\n\n"
_PASSWORD_WANTED = 4  # FPDF_ERR_PASSWORD
_one_at_a_time = Lock()  # pdfium is not thread-safe


def read(data: bytes) -> Content:
    """The pages joined by a blank line. Raises `ReadError` where locked, broken or scanned."""
    with _one_at_a_time:
        pages = _texts_of_pages(data)
    if not any(page.strip() for page in pages):
        raise ReadError(
            "is a PDF without text, most likely scanned; run text recognition (OCR) on it"
        )
    starts, offset = [], 0
    for page in pages:
        starts.append(offset)
        offset += len(page) + len(_PAGE_BREAK)
    return Content(_PAGE_BREAK.join(pages), pages=tuple(starts))


def _texts_of_pages(data: bytes) -> list[str]:
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if getattr(error, "err_code", None) == _PASSWORD_WANTED:
            raise ReadError("is a PDF locked with a password; save a copy without one") from error
        raise ReadError("is not a readable PDF; open it and print or export it anew") from error
    try:
        return [_text_of(document, number) for number in range(len(document))]
    except pdfium.PdfiumError as error:
        raise ReadError("is a damaged PDF; open it and print or export it anew") from error
    finally:
        document.close()


def _text_of(document: pdfium.PdfDocument, number: int) -> str:
    page = document[number]
    try:
        text = _words_of(page)
        unseen = [
            words
            for words in page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT])
            if raw.FPDFTextObj_GetTextRenderMode(words) == raw.FPDF_TEXTRENDERMODE_INVISIBLE
        ]
        if not unseen:
            return text
        for words in unseen:
            page.remove_obj(words)
            words.close()
        seen = _words_of(page)
        # What was read off a scanned page lies unseen over its picture, and is most of its text.
        return seen if 2 * len(seen) > len(text) else text
    finally:
        page.close()


def _words_of(page: pdfium.PdfPage) -> str:
    words = page.get_textpage()
    try:
        # U+FFFE is how pdfium writes a hyphen at the end of a line that it has joined to the next.
        return even_lines(str(words.get_text_range())).replace("\ufffe", "-")
    finally:
        words.close()
