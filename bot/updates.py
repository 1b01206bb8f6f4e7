"""Reads a raw Telegram update into the few things that the bot needs; strict, and never raises on what a stranger sends.

Leaves what to do about it to the handlers. All words that a person sent count for triage: text, caption, quote, and the
options of a poll; only typed text and captions are answered.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

_MEDIA = {
    "photo": "photo", "voice": "voice", "audio": "voice", "video": "video", "video_note": "video", "animation": "sticker",
    "document": "document", "location": "location", "venue": "location", "contact": "contact", "sticker": "sticker",
    "dice": "sticker", "game": "sticker", "poll": "other", "story": "other", "paid_media": "photo", "checklist": "other",
    "giveaway": "other", "invoice": "other",
}  # fmt: skip
_LARGEST_ID = 2**63 - 1
TEXT_LIMIT = 4096


@dataclass(frozen=True, slots=True)
class Incoming:
    """One update. `kind`: message, edit, command, callback, member or other. `said` is all its words, for triage."""

    update_id: int
    kind: str
    chat_id: int | None = None
    private: bool = True
    user_id: int | None = None
    language_code: str | None = None
    message_id: int | None = None
    text: str = ""
    said: str = ""
    command: str = ""
    argument: str = ""
    media: str = ""
    forwarded: bool = False
    album: str = ""
    data: str = ""
    callback_id: str = ""
    blocked: bool = False
    addressed: bool = False
    thread_id: int | None = None
    date: int = 0
    name: str = ""


class Unreadable(Exception):
    """An update that no Telegram would send: set aside for an operator. Its body is kept, nothing is answered."""


def parse(update: Any, bot_name: str = "", bot_id: int = 0) -> Incoming:
    """Read one decoded update. Raises Unreadable when it has no usable update_id."""
    update_id = update.get("update_id") if isinstance(update, dict) else None
    if not isinstance(update_id, int) or isinstance(update_id, bool) or not 0 <= update_id <= _LARGEST_ID:
        raise Unreadable("no usable update_id")
    try:
        return _parse(update, update_id, bot_name, bot_id)
    except (TypeError, KeyError, AttributeError, ValueError):
        return Incoming(update_id, "other")


def parse_text(body: str, bot_name: str = "", bot_id: int = 0) -> Incoming:
    """Read one raw update as it was stored."""
    return parse(json.loads(body), bot_name, bot_id)


def _parse(update: dict[str, Any], update_id: int, bot_name: str, bot_id: int) -> Incoming:
    if "message" in update:
        return _message(update["message"], update_id, "message", bot_name, bot_id)
    if "edited_message" in update:
        return _message(update["edited_message"], update_id, "edit", bot_name, bot_id)
    if "callback_query" in update:
        return _callback(update["callback_query"], update_id)
    if "my_chat_member" in update:
        return _member(update["my_chat_member"], update_id)
    return Incoming(update_id, "other")


def _message(message: dict[str, Any], update_id: int, kind: str, bot_name: str, bot_id: int) -> Incoming:
    chat, sender = message["chat"], message.get("from")
    if not sender or sender.get("is_bot"):
        return Incoming(update_id, "other")
    text = str(message.get("text") or message.get("caption") or "")
    command, argument = _command(text, bot_name) if kind == "message" and "text" in message else ("", "")
    media = next((name for key, name in _MEDIA.items() if key in message), "")
    if not text and not media:
        return Incoming(update_id, "other", _id(chat["id"]), chat.get("type") == "private")
    return Incoming(
        update_id,
        "command" if command else kind,
        _id(chat["id"]),
        chat.get("type") == "private",
        _id(sender["id"]),
        sender.get("language_code"),
        _id(message["message_id"]),
        "" if command else text,
        _said(message, argument if command else text),
        command,
        argument,
        media,
        "forward_origin" in message or "via_bot" in message,
        str(message.get("media_group_id", "")),
        addressed=_addressed(message, text, bot_name, bot_id),
        thread_id=message.get("message_thread_id") if message.get("is_topic_message") else None,
        date=int(message.get("date", 0)),
        name=str(chat.get("title", ""))[:64],
    )


def _id(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > _LARGEST_ID:
        raise ValueError("not an id")
    return value


def _said(message: dict[str, Any], text: str) -> str:
    """Everything in words: the text, a quote, a poll."""
    parts = [text, str((message.get("quote") or {}).get("text", ""))]
    poll = message.get("poll") or {}
    parts += [str(poll.get("question", ""))] + [str(o.get("text", "")) for o in poll.get("options", [])]
    return "\n".join(part for part in parts if part)


def _command(text: str, bot_name: str) -> tuple[str, str]:
    if not text.startswith("/") or len(text) < 2:
        return "", ""
    head, _, rest = text[1:].partition(" ")
    name, _, target = head.partition("@")
    if target and bot_name and target.lower() != bot_name.lower():
        return "", ""
    word = name.split("\n")[0]
    if not word.replace("_", "").isalnum() or not word.isascii() or len(word) > 32:
        return "", ""
    return word.lower(), rest.strip()


def _addressed(message: dict[str, Any], text: str, bot_name: str, bot_id: int) -> bool:
    """Whether a group message speaks to the bot: a command, a reply to it, or a mention by entity."""
    answered = (message.get("reply_to_message") or {}).get("from") or {}
    if text.startswith("/") or (bot_id and answered.get("id") == bot_id):
        return True
    units = text.encode("utf-16-le")  # entity offsets count UTF-16 units
    for entity in message.get("entities", []) + message.get("caption_entities", []):
        if entity.get("type") == "mention":
            start, length = int(entity["offset"]) * 2, int(entity["length"]) * 2
            if units[start : start + length].decode("utf-16-le", "replace").lower() == f"@{bot_name}".lower():
                return True
    return False


def _callback(query: dict[str, Any], update_id: int) -> Incoming:
    message = query.get("message") or {}
    chat = message.get("chat") or {"id": query["from"]["id"], "type": "private"}
    return Incoming(
        update_id, "callback", _id(chat["id"]), chat.get("type") == "private", _id(query["from"]["id"]),
        query["from"].get("language_code"), message.get("message_id"), data=str(query.get("data", ""))[:64],
        callback_id=str(query["id"])[:64],
    )  # fmt: skip


def _member(change: dict[str, Any], update_id: int) -> Incoming:
    status = change["new_chat_member"]["status"]
    private = change["chat"].get("type") == "private"
    return Incoming(
        update_id, "member", _id(change["chat"]["id"]), private, blocked=status in ("kicked", "left"),
        user_id=_id(change["from"]["id"]), language_code=change["from"].get("language_code"),
    )  # fmt: skip
