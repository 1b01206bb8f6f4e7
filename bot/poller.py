"""Long polling of our own: an update is confirmed only when it is kept.

python-telegram-bot's own updater confirms updates as soon as they are queued in memory, and a crash then loses them.
"""

from __future__ import annotations

import asyncio
from typing import Any

from telegram import Bot
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.intake import Intake
from bot.wire import outcome
from core import logs

KINDS = ("message", "edited_message", "callback_query", "my_chat_member")
_BATCH = 100  # Telegram's own limit
_HOLD = 25  # seconds that Telegram keeps an empty poll open; its limit is 50


async def poll(bot: Bot, intake: Intake) -> None:
    """Poll for ever. Raises InvalidToken when Telegram refuses the token."""
    offset, pause, full = 0, 1.0, False
    while True:
        try:
            updates = await _get(bot, offset, 0 if full else _HOLD)
            full = len(updates) >= _BATCH
            intake.behind(full)
            if updates:
                await intake.take(updates)
                offset = max(u["update_id"] for u in updates if isinstance(u.get("update_id"), int)) + 1
            pause = 1.0
        except InvalidToken:
            raise
        except (TelegramError, OSError) as error:
            wait = (
                outcome(error).after if isinstance(error, RetryAfter) else 5.0 if isinstance(error, Conflict) else pause
            )
            logs.failed("poll", error)
            await asyncio.sleep(wait)
            pause = min(pause * 2, 15.0)


async def _get(bot: Bot, offset: int, hold: int) -> list[dict[str, Any]]:
    arguments = {"timeout": hold, "limit": _BATCH, "allowed_updates": list(KINDS)}
    if offset:
        arguments["offset"] = offset
    updates: Any = await bot.do_api_request("getUpdates", api_kwargs=arguments, read_timeout=_HOLD + 10)
    return updates if isinstance(updates, list) else []
