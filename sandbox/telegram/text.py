"""From what a bot sent as text to what Telegram keeps: parsed, cleaned, trimmed, measured, with entities."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from sandbox.telegram.errors import bad
from sandbox.telegram.markup import Entity, cannot_parse, units
from sandbox.telegram.markup_html import parse_html
from sandbox.telegram.markup_markdown import parse_markdown, parse_markdown_v2

MAX_TEXT, MAX_RAW_BYTES, MAX_ENTITIES = 4096, 32768, 100
_PARSERS = {"html": parse_html, "markdown": parse_markdown, "markdownv2": parse_markdown_v2}
_DROPPED = dict.fromkeys((13, *range(8232, 8239), 819, 831, 778))
_CLEAN = {code: " " for code in range(32) if code not in (10, 13)} | _DROPPED
_DIRTY = re.compile(r"[\x00-\x09\x0b-\x1f\u2028-\u202e\u0333\u033f\u030a]")
_FOUND = re.compile(
    r"(?P<url>https?://[^\s<>\"]+[^\s<>\".,;:!?)\]])"
    r"|(?P<email>\b[\w.+-]+@[\w-]+\.[a-zA-Z]{2,}\b)"
    r"|(?P<mention>(?<![\w@])@[a-zA-Z]\w{3,31}\b)"
    r"|(?P<bot_command>(?<![\w/<>])/[a-zA-Z0-9_]{1,64}(?:@[a-zA-Z]\w{2,31})?(?![\w/]))"
    r"|(?P<hashtag>(?<![\w#])#[^\W\d]\w{0,255})"
    r"|(?P<phone_number>(?<![\w+])\+\d[\d\s()-]{5,18}\d)"
)
_HINTS = re.compile(r"[/@#+:]")
_ENTITY_WORDS = (
    "mention hashtag cashtag bot_command url email phone_number bold italic underline strikethrough spoiler blockquote "
    "expandable_blockquote code pre text_link text_mention custom_emoji date_time"
)
_ENTITY_KINDS = frozenset(_ENTITY_WORDS.split())


def clean(text: str) -> str:
    """Control characters become spaces, direction overrides and vertical strokes go, as TDLib does."""
    return text.translate(_CLEAN) if _DIRTY.search(text) else text


def detect(text: str) -> list[Entity]:
    """Links, mentions, commands, hashtags and numbers that Telegram marks by itself."""
    return list(_detect(text)) if _HINTS.search(text) else []


def _detect(text: str) -> Iterator[Entity]:
    for match in _FOUND.finditer(text):
        kind = match.lastgroup or ""
        yield {"offset": units(text[: match.start()]), "length": units(match[0]), "type": kind}


def message_text(args: dict[str, Any], empty_is_good: bool = False) -> tuple[str, list[Entity]]:
    """`text`, `parse_mode` and `entities` of a request as kept text and entities."""
    source = args.get("text", "")
    if len(source.encode("utf-8", "replace")) > MAX_RAW_BYTES:
        raise bad("text is too long")
    if not source.strip() and not empty_is_good:
        raise bad("message text is empty")
    text, entities = _trim(*_marked_up(source, args))
    if not text and not empty_is_good:
        raise bad("text must be non-empty")
    if len(text) > MAX_TEXT:
        raise bad("message is too long")
    return text, _merge(entities[:MAX_ENTITIES], detect(text))


def _marked_up(source: str, args: dict[str, Any]) -> tuple[str, list[Entity]]:
    mode = args.get("parse_mode", "").lower()
    if mode:
        parser = _PARSERS.get(mode)
        if parser is None:
            raise bad("unsupported parse_mode")
        return parser(clean(source))
    entities = [_checked(entity, units(source)) for entity in args.get("entities", [])]
    kept = clean(source)
    return kept, entities if len(kept) == len(source) else [_moved(source, entity) for entity in entities]


def _moved(source: str, entity: Entity) -> Entity:
    """The entity after the characters that are dropped from `source` have gone."""
    wide = source.encode("utf-16-le", "surrogatepass")
    ends = (entity["offset"], entity["offset"] + entity["length"])
    start, end = (units(clean(wide[: 2 * at].decode("utf-16-le", "replace"))) for at in ends)
    return {**entity, "offset": start, "length": end - start}


def _checked(entity: Any, size: int) -> Entity:
    if not isinstance(entity, dict):
        raise cannot_parse("expected an Object")
    for name in ("offset", "length"):
        if not isinstance(entity.get(name), int):
            raise cannot_parse(f'Can\'t find field "{name}"')
    if entity.get("type") not in _ENTITY_KINDS:
        raise cannot_parse("Unsupported type of entity")
    if entity["offset"] < 0 or entity["length"] <= 0 or entity["offset"] + entity["length"] > size:
        raise bad(f"entity beginning at UTF-16 offset {entity['offset']} ends outside of the text")
    return {key: value for key, value in entity.items() if value is not None}


def _trim(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """Without the white space around it; entities move along, empty ones go."""
    kept = text.strip()
    if len(kept) == len(text) or not entities:
        return kept, entities
    lead, size = units(text[: len(text) - len(text.lstrip())]), units(kept)
    moved = []
    for entity in entities:
        start, end = max(0, entity["offset"] - lead), min(size, entity["offset"] + entity["length"] - lead)
        if end > start:
            moved.append({**entity, "offset": start, "length": end - start})
    return kept, moved


def _merge(given: list[Entity], found: list[Entity]) -> list[Entity]:
    """What the bot marked, and what Telegram finds outside code and links."""
    if not found or not given:
        return given or found
    closed = [e for e in given if e["type"] in ("code", "pre", "text_link", "text_mention", "url")]
    for entity in found:
        end = entity["offset"] + entity["length"]
        if not any(e["offset"] < end and entity["offset"] < e["offset"] + e["length"] for e in closed):
            given.append(entity)
    return sorted(given, key=lambda entity: (entity["offset"], -entity["length"]))
