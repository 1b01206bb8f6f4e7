"""The webhook's own small server: answers 2xx only when the update is kept, and refuses everything that Telegram would not send.

The secret is compared in constant time, before the body is read.
"""

from __future__ import annotations

import hmac
import json
from typing import Any

from aiohttp import web
from telegram import Bot

from bot.intake import Intake
from bot.poller import KINDS
from bot.wire import call
from core import logs

PATH = "/telegram"
_HEADER = "X-Telegram-Bot-Api-Secret-Token"
_LARGEST = 1_000_000
_DEEPEST = 60


class Webhook:
    """Receives updates for one bot."""

    def __init__(self, intake: Intake, secret: str) -> None:
        self._intake, self._secret = intake, secret.encode()

    async def receive(self, request: web.Request) -> web.Response:
        """One update. 401: not from Telegram; 4xx: no update; 503: it could not be kept, send it again."""
        if len(request.headers.getall(_HEADER, [])) != 1 or not self._trusted(request.headers[_HEADER]):
            return web.Response(status=401)
        if request.content_type != "application/json" or request.headers.get("Content-Encoding"):
            return web.Response(status=415)
        try:
            update = _decode(await request.read())
        except web.HTTPRequestEntityTooLarge:
            return web.Response(status=413)
        except (ValueError, RecursionError):
            return web.Response(status=400)
        try:
            await self._intake.take([update])
        except OSError as error:
            logs.failed("webhook_not_kept", error)
            return web.Response(status=503)
        return web.Response(status=200)

    def _trusted(self, given: str) -> bool:
        return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), self._secret)

    async def serve(self, host: str, port: int) -> web.AppRunner:
        """Listen; returns the runner, to be cleaned up at the end."""
        app = web.Application(client_max_size=_LARGEST)
        app.router.add_post(PATH, self.receive)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, host, port).start()
        return runner


def _decode(body: bytes) -> dict[str, Any]:
    text = body.decode("utf-8")
    if text.count("[") + text.count("{") > _LARGEST // 100 or _depth(text) > _DEEPEST:
        raise ValueError("nested too deep")
    update = json.loads(text)
    if not isinstance(update, dict):
        raise ValueError("not an object")
    return update


def _depth(text: str) -> int:
    """An upper bound of the nesting; brackets in strings count too, which only makes it stricter."""
    deepest = depth = 0
    for letter in text:
        if letter in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif letter in "]}":
            depth -= 1
    return deepest


async def announce(bot: Bot, url: str, secret: str) -> None:
    """Tell Telegram where to send updates."""
    arguments = {
        "url": url.rstrip("/") + PATH,
        "secret_token": secret,
        "max_connections": 8,
        "allowed_updates": list(KINDS),
    }
    out = await call(bot, "setWebhook", arguments)
    if out.state != "sent":
        logs.warning("webhook_not_set", reason=out.reason)
