"""The page's routes: its files, what it starts with, the stream of events, and what became of a message."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

from aiohttp import web

from sandbox.page.hub import Hub
from sandbox.page.scenes import people_scenes, read_scenes
from sandbox.telegram.server import TelegramServer

STATIC = Path(__file__).with_name("static")
_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
HEARTBEAT_SECONDS = 15.0


def add_page(app: web.Application, server: TelegramServer) -> None:
    """Adds the page to the server of the local Telegram."""
    scenes = read_scenes(server.settings.scenes)
    group_id = people_scenes(scenes, server.control)
    hub = Hub(server)

    async def index(_: web.Request) -> web.StreamResponse:
        return web.FileResponse(STATIC / "index.html", headers=_HEADERS)

    async def file(request: web.Request) -> web.StreamResponse:
        path = STATIC / request.match_info["name"]
        if not path.is_file():
            raise web.HTTPNotFound
        return web.FileResponse(path, headers=_HEADERS)

    async def start(_: web.Request) -> web.StreamResponse:
        found = {"scenes": scenes, "group_id": group_id, "bot": server.world.bot, "asks": hub.asks}
        return web.json_response(found, headers=_HEADERS)

    async def pedigree(request: web.Request) -> web.StreamResponse:
        try:
            place = int(request.query["chat_id"]), int(request.query["message_id"])
        except (KeyError, ValueError):
            raise web.HTTPBadRequest(text="chat_id and message_id are needed") from None
        return web.json_response(await hub.pedigree(*place), headers=_HEADERS)

    async def events(request: web.Request) -> web.StreamResponse:
        return await _stream(request, hub)

    async def close(_: web.Application) -> None:
        await hub.close()

    app.router.add_get("/", index)
    app.router.add_get("/static/{name:[a-z_]+\\.(?:js|css|svg)}", file)
    app.router.add_get("/page/start", start)
    app.router.add_get("/page/pedigree", pedigree)
    app.router.add_get("/page/events", events)
    app.on_shutdown.append(close)


async def _stream(request: web.Request, hub: Hub) -> web.StreamResponse:
    response = web.StreamResponse(headers=_HEADERS | {"Content-Type": "text/event-stream"})
    await response.prepare(request)
    queue = hub.open()
    try:
        await response.write(b"retry: 1000\n\n")
        while True:
            line = ": still here\n\n"
            with contextlib.suppress(TimeoutError):
                line = await asyncio.wait_for(queue.get(), HEARTBEAT_SECONDS)
            if not line:
                break
            while not queue.empty() and len(line) < 65536:
                line += queue.get_nowait()
            await response.write(line.encode())
    except ConnectionResetError:
        pass
    finally:
        hub.shut(queue)
    return response
