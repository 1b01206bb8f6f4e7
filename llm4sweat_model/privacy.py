"""Takes out of a text what identifies a person, before it leaves for a model, for Slack or for training.

First useful level: what has a form (addresses on the net, numbers, birthdays, handles) and names that announce themselves.
"""

from __future__ import annotations

import re

VERSION = "1"

_FORMS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("email", re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")),
    ("link", re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)),
    ("handle", re.compile(r"(?<!\w)@\w{3,}")),
    ("iban", re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}\b")),
    ("date", re.compile(r"\b(?:\d{1,2}[./-]\d{1,2}[./-](?:19|20)\d{2}|(?:19|20)\d{2}[./-]\d{1,2}[./-]\d{1,2})\b")),
    ("phone", re.compile(r"(?<![\w.,%])\+?\(?\d(?:[\s().\-/]?\d){8,14}(?![\w%])")),
    ("number", re.compile(r"(?<![\w.,])\d{7,}(?![\w.,%])")),
)
_NAME = re.compile(
    r"(?P<before>\b(?:my name is|i am called|me llamo|mi nombre es|ich hei(?:ß|ss)e|mein name ist|je m'appelle|mon nom est"
    r"|meu nome é|me chamo|меня зовут|mera naam|اسمي|我叫|मेरा नाम)\s*)(?P<name>[^\W\d_]{2,20}(?:\s[^\W\d_]{2,20})?)",
    re.IGNORECASE,
)


def redact(text: str) -> str:
    """The text with identifiers replaced by their kind in brackets ("[phone]")."""
    for kind, pattern in _FORMS:
        text = pattern.sub(f"[{kind}]", text)
    return _NAME.sub(lambda m: f"{m['before']}[name]", text)


def identifiers(text: str) -> tuple[str, ...]:
    """The kinds of identifiers that `redact` would take out."""
    found = [kind for kind, pattern in _FORMS if pattern.search(text)]
    return tuple(found + (["name"] if _NAME.search(text) else []))
