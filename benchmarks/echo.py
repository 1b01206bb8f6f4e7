"""The peer of the throughput figure: a bare python-telegram-bot echo with `concurrent_updates(True)`, on the same local Telegram."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import Any

from sandbox.telegram import start

_ECHO = """
import sys
from telegram import Update
from telegram.ext import Application, ContextTypes, MessageHandler, filters

async def echo(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    await update.message.reply_text(update.message.text)

application = Application.builder().token(sys.argv[1]).base_url(sys.argv[2]).concurrent_updates(True).build()
application.add_handler(MessageHandler(filters.TEXT, echo))
application.run_polling()
"""


def echo_rate(count: int = 1500) -> dict[str, Any]:
    """Echoed messages a second when so many are there at once."""
    with start("--no-limits") as telegram:
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", _ECHO, telegram.token, telegram.api_url],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            people = [telegram.client.person(f"E{n}") for n in range(count)]
            telegram.client.ask(people[0], "ready?", seconds=30)
            after = int(telegram.client.state()["last_event"])
            began = time.monotonic()
            telegram.client.say_many([(person, "what can I try first against sweaty hands?") for person in people])
            said = 0
            while said < count and time.monotonic() - began < 120:
                batch = telegram.client.events(after=after, kinds=["message"], seconds=1)
                said += sum(not e.get("update_id") for e in batch)
                after = batch[-1]["seq"] if batch else after
            return {"answered": said, "per_second": round(said / (time.monotonic() - began), 1)}
        finally:
            process.terminate()
            process.wait(10)
