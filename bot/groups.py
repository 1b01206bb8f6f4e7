"""In a group the bot says one sentence with a link to the private chat, when it is addressed, and nothing else.

An emergency in a group is answered by the alarm, in one line. Nothing of a group is kept.
"""

from __future__ import annotations

import time
from typing import Any

from bot.alarm import code
from bot.updates import Incoming
from llm4sweat_model.condition import Condition

_PAUSE = 20.0  # seconds between two such sentences in one group


class Groups:
    """What this process last said in each group."""

    def __init__(self, condition: Condition, username: str) -> None:
        self._condition, self._username = condition, username
        self._last: dict[int, float] = {}

    def answer(self, incoming: Incoming) -> tuple[str, dict[str, Any]] | None:
        """The call that answers a group message, or None."""
        if incoming.kind not in ("message", "command") or not incoming.addressed or incoming.chat_id is None:
            return None
        now = time.monotonic()
        if now - self._last.get(incoming.chat_id, -_PAUSE) < _PAUSE:
            return None
        self._last[incoming.chat_id] = now
        language = code(incoming.language_code, self._condition) or "en"
        link = f"https://t.me/{self._username}"
        arguments: dict[str, Any] = {
            "chat_id": incoming.chat_id,
            "text": self._condition.message(language, "group.private", link=link),
            "reply_parameters": f'{{"message_id": {incoming.message_id}, "allow_sending_without_reply": true}}',
        }
        if incoming.thread_id:
            arguments["message_thread_id"] = incoming.thread_id
        return "sendMessage", arguments
