"""Telegram's HTML: a few tags, four named characters, strict nesting. Errors carry byte offsets, after TDLib."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sandbox.telegram.markup import Entity, Output, byte_offset, cannot_parse

_KINDS = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "s": "strikethrough", "strike": "strikethrough",
    "del": "strikethrough", "u": "underline", "ins": "underline", "code": "code", "pre": "pre", "a": "text_link",
    "blockquote": "blockquote", "tg-spoiler": "spoiler", "span": "spoiler", "tg-emoji": "custom_emoji",
    "tg-time": "date_time",
}  # fmt: skip
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE = re.compile(r"&(?:#(\d{1,8})|#[xX]([0-9a-fA-F]{1,8})|(lt|gt|amp|quot));?")
_PLAIN = re.compile(r"[^<&]+")
_ATTRIBUTE = re.compile(r"""\s*([^\s=>]+)(?:\s*=\s*("[^"]*"|'[^']*'|[\w.-]+))?\s*""")


@dataclass(slots=True)
class _Open:
    tag: str
    argument: str
    start: int
    part: int


def _reference(source: str, at: int) -> tuple[str, int]:
    """The character that a reference at `at` stands for and where it ends; unknown ones stay as they are."""
    match = _REFERENCE.match(source, at)
    if match is None:
        return "&", at + 1
    if match[3]:
        return _NAMED[match[3]], match.end()
    code = int(match[1]) if match[1] else int(match[2], 16)
    if code == 0 or code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        return "&", at + 1
    return chr(code), match.end()


def _unescape(text: str) -> str:
    out, at = [], 0
    while at < len(text):
        if text[at] == "&":
            character, at = _reference(text, at)
            out.append(character)
        else:
            out.append(text[at])
            at += 1
    return "".join(out)


class _Reader:
    def __init__(self, source: str) -> None:
        self.source, self.at, self.out = source, 0, Output()
        self.open: list[_Open] = []

    def run(self) -> tuple[str, list[Entity]]:
        while self.at < len(self.source):
            plain = _PLAIN.match(self.source, self.at)
            if plain:
                self.out.add(plain[0])
                self.at = plain.end()
            elif self.source[self.at] == "&":
                character, self.at = _reference(self.source, self.at)
                self.out.add(character)
            elif self.source.startswith("</", self.at):
                self._end()
            else:
                self._start()
        if self.open:
            raise cannot_parse(f'Can\'t find end tag corresponding to start tag "{self.open[-1].tag}"')
        return self.out.result()

    def _start(self) -> None:
        begin = self.at
        offset = byte_offset(self.source, begin)
        name = re.compile(r"[^\s>]*").match(self.source, begin + 1)
        if name is None or name.end() >= len(self.source):
            raise cannot_parse(f"Unclosed start tag at byte offset {offset}")
        tag = name[0].lower()
        if tag not in _KINDS:
            raise cannot_parse(f'Unsupported start tag "{tag}" at byte offset {offset}')
        self.at = name.end()
        found = self._attributes(tag, offset)
        if tag == "span" and found.get("class") != "tg-spoiler":
            raise cannot_parse(f'Tag "span" must have class "tg-spoiler" at byte offset {offset}')
        self.open.append(_Open(tag, self._argument(tag, found), self.out.size, len(self.out.parts)))

    def _attributes(self, tag: str, offset: int) -> dict[str, str]:
        found: dict[str, str] = {}
        while not self.source.startswith(">", self.at):
            match = _ATTRIBUTE.match(self.source, self.at)
            if match is None:
                if self.source[self.at :].strip() == "":
                    raise cannot_parse(f"Unclosed start tag at byte offset {offset}")
                if re.compile(r"\s+>").match(self.source, self.at):
                    self.at = self.source.index(">", self.at)
                    break
                raise cannot_parse(f'Empty attribute name in the tag "{tag}" at byte offset {offset}')
            found[match[1].lower()] = _unescape((match[2] or "").strip("\"'"))
            self.at = match.end()
            if self.at >= len(self.source):
                raise cannot_parse(f"Unclosed start tag at byte offset {offset}")
        self.at += 1
        return found

    @staticmethod
    def _argument(tag: str, found: dict[str, str]) -> str:
        if tag == "blockquote":
            return "expandable" if "expandable" in found else ""
        if tag == "code":
            return found.get("class", "").removeprefix("language-")
        return found.get({"a": "href", "tg-emoji": "emoji-id", "tg-time": "unix"}.get(tag, ""), "")

    def _end(self) -> None:
        offset = byte_offset(self.source, self.at)
        if not self.open:
            raise cannot_parse(f"Unexpected end tag at byte offset {offset}")
        match = re.compile(r"</([^\s>]*)\s*>").match(self.source, self.at)
        if match is None:
            raise cannot_parse(f"Unclosed end tag at byte offset {offset}")
        top = self.open[-1]
        if match[1] and match[1].lower() != top.tag:
            found = match[1].lower()
            raise cannot_parse(
                f'Unmatched end tag at byte offset {offset}, expected "</{top.tag}>", found "</{found}>"'
            )
        self.open.pop()
        self.at = match.end()
        self._close(top)

    def _close(self, top: _Open) -> None:
        kind = _KINDS[top.tag]
        if kind == "text_link":
            self.out.link(top.argument or self.out.since(top.part), top.start)
        elif kind == "blockquote" and top.argument:
            self.out.close("expandable_blockquote", top.start)
        elif kind == "custom_emoji":
            self.out.close(kind, top.start, custom_emoji_id=top.argument)
        elif kind == "date_time":
            self.out.close(kind, top.start, unix_time=int(top.argument or 0))
        elif kind == "code" and self.open and self.open[-1].tag == "pre":
            self.open[-1].argument = top.argument
        elif kind == "pre" and top.argument:
            self.out.close(kind, top.start, language=top.argument)
        else:
            self.out.close(kind, top.start)


def parse_html(source: str) -> tuple[str, list[Entity]]:
    """The visible text and its entities."""
    return _Reader(source).run()
