"""MarkdownV2 and the older Markdown, strict about reserved characters and unclosed entities, after TDLib."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.telegram.markup import Entity, Output, byte_offset, cannot_parse

_RESERVED = set("_*[]()~`>#+-=|{}.!")
_MARKS = (("```", "Pre"), ("||", "Spoiler"), ("__", "Underline"), ("![", "CustomEmoji"), ("`", "Code"), ("*", "Bold"),
          ("_", "Italic"), ("~", "Strikethrough"), ("[", "TextUrl"))  # fmt: skip
_ENDS = {"Pre": "```", "Spoiler": "||", "Underline": "__", "CustomEmoji": "]", "Code": "`", "Bold": "*", "Italic": "_",
         "Strikethrough": "~", "TextUrl": "]"}  # fmt: skip


@dataclass(slots=True)
class _Open:
    kind: str
    start: int
    part: int
    index: int
    language: str = ""


class _V2:
    def __init__(self, source: str) -> None:
        self.source, self.at, self.out = source, 0, Output()
        self.open: list[_Open] = []
        self.quote: tuple[str, int] | None = None

    def run(self) -> tuple[str, list[Entity]]:
        while self.at < len(self.source):
            if self._line_start():
                continue
            character = self.source[self.at]
            if character == "\\" and 0 < ord(self.source[self.at + 1 : self.at + 2] or "\0") <= 126:
                self.out.add(self.source[self.at + 1])
                self.at += 2
            elif character not in (_RESERVED if not self._literal() else "`"):
                self._plain(character)
            elif self._ends():
                self._end()
            elif self.quote and not self.open and self.source[self.at : self.at + 3] in ("||", "||\n"):
                self.quote = ("expandable_blockquote", self.quote[1])
                self.at += 2
            else:
                self._begin(character)
        if self.open:
            top = self.open[-1]
            where = byte_offset(self.source, top.index)
            raise cannot_parse(f"Can't find end of {top.kind} entity at byte offset {where}")
        self._end_quote()
        return self.out.result()

    def _literal(self) -> bool:
        return bool(self.open) and self.open[-1].kind in ("Code", "Pre")

    def _line_start(self) -> bool:
        """Reads the `>` or `**>` of a quotation; true when something was read."""
        if self._literal() or (self.at and self.source[self.at - 1] != "\n"):
            return False
        rest = self.source[self.at : self.at + 3]
        if self.quote and not rest.startswith(">"):
            self._end_quote()
        if rest == "**>" or (rest.startswith(">") and self.quote is None):
            self._end_quote()
            self.quote = ("blockquote", self.out.size)
            self.at += 3 if rest == "**>" else 1
            return True
        if rest.startswith(">") and self.source[self.at - 1 : self.at] != ">":
            self.at += 1
            return True
        return False

    def _end_quote(self) -> None:
        if self.quote:
            self.out.close(*self.quote)
            self.quote = None

    def _plain(self, character: str) -> None:
        self.out.add(character)
        self.at += 1

    def _ends(self) -> bool:
        if not self.open:
            return False
        kind = self.open[-1].kind
        if kind == "Italic" and self.source.startswith("__", self.at):
            return False
        return self.source.startswith(_ENDS[kind], self.at)

    def _begin(self, character: str) -> None:
        mark, kind = next((pair for pair in _MARKS if self.source.startswith(pair[0], self.at)), ("", ""))
        if not mark:
            raise cannot_parse(f"Character '{character}' is reserved and must be escaped with the preceding '\\'")
        entry = _Open(kind, self.out.size, len(self.out.parts), self.at)
        self.at += len(mark)
        if kind == "Pre":
            end = self.at
            while end < len(self.source) and not self.source[end].isspace() and self.source[end] != "`":
                end += 1
            if self.source[end : end + 1] in (" ", "\n", "\r"):
                entry.language = self.source[self.at : end]
                self.at = end + (1 if self.source[end] == "\n" else 0)
        self.open.append(entry)

    def _end(self) -> None:
        top = self.open.pop()
        self.at += len(_ENDS[top.kind])
        if top.kind in ("TextUrl", "CustomEmoji"):
            url = self._url() if self.source.startswith("(", self.at) else self.out.since(top.part)
            if top.kind == "TextUrl":
                self.out.link(url, top.start)
            else:
                self.out.close("custom_emoji", top.start, custom_emoji_id=url.rpartition("=")[2])
        elif top.language:
            self.out.close("pre", top.start, language=top.language)
        else:
            self.out.close(top.kind.lower(), top.start)

    def _url(self) -> str:
        begin, url = self.at, []
        self.at += 1
        while self.at < len(self.source) and self.source[self.at] != ")":
            if self.source[self.at] == "\\" and self.at + 1 < len(self.source):
                self.at += 1
            url.append(self.source[self.at])
            self.at += 1
        if self.at >= len(self.source):
            raise cannot_parse(f"Can't find end of a URL at byte offset {byte_offset(self.source, begin)}")
        self.at += 1
        return "".join(url)


def parse_markdown_v2(source: str) -> tuple[str, list[Entity]]:
    """The visible text of MarkdownV2 and its entities."""
    return _V2(source).run()


_OLD = {"*": "bold", "_": "italic", "`": "code", "[": "text_link"}


def parse_markdown(source: str) -> tuple[str, list[Entity]]:
    """The older Markdown: no nesting, four marks, backslash before a mark."""
    out, at = Output(), 0
    while at < len(source):
        character = source[at]
        if character == "\\" and source[at + 1 : at + 2] in ("_", "*", "`", "["):
            out.add(source[at + 1])
            at += 2
        elif character in _OLD:
            at = _old_entity(source, at, out)
        else:
            out.add(character)
            at += 1
    return out.result()


def _old_entity(source: str, at: int, out: Output) -> int:
    mark = "```" if source.startswith("```", at) else source[at]
    ending = "]" if mark == "[" else mark
    begin = at + len(mark)
    end = source.find(ending, begin)
    if end < 0:
        raise cannot_parse(f"Can't find end of the entity starting at byte offset {byte_offset(source, at)}")
    start = out.size
    out.add(source[begin:end])
    end += len(ending)
    if mark != "[":
        out.close("pre" if mark == "```" else _OLD[mark], start)
    elif source.startswith("(", end):
        close = source.find(")", end)
        if close < 0:
            raise cannot_parse(f"Can't find end of the entity starting at byte offset {byte_offset(source, at)}")
        out.link(source[end + 1 : close], start)
        end = close + 1
    return end
