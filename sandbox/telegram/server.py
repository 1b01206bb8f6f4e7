"""The HTTP server: `/bot<token>/<method>`, `/control/<act>`, and whatever routes a page adds."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from sandbox.telegram.api import Api
from sandbox.telegram.control import Control
from sandbox.telegram.errors import ApiError, bad
from sandbox.telegram.faults import Fault
from sandbox.telegram.params import read
from sandbox.telegram.settings import Settings
from sandbox.telegram.webhook import Deliveries
from sandbox.telegram.world import World

MAX_BODY = 50 * 1024 * 1024
Extend = Callable[[web.Application, "TelegramServer"], None]


def _answer(body: dict[str, Any], status: int = 200) -> web.Response:
    headers = {}
    wait = body.get("parameters", {}).get("retry_after") if status == 429 else None
    if wait is not None:
        headers["Retry-After"] = str(wait)
    data = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
    return web.Response(body=data, status=status, content_type="application/json", headers=headers)


class TelegramServer:
    """A local Telegram: `async with TelegramServer(Settings(...)) as server: server.url`."""

    def __init__(self, settings: Settings | None = None, extend: Extend | None = None) -> None:
        self.settings = settings or Settings()
        self._extend = extend
        self.url = ""

    async def __aenter__(self) -> Self:
        self.world = World(self.settings)
        self.api = Api(self.world)
        self.control = Control(self.world, self.api)
        self.deliveries = Deliveries(self.world, self.api)
        self.world.updates.on_push = self.deliveries.push
        self.world.on_hook = self.deliveries.changed
        self.deliveries.changed()
        app = web.Application(client_max_size=MAX_BODY)
        app.router.add_route("*", "/control/{act}", self._control)
        app.router.add_route("*", "/{bot:bot.*}", self._bot)
        if self._extend is not None:
            self._extend(app, self)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self.settings.host, self.settings.port, backlog=1024)
        await site.start()
        self.port = int(self._runner.addresses[0][1])
        self.url = f"http://{self.settings.host}:{self.port}"
        self._tasks = [
            asyncio.create_task(self.world.store.run()),
            asyncio.create_task(self.deliveries.run()),
        ]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.world.updates.end_poll(ApiError(502, "Bad Gateway"))
        await self._runner.cleanup()
        self.world.store.stop()
        self._tasks[1].cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*self._tasks)
        self.world.close()

    @property
    def api_url(self) -> str:
        """What `TELEGRAM_API_URL` must be: the base without the token."""
        return f"{self.url}/bot"

    async def _bot(self, request: web.Request) -> web.StreamResponse:
        """One call of a bot."""
        try:
            token, _, name = request.path[4:].partition("/")
            if token != self.settings.token:
                raise ApiError(401, "Unauthorized" if ":" in token else "Unauthorized: invalid token specified")
            if request.method not in ("GET", "POST"):
                raise ApiError(405, "Method Not Allowed")
            method, args, fault = self.api.prepare(name, await read(request))
            if fault is not None:
                return await self._faulty(request, method, args, fault)
            return _answer({"ok": True, "result": await self.api.run(method, args)})
        except ApiError as error:
            return _answer(error.body(), error.code)
        except web.HTTPRequestEntityTooLarge:
            return _answer(ApiError(413, "Request Entity Too Large").body(), 413)

    async def _faulty(
        self, request: web.Request, method: str, args: dict[str, Any], fault: Fault
    ) -> web.StreamResponse:
        """A call that meets a switch."""
        if fault.kind == "error":
            raise fault.error()
        if fault.kind == "html":
            page = f"<html><head><title>{fault.code}</title></head><body>nginx</body></html>"
            return web.Response(text=page, status=fault.code, content_type="text/html")
        if fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
            return _answer({"ok": True, "result": await self.api.run(method, args)})
        if fault.kind in ("lost", "lost_hang"):
            await self.api.run(method, args)
        if fault.kind in ("hang", "lost_hang"):
            await asyncio.sleep(fault.seconds)
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    async def _control(self, request: web.Request) -> web.StreamResponse:
        """One act of the control API."""
        try:
            _same_origin(request)
            raw = await read(request)
            return _answer({"ok": True, "result": await self.control.act(request.match_info["act"], raw)})
        except ApiError as error:
            return _answer(error.body(), error.code)


def _same_origin(request: web.Request) -> None:
    """Keeps pages of other sites, open in the same browser, away from this server."""
    origin = request.headers.get("Origin")
    if origin is not None and origin.partition("://")[2] != request.host:
        raise bad("this server answers its own page only")
