"""Whether a text addresses the program that reads it: orders to a model, imitations of a prompt, letters nobody sees.

It is a sign and no proof, in English. A record that rests on such words alone carries a warning.
"""

from __future__ import annotations

import re
import unicodedata

_READER = (
    r"(?:ai|llm|(?:artificial|automat(?:ed|ic)|machine|text-reading|indexing|language|extraction)[\s-]+"
    r"(?:readers?|systems?|models?|programs?|assistants?|intelligences?|agents?|parsers?|use)|chatbots?|bots?|crawlers?|"
    r"parsers?|scrapers?|reader software|assistants? reading|assistant,|computer that reads|"
    r"software (?:that|which)|ai[\s-](?:readers?|systems?|models?|summar\w+|crawlers?|assistants?))"
)
_ORDER = (
    r"(?:add|answer|append|delete|discard|disregard|drop|ignore|include|insert|list|note|omit|output|overwrite|put|record|"
    r"register|replace|report|return|reveal|save|set|skip|stop|store|treat|write)"
)
_SIGNS = re.compile(
    "|".join(
        (
            rf"\b{_READER}(?!\w)[^.:;]{{0,40}}:",  # "Note for automated readers: …"
            r"^\W*(?:(?:caption |note )?for )?(?:machines|models|programs)\b[^.:;]{0,40}:",
            rf"\b(?:for|to|attention of)\s+(?:\w+\s+){{0,3}}{_READER}(?!\w)[^.]{{0,60}}[:,.]",
            rf"\b{_READER}(?!\w)[^.]{{0,40}}\b(?:are to|is to|must|shall|should|have to|needs? to|may not)\b",
            rf"\b{_READER}\s+only\b",
            rf"\bif you are (?:an? )?(?:\w+ )?{_READER}\b",
            r"\b(?:ignore|disregard|forget) (?:all |any )?(?:of )?(?:the |your )?"
            r"(?:above|previous|prior|earlier|instructions)",
            r"\b(?:system (?:prompt|override|message)|your (?:instructions|system prompt|hidden prompt))\b",
            rf"\b{_ORDER}\b[^.]{{0,60}}\b(?:empty (?:lists?|answer)|json|xml|yaml|csv)\b",
            r"<\|?/?(?:im_start|im_end|system|assistant|user|document|endoftext)\b",
            r"\[/?INST\]|<<SYS>>|^#{2,}\s*(?:instruction|response|system)\b",
            r"^\s*\[\d+\]\s+\S|^Text:\s*$",  # the form of our own prompts
            r"^\s*\{\s*\"\w+\"\s*:|^\s*(?:llm|prompt|tool|assistant|system)[\w ]*:\s",
            r"=== ?end of (?:document|text|file) ?===",
        )
    ),
    re.I | re.M,
)
_UNSEEN = re.compile("[\u200b-\u200f\u2060-\u2064\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]")
_MANY = 4  # a stray mark of direction, or a soft break of a word, is common
_LOOKALIKES = str.maketrans("аеорсухіјѕԁһкАЕОРСУХІЈВНМТК", "aeopcyxijsdhkAEOPCYXIJBHMTK")


def addresses_reader(text: str) -> bool:
    """Whether words in the text are meant for a program rather than for people."""
    if len(_UNSEEN.findall(text)) >= _MANY or "\u202e" in text:
        return True
    plain = "".join(
        c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf"
    )
    return bool(_SIGNS.search(plain.translate(_LOOKALIKES)))
