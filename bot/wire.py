"""The calls to Telegram, and what each outcome means. The only place that knows python-telegram-bot's errors.

A read that timed out, a connection cut after the write, a 5xx: Telegram may have taken the message (it has no idempotency
key), so the outcome is `uncertain`. A refused connection or a full pool: surely not sent.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from telegram import Bot
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.transport import NotConnected, Transport
from core.settings import Settings

Button = tuple[str, str]  # label, callback data


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a call. `state`: sent, later (surely not sent), uncertain, gone (403) or refused (400, never)."""

    state: str
    message_id: int | None = None
    after: float = 0.0
    reason: str = ""


def make_bot(settings: Settings, connections: int = 12, read_timeout: float = 20.0) -> Bot:
    """A client of the Bot API at the address of the settings."""
    assert settings.telegram_token is not None
    request = Transport(connections, read=read_timeout)
    token = settings.telegram_token.get_secret_value()
    file_url = settings.telegram_api_url.removesuffix("/bot") + "/file/bot"
    return Bot(
        token, base_url=settings.telegram_api_url, base_file_url=file_url, request=request, get_updates_request=request
    )


def keyboard(rows: Sequence[Sequence[Button]]) -> str | None:
    """An inline keyboard as Telegram's JSON, or None."""
    if not rows:
        return None
    buttons = [[{"text": label, "callback_data": data} for label, data in row] for row in rows]
    return json.dumps({"inline_keyboard": buttons}, ensure_ascii=False)


async def send(bot: Bot, chat_id: int, text: str, rows: Sequence[Sequence[Button]] = (), **more: Any) -> Outcome:
    """Send one plain text; never raises. `more`: reply_to (a message id), thread_id."""
    arguments: dict[str, Any] = {"chat_id": chat_id, "text": text}
    if (markup := keyboard(rows)) is not None:
        arguments["reply_markup"] = markup
    if more.get("reply_to"):
        arguments["reply_parameters"] = json.dumps(
            {"message_id": more["reply_to"], "allow_sending_without_reply": True}
        )
    if more.get("thread_id"):
        arguments["message_thread_id"] = more["thread_id"]
    arguments["link_preview_options"] = json.dumps({"is_disabled": True})
    return await call(bot, "sendMessage", arguments)


async def call(bot: Bot, method: str, arguments: Mapping[str, Any]) -> Outcome:
    """Call any method that changes something; map what came of it."""
    try:
        result = await bot.do_api_request(method, api_kwargs=dict(arguments))
    except TelegramError as error:
        return outcome(error)
    message_id = result.get("message_id") if isinstance(result, dict) else None
    return Outcome("sent", message_id)


def outcome(error: TelegramError) -> Outcome:
    """What an error of python-telegram-bot says about whether the message was sent."""
    if isinstance(error, RetryAfter):
        after = error.retry_after
        return Outcome(
            "later", after=after.total_seconds() if isinstance(after, timedelta) else float(after), reason="flood"
        )
    if isinstance(error, Forbidden):
        return Outcome("gone", reason="forbidden")
    if isinstance(error, ChatMigrated):
        return Outcome("refused", reason="chat_migrated")
    if isinstance(error, BadRequest):
        return Outcome("refused", reason=_known(error.message))
    if isinstance(error, InvalidToken):
        return Outcome("later", after=30.0, reason="token_refused")
    if isinstance(error, NotConnected):
        return Outcome("later", after=1.0, reason="not_connected")
    if isinstance(error, TimedOut):
        return Outcome("uncertain", reason="timed_out")
    if isinstance(error, NetworkError):
        return Outcome("uncertain", reason="connection_lost")
    return Outcome("uncertain", reason="telegram_error")


_REASONS = {"not modified": "not_modified", "chat not found": "chat_not_found", "query is too old": "query_too_old",
            "too long": "too_long", "can't initiate": "gone", "deactivated": "gone"}  # fmt: skip


def _known(message: str) -> str:
    """A name of our own for Telegram's sentence, which may quote what was sent."""
    return next((name for part, name in _REASONS.items() if part in message.lower()), "bad_request")
