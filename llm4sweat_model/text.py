"""A text as the rules see it: one spelling for what looks the same, cut into sentences and clauses.

Knows letters and punctuation, no language and no rule. What people do to hide or misspell words is undone in
`llm4sweat_model.disguise`; this module does only what is always right.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass

LONGEST = 40_000
"""Characters of one text that are read; Telegram sends at most 4,096, a joined turn a few of these."""


def _span(*ranges: tuple[int, int]) -> Iterable[int]:
    for first, last in ranges:
        yield from range(first, last + 1)


_INVISIBLE = _span(
    (0x00, 0x08), (0x0E, 0x1F), (0x7F, 0x84), (0x86, 0x9F), (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C),
    (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F),
    (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF9, 0xFFFB), (0xD800, 0xDFFF),
    (0x1F3FB, 0x1F3FF), (0xE0000, 0xE01EF),
)  # fmt: skip
_SPACES = {0x09: " ", 0x0B: " ", 0x0C: " ", 0x0D: "\n", 0x85: "\n", 0x2028: "\n", 0x2029: "\n"}
_QUOTES = dict.fromkeys(map(ord, "’‘‚‛`´ʼʹ′＇"), "'") | dict.fromkeys(map(ord, "“”„‟«»″〝〞＂「」『』"), '"')
_DASHES = dict.fromkeys(map(ord, "‐‑‒−"), "-") | dict.fromkeys(map(ord, "–—―"), " — ")
_BEFORE = dict.fromkeys(_INVISIBLE, "") | _SPACES | _QUOTES | _DASHES | {ord("…"): "\n"}

_LETTERS = str.maketrans({"ß": "ss", "œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ı": "i", "þ": "th", "ð": "d"})
_CYRILLIC = str.maketrans({"ё": "е"})
_ARABIC = str.maketrans(
    {"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه", "ی": "ي", "ک": "ك", "ـ": ""}
    | {chr(c): "" for c in _span((0x610, 0x61A), (0x64B, 0x65F), (0x670, 0x670), (0x6D6, 0x6ED))}
)
_DEVANAGARI = str.maketrans({"ँ": "ं"})
_NUKTA = re.compile("़")
_DIGITS = {zero + n: str(n) for zero in (0x660, 0x6F0, 0x966, 0x9E6) for n in range(10)}
_AFTER = _LETTERS | _CYRILLIC | _ARABIC | _DEVANAGARI | _DIGITS


def _replacer(table: dict[int, str]) -> Callable[[str], str]:
    """Like `str.translate`, but quick where little is to be replaced, as in nearly every text."""
    letters = {chr(code): new for code, new in table.items() if code <= 0xFFFF}
    rare = re.compile("[" + "".join(map(re.escape, letters)) + "]")

    def replace(text: str) -> str:
        if text and max(text) > "\uffff":
            return text.translate(table)
        return rare.sub(lambda found: letters[found.group()], text)

    return replace


_before, _after = _replacer(_BEFORE), _replacer(_AFTER)
_MARK = "\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff"
_ON_LATIN = re.compile(rf"([a-z])[{_MARK}]+")
_MARKS = re.compile(f"[{_MARK}]+")
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_HAN_GAP = re.compile(rf"(?<=[{_HAN}])[ \t*_~|.·\-]+(?=[{_HAN}])")


def normalise(text: str) -> str:
    """One spelling for all that looks the same; keeps punctuation and line ends. Patterns pass through here too."""
    text = _before(text[:LONGEST])
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKC", text).lower()
    text = _ON_LATIN.sub(r"\1", unicodedata.normalize("NFD", text))
    text = _after(unicodedata.normalize("NFC", _NUKTA.sub("", text)))
    return _HAN_GAP.sub("", _MARKS.sub("", text))[:LONGEST]


@dataclass(frozen=True, slots=True)
class Piece:
    """What stands between two marks of punctuation: `sentence` counts from 0, `comma` says that a comma stood before."""

    text: str
    sentence: int
    comma: bool


_SENTENCE_END = re.compile(r"[.!?。।॥؟۔\n](?:(?<!\d\.)|(?!\d))")
_CLAUSE_END = re.compile(r"([,:;()—،؛](?:(?<!\d[,:])|(?!\d)))")
_SYMBOLS = re.compile(r"[#$&*<=>@\[\\\]^_{|}~¡¿·•‣§¶†‡※、〈-】〔-〟〜€£¥₹₽]+")
_OWN_TOKEN = re.compile('(["\u2190-\u21ff\u2300-\u2bff\U0001f000-\U0001faff])')
_SLASH = re.compile(r"(?<=[^\x00-\x7f])/|/(?=[^\x00-\x7f])")
_EDGES = re.compile(r"(?<!\w)'|'(?!\w)|(?<!\w)-(?!\d)|(?<=\s)-(?=\s)|-(?=\s|$)|(?<=\d):(?=\d)")
_MAY_HAVE_EDGES = re.compile(r"['\-:]")


def pieces(text: str) -> list[Piece]:
    """The parts of a normalised text between punctuation, in order; empty ones are left out.

    Each has single spaces and no punctuation but ' - % / + " and what stands inside a number.
    """
    text = _OWN_TOKEN.sub(r" \1 ", _SYMBOLS.sub(" ", text.replace(" - ", " — ")))
    if "/" in text and not text.isascii():
        text = _SLASH.sub(" / ", text)
    found: list[Piece] = []
    number = 0
    for sentence in _SENTENCE_END.split(text):
        comma = False
        before = len(found)
        for index, part in enumerate(_CLAUSE_END.split(sentence)):
            if index % 2:
                comma = comma and part in ",،"
                continue
            if _MAY_HAVE_EDGES.search(part):
                part = _EDGES.sub(" ", part)
            if cleaned := " ".join(part.split()):
                found.append(Piece(cleaned, number, comma))
                comma = True
        number += len(found) > before
    return found


_WORD = re.compile(r"[^\W_]+(?:[\u0900-\u0dff\u0300-\u036f]+[^\W_]*)*(?:'[^\W_]+)?")
_HAN_LETTER = re.compile(f"[{_HAN}]")


def words(text: str) -> list[str]:
    """The words of a normalised text; a run of Chinese is one word here."""
    return _WORD.findall(text)


def count_words(text: str) -> int:
    """How many words a person would count; Chinese has about one for one and a half characters."""
    han = len(_HAN_LETTER.findall(text))
    if not han:
        return len(text.split())
    rest = _HAN_LETTER.sub(" ", text)
    return -(-han * 2 // 3) + sum(1 for token in rest.split() if token.isalnum())


_META = set(r"\.+*?()|[]{}^$")


def fold_pattern(pattern: str) -> str:
    """A pattern spelled as the texts are after `normalise`; its ASCII part is left as it is."""
    if pattern.isascii():
        return pattern
    out = []
    for run in re.findall(r"[\x00-\x7f]+|[^\x00-\x7f]+", unicodedata.normalize("NFC", pattern)):
        folded = run if run.isascii() else normalise(run)
        out.append(folded if run.isascii() else "".join("\\" + c if c in _META else c for c in folded))
    return "".join(out)


def visible(text: str) -> str:
    """What of a text can be read: letters, digits, emoji and signs, without what is invisible or only space."""
    kept = "".join(c for c in text.translate(_BEFORE) if unicodedata.category(c)[0] not in "CZM" or c.isalnum())
    return kept if any(unicodedata.category(c)[0] in "LNS" for c in kept) else ""
