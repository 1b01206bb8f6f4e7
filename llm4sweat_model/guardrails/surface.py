"""How words are looked for in a clause: every boundary of a word is a space."""

from __future__ import annotations

import re

EDGE = "\b"
"""A boundary of a word in a pattern's strings."""
END = "\v"
"""The beginning or end of a clause in a pattern's strings; `surface` has a space there."""

_ASCII_WORD = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_")


def proves(word: str) -> bool:
    """Whether finding this word as `spelled` in a clause without punctuation means that the pattern matches."""
    plain = word.strip(EDGE)
    if not plain or EDGE in plain or END in plain or apart(plain) != plain:
        return False
    return (word[0] != EDGE or plain[0] in _ASCII_WORD) and (word[-1] != EDGE or plain[-1] in _ASCII_WORD)


def spelled(word: str) -> str:
    """A word with its boundaries as spaces, where a text is sure to have one."""
    plain = word.strip(EDGE)
    if EDGE not in plain and END not in plain:
        if plain:
            before = " " if word[0] == EDGE and plain[0] in _ASCII_WORD else ""
            after = " " if word[-1] == EDGE and plain[-1] in _ASCII_WORD else ""
            plain = before + plain + after
        return apart(plain)
    out = []
    for place, letter in enumerate(word):
        near = word[max(0, place - 1) : place] + word[place + 1 : place + 2]
        if letter == END or (letter == EDGE and near and all(other in _ASCII_WORD for other in near)):
            out.append(" ")
        elif letter != EDGE:
            out.append(letter)
    return apart("".join(out))


_PUNCTUATION = dict.fromkeys(map(ord, "!\"#$%&'()*+,-./:;<=>?@[\\]^`{|}~"), " ")
_SPACES = re.compile("  +")
_BORDER = re.compile(r"(?<=[a-z0-9_])(?=[^\x00-\x7f])|(?<=[^\x00-\x7f])(?=[a-z0-9_])")


def apart(text: str) -> str:
    """The text with one space for any marks and at each border between scripts, wherever `\\b` may find a boundary."""
    text = text.translate(_PUNCTUATION)
    if not text.isascii():
        text = _BORDER.sub(" ", text)
    return _SPACES.sub(" ", text) if "  " in text else text


def surface(clause: str) -> str:
    """A clause as the necessary words are looked for in it: every boundary of a word is a space."""
    return apart(f" {clause} ")
