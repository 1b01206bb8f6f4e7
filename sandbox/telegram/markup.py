"""What the parsers of HTML and Markdown share: the text built so far, its length in UTF-16 units, the entities found."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from sandbox.telegram.errors import ApiError, bad

Entity = dict[str, Any]
_USER_LINK = re.compile(r"tg://user\?id=(\d+)$", re.IGNORECASE)


def units(text: str) -> int:
    """Length in UTF-16 code units, in which the Bot API counts offsets."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def cannot_parse(what: str) -> ApiError:
    """The error of a text whose markup is wrong."""
    return bad(f"can't parse entities: {what}")


def byte_offset(source: str, index: int) -> int:
    """Where `index` lies in the UTF-8 form of `source`, as the Bot API reports it."""
    return len(source[:index].encode("utf-8", "surrogatepass"))


def good_url(url: str) -> bool:
    """Whether Telegram takes the address as a link: http, https, tg, ton or none; a host with a dot."""
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme in ("tg", "ton"):
        return True
    return parts.scheme in ("http", "https") and "." in host.strip(".") and not re.search(r"\s", url)


class Output:
    """Grows while markup is read."""

    __slots__ = ("entities", "parts", "size")

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.size = 0
        self.entities: list[Entity] = []

    def add(self, text: str) -> None:
        """Appends plain text."""
        self.parts.append(text)
        self.size += units(text)

    def since(self, part: int) -> str:
        """The text appended since `part` parts were there."""
        return "".join(self.parts[part:])

    def close(self, kind: str, start: int, **extra: Any) -> None:
        """Adds an entity from `start` to here, unless it is empty."""
        if self.size > start:
            self.entities.append({"offset": start, "length": self.size - start, "type": kind, **extra})

    def link(self, url: str, start: int) -> None:
        """Adds a link; a bad target loses the link silently, as in Telegram."""
        user = _USER_LINK.match(url)
        if user:
            who = {"id": int(user[1]), "is_bot": False, "first_name": "…"}
            self.close("text_mention", start, user=who)
        elif good_url(url):
            self.close("text_link", start, url=url if "://" in url else f"http://{url}/")

    def result(self) -> tuple[str, list[Entity]]:
        """Text and entities in the order of their offsets, the longer first."""
        self.entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
        return "".join(self.parts), self.entities
