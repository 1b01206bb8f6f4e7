"""Further readings of a text: what people do to hide a word, or do without meaning to, undone.

Look-alike letters of another script, signs and digits for letters, letters set apart, letters repeated, typos. Each
reading is tried beside the text as it was written, so undoing too much can add a meaning but never hide one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import product

LONGEST = 12_000
"""Characters that are read a second time; a longer text is read once, as it is written."""

_LATIN = {
    "а": "a", "в": "b", "с": "c", "е": "e", "н": "h", "і": "i", "ї": "i", "ј": "j", "к": "k", "м": "m", "о": "o",
    "р": "p", "ѕ": "s", "т": "t", "у": "y", "х": "x", "ԁ": "d", "ԛ": "q", "ԝ": "w", "һ": "h", "ӏ": "l", "ѵ": "v",
    "г": "r", "п": "n", "ь": "b", "α": "a", "β": "b", "ε": "e", "η": "n", "ι": "i", "κ": "k", "ν": "v", "ο": "o",
    "ρ": "p", "σ": "o", "τ": "t", "υ": "u", "χ": "x", "γ": "y", "ω": "w", "ո": "n", "օ": "o", "ս": "u", "հ": "h",
    "ɑ": "a", "ɡ": "g", "ɩ": "i", "ᴀ": "a", "ʙ": "b", "ᴄ": "c", "ᴅ": "d", "ᴇ": "e", "ꜰ": "f", "ɢ": "g", "ʜ": "h",
    "ɪ": "i", "ᴊ": "j", "ᴋ": "k", "ʟ": "l", "ᴍ": "m", "ɴ": "n", "ᴏ": "o", "ᴘ": "p", "ʀ": "r", "ꜱ": "s", "ᴛ": "t",
    "ᴜ": "u", "ᴠ": "v", "ᴡ": "w", "ʏ": "y", "ᴢ": "z",
}  # fmt: skip
_BADGES = {0x1F150 + n: chr(97 + n) for n in range(26)} | {0x1F170 + n: chr(97 + n) for n in range(26)}
_TO_LATIN = str.maketrans(_LATIN) | _BADGES
_TO_CYRILLIC = str.maketrans(
    {"a": "а", "b": "в", "c": "с", "e": "е", "h": "н", "k": "к", "m": "м", "o": "о", "p": "р", "t": "т", "y": "у",
     "x": "х", "u": "и", "n": "п", "r": "г", "i": "и", "3": "з", "0": "о", "4": "ч", "6": "б"}
)  # fmt: skip
_SIGNS = {
    "0": "o",
    "1": "i",
    "3": "e",
    "4": "a",
    "5": "s",
    "7": "t",
    "8": "b",
    "@": "a",
    "$": "s",
    "!": "i",
    "|": "i",
}
_ONE_IS_L = _SIGNS | {"1": "l", "!": "l", "|": "l"}

_TOKEN = re.compile(r"\S+")
_CORE = re.compile(r"^([\"'(\[,.;:?¿¡*]*)(.*?)([\"')\],.;:?!*]*)$")
_LATIN_LETTER = re.compile("[a-z]")
_MIXED = re.compile("[а-яіїј][a-z0346]|[a-z0346][а-яіїј]")
_LOOK_ALIKES = frozenset(chr(code) for code in _TO_LATIN)
_PLAIN_WORD = re.compile(r"(?<![^\s])[a-z]{2,}(?![^\s.,!?])")
_SIGN = re.compile(r"[a-z][0134578@$!|*]+[a-z]|[0134578@$!|][a-z]{2}|[a-z]{2}[0134578@$|]")
_SIGNED = frozenset("0134578@$!|*")
_AMOUNT = re.compile(r"\d+(?:[.,]\d+)?[a-z]*$|[a-z]+\d+$")
_APART = re.compile(
    r"(?<![^\W_])[^\W\d_](?:[ \t._*~|/,\-]{1,3}[^\W_](?![^\W_])){2,}", re.UNICODE
)  # a letter, then single letters or digits with little between them
_SINGLE = re.compile(r"\b[^\W_]\b")
_GAP = re.compile(r"[._*~|/,\-]|[ \t]")
_WIDE_GAP = re.compile(r"[ \t]{2,}|\n")
_REPEATED = re.compile(r"([^\W\d_])\1\1+")
_ALPHABETIC = re.compile(r"[^\W\d_]+")
_LONG_RUN = re.compile(r"([^\W\d_])\1{2,}")


def _each_token(text: str, change: Callable[[str], str]) -> str:
    return _TOKEN.sub(lambda found: change(found.group()), text)


def _look_alikes(text: str) -> str:
    """Letters of other scripts that look Latin, in words that are partly Latin or stand among mostly Latin ones."""
    if _LOOK_ALIKES.isdisjoint(text):
        return text
    among_latin = len(_PLAIN_WORD.findall(text)) * 2 >= len(text.split())

    def change(token: str) -> str:
        if token.isascii():
            return token
        latin = token.translate(_TO_LATIN)
        return latin if latin.isascii() and (among_latin or _LATIN_LETTER.search(token)) else token

    return _each_token(text.translate(_BADGES), change)


def _to_cyrillic(text: str) -> str:
    """Latin letters and digits inside a Cyrillic word, as the Cyrillic letters that they look like."""
    if not _MIXED.search(text):
        return text
    return _each_token(text, lambda token: token.translate(_TO_CYRILLIC) if _MIXED.search(token) else token)


def _unmask(core: str, vocabulary: frozenset[str]) -> str:
    """`k*ll` is the known word with one vowel in that place; otherwise the star goes."""
    for vowel in "aeiou":
        if (word := core.replace("*", vowel)) in vocabulary:
            return word
    return core.replace("*", "")


def _signs(text: str, vocabulary: frozenset[str], table: dict[str, str]) -> str:
    """Digits and signs that stand for letters inside a word; amounts such as 10mg stay."""
    signs = str.maketrans(table)
    meant = {token: word for token in _signed(text) if (word := _unsigned(token, vocabulary, signs)) != token}
    return _each_token(text, lambda token: meant.get(token, token)) if meant else text


def _signed(text: str) -> set[str]:
    """The words in which a sign or digit stands beside letters."""
    tokens = {token for token in text.split() if not _SIGNED.isdisjoint(token)}
    return {token for token in tokens if token.isascii() and _SIGN.search(token)}


def _unsigned(token: str, vocabulary: frozenset[str], signs: dict[int, str]) -> str:
    found = _CORE.match(token)
    if found is None:
        return token
    core = found[2]
    word = core.translate(signs)
    if "*" in word:
        word = _unmask(word, vocabulary)
    if not word.isalpha() or (_AMOUNT.match(core) and word not in vocabulary):
        return token
    return found[1] + word + found[3]


def _cut(joined: str, vocabulary: frozenset[str]) -> str:
    """Letters that were set apart without gaps between the words: as few known words as fill them, else one word."""
    best: dict[int, list[str]] = {0: []}
    for end in range(1, len(joined) + 1):
        for start in range(max(0, end - 16), end):
            word = joined[start:end]
            if start not in best or not (word in {"i", "a"} if len(word) == 1 else word in vocabulary):
                continue
            if end not in best or len(best[start]) + 1 < len(best[end]):
                best[end] = [*best[start], word]
    return " ".join(best.get(len(joined), [joined]))


def _apart(text: str, vocabulary: frozenset[str]) -> str:
    """Letters with a space, dot or dash between them, joined; a wider gap parts two words."""

    def join(found: re.Match[str]) -> str:
        parts = _WIDE_GAP.split(found.group())
        joined = ["".join(_GAP.split(part)) for part in parts]
        return " ".join(_cut(word, vocabulary) if 3 < len(word) < 64 else word for word in joined)

    return _APART.sub(join, text)


def _repeats(text: str, vocabulary: frozenset[str]) -> str:
    """Letters three times or more: once or twice, whichever gives a known word, else once."""

    def change(found: re.Match[str]) -> str:
        token = found.group()
        if not _LONG_RUN.search(token):
            return token
        runs = _LONG_RUN.findall(token)
        parts = _LONG_RUN.split(token)[::2]
        for lengths in product((1, 2), repeat=min(len(runs), 4)):
            spelled = [letter * times for letter, times in zip(runs, (*lengths, *[1] * len(runs)), strict=False)]
            word = "".join(text for pair in zip(parts, [*spelled, ""], strict=True) for text in pair)
            if word in vocabulary:
                return word
        return _LONG_RUN.sub(r"\1", token)

    return _ALPHABETIC.sub(change, text)


_WORDS = re.compile(r"[^\W\d_]{4,24}")


def _corrected(text: str, correct: Callable[[str], str]) -> str:
    wrong = {word: right for word in set(_WORDS.findall(text)) if (right := correct(word)) != word}
    return _WORDS.sub(lambda word: wrong.get(word.group(), word.group()), text) if wrong else text


def readings(text: str, vocabulary: frozenset[str], correct: Callable[[str], str]) -> list[str]:
    """The further readings of a normalised text, without the text itself; most texts have none or one.

    `vocabulary`: known words; `correct`: a word as it was meant, or itself.
    """
    text = text[:LONGEST]
    found = []
    tables = [{}] if _SIGNED.isdisjoint(text) or not _signed(text) else [_SIGNS, _ONE_IS_L]
    bases = [text]
    if not text.isascii():
        bases = [_look_alikes(text), _to_cyrillic(text)]
    for base in bases:
        for reading in dict.fromkeys(_signs(base, vocabulary, table) if table else base for table in tables):
            if len(_SINGLE.findall(reading)) > 2:
                reading = _apart(reading, vocabulary)
            if _REPEATED.search(reading):
                reading = _repeats(reading, vocabulary)
            found.append(_corrected(reading, correct))
    return [reading for reading in dict.fromkeys(found) if reading != text]
