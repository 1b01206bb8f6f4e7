"""From a text of ours to the message that a patient sees: mark and repeat line around it, buttons under it, split if long.

The body keeps its words: mark and repeat line stand outside it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.wire import Button
from core.domain import Mark, Text
from core.store.deliveries import DeliveryRow
from llm4sweat_model.condition import Condition

_ROOM = 3_800  # Telegram's 4,096 less a mark and a repeat line
_END = re.compile(r"(?<=[.!?。！？؟।])\s+|\n+")


def shown(row: DeliveryRow, condition: Condition) -> str:
    """The whole message: repeat line, body, mark."""
    parts = [row.body]
    if row.repeat:
        parts.insert(0, condition.message(row.language, "repeat.mark"))
    if row.mark is not Mark.NONE:
        parts.append(condition.message(row.language, f"mark.{row.mark.value}"))
    return "\n\n".join(parts)


def buttons(row: DeliveryRow, condition: Condition) -> list[list[Button]]:
    """The keyboard of a delivery, from the names in its extras."""
    return keyboard_rows(row.extras.get("buttons", ()), row.language, condition, row)


def keyboard_rows(
    names: Sequence[Any], language: str, condition: Condition, row: DeliveryRow | None = None
) -> list[list[Button]]:
    """Rows of (label, data). A name is a button of the messages ("safe"), two side by side "a+b", or a label with its own data."""
    rows: list[list[Button]] = []
    for name in names:
        line = name if isinstance(name, list) else name.split("+") if isinstance(name, str) else [name]
        rows.append([_button(item, language, condition, row) for item in line])
    return rows


def _button(item: Any, language: str, condition: Condition, row: DeliveryRow | None) -> Button:
    if isinstance(item, Mapping):
        label = item.get("label") or condition.message(language, item["key"])
        return label, item["data"]
    data = {
        "sources": f"s:{row.id.hex}" if row else "",
        "helpful": f"f:helpful:{row.reply_id.hex}" if row and row.reply_id else "",
        "not_helpful": f"f:not_helpful:{row.reply_id.hex}" if row and row.reply_id else "",
        "report": f"f:report:{row.reply_id.hex}" if row and row.reply_id else "",
    }.get(item, item)
    return condition.message(language, f"button.{item}"), data


def split(text: Text) -> list[Text]:
    """A text in parts that fit a message, cut between sentences; the buttons go under the last."""
    if len(text.body) <= _ROOM:
        return [text]
    parts: list[str] = []
    for sentence in _END.split(text.body):
        for piece in (sentence[i : i + _ROOM] for i in range(0, len(sentence), _ROOM)):
            if parts and len(parts[-1]) + len(piece) < _ROOM:
                parts[-1] += " " + piece
            elif piece.strip():
                parts.append(piece)
    last = len(parts) - 1
    return [replace(text, body=part, buttons=text.buttons if n == last else ()) for n, part in enumerate(parts)]
