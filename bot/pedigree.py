"""A loopback page's answer to "what led to this text?", for the sandbox and an operator; off unless its port is set."""

from __future__ import annotations

import asyncio

from aiohttp import web

from core.store import Store, StoreError, pedigree


async def serve(store: Store, port: int) -> web.AppRunner:
    """Listen on loopback only. `GET /pedigree?update_id=N` answers JSON, 404 while there is nothing."""

    def look(update_id: int) -> dict[str, object] | None:
        with store.transaction() as db:
            return pedigree.of_update(db, update_id)

    async def answer(request: web.Request) -> web.Response:
        try:
            found = await asyncio.to_thread(look, int(request.query["update_id"]))
        except (KeyError, ValueError):
            return web.json_response({"error": "update_id must be a number"}, status=400)
        except StoreError:
            return web.json_response({"error": "PostgreSQL cannot be reached"}, status=503)
        return web.json_response(found) if found else web.json_response({"error": "nothing yet"}, status=404)

    app = web.Application()
    app.router.add_get("/pedigree", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    return runner
