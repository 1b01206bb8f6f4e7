"""What Telegram shows before the first message and beside the text field: commands and descriptions, per language."""

from __future__ import annotations

import json

from telegram import Bot

from bot.handlers.commands import NAMES
from bot.wire import call
from core import logs
from llm4sweat_model.condition import Condition


async def publish(bot: Bot, condition: Condition) -> None:
    """Set commands, description and short description for every language; English stands for all others."""
    for language in ("", *condition.languages):
        words = language or "en"
        commands = [{"command": name, "description": condition.message(words, f"command.{name}")} for name in NAMES]
        code = {"language_code": language} if language else {}
        for method, arguments in (
            ("setMyCommands", {"commands": json.dumps(commands, ensure_ascii=False)}),
            ("setMyDescription", {"description": condition.message(words, "bot.description")}),
            ("setMyShortDescription", {"short_description": condition.message(words, "bot.short_description")}),
        ):
            out = await call(bot, method, {**arguments, **code})
            if out.state != "sent":
                logs.warning("menu_not_set", method=method, reason=out.reason)
                return
