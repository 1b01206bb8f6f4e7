"""Carries what happens to the open pages (server-sent events), and asks the product what became of a message.

The product is reached over the wire only: `GET <pedigree url>?update_id=N` or `?chat_id=…&message_id=…`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import Any

import aiohttp

from sandbox.telegram.events import Event
from sandbox.telegram.server import TelegramServer

QUEUE, MAX_FOLLOWED = 2000, 20
STEPS = (0.1, 0.15, 0.25, 0.5, 0.5, 0.5, *[1.0] * 30, *[3.0] * 20)
_SETTLED = frozenset(["sent", "refused", "uncertain"])
Payload = dict[str, Any]


class Hub:
    """The open pages and the messages that are being followed."""

    def __init__(self, server: TelegramServer) -> None:
        self._server = server
        self._pages: set[asyncio.Queue[str]] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None
        self.updates: dict[tuple[int, int], int] = {}
        server.world.events.listeners.add(self._on_event)
        server.world.updates.on_forget = self._on_read

    @property
    def asks(self) -> bool:
        """Whether there is a place to ask."""
        return bool(self._server.settings.pedigree_url)

    def open(self) -> asyncio.Queue[str]:
        """A queue of ready server-sent events for a new page."""
        queue: asyncio.Queue[str] = asyncio.Queue(QUEUE)
        self._pages.add(queue)
        return queue

    def shut(self, queue: asyncio.Queue[str]) -> None:
        """The page has gone."""
        self._pages.discard(queue)

    def tell(self, payload: Payload) -> None:
        """Sends to all pages; one that does not read is dropped and connects again by itself."""
        if self._pages:
            line = f"data: {json.dumps(payload, ensure_ascii=False)}\n\n"
            for queue in tuple(self._pages):
                try:
                    queue.put_nowait(line)
                except asyncio.QueueFull:
                    self._pages.discard(queue)

    def _on_event(self, event: Event) -> None:
        update_id = event.get("update_id")
        if update_id and "message" in event:
            place = (event["chat_id"], event["message"]["message_id"])
            self.updates[place] = update_id
            if len(self.updates) > 5000:
                del self.updates[next(iter(self.updates))]
            if self._pages and self.asks and len(self._tasks) < MAX_FOLLOWED:
                task = asyncio.create_task(self._follow(*place))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        if self._pages:
            self.tell(event)

    def _on_read(self, update_id: int) -> None:
        if self._pages:
            self.tell({"kind": "read", "update_id": update_id})

    async def _follow(self, chat_id: int, message_id: int) -> None:
        """Asks again and again until everything owed was sent."""
        last: Payload | None = None
        for pause in STEPS:
            await asyncio.sleep(pause)
            data = await self.pedigree(chat_id, message_id)
            if data and data != last:
                last = data
                self.tell({"kind": "pedigree", "chat_id": chat_id, "message_id": message_id, "data": data})
            if data and _settled(data):
                return

    async def pedigree(self, chat_id: int, message_id: int) -> Payload | None:
        """What the product says of a message; None when it says nothing or cannot be asked."""
        if not self.asks:
            return None
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=3))
        update_id = self.updates.get((chat_id, message_id))
        query = {"update_id": update_id} if update_id else {"chat_id": chat_id, "message_id": message_id}
        with contextlib.suppress(aiohttp.ClientError, TimeoutError, ValueError):
            async with self._session.get(self._server.settings.pedigree_url, params=query) as answer:
                if answer.status == 200:
                    data = await answer.json(content_type=None)
                    return data if isinstance(data, dict) and data else None
        return None

    async def close(self) -> None:
        """Ends the pages' streams and the asking."""
        for queue in self._pages:
            with contextlib.suppress(asyncio.QueueFull):
                queue.put_nowait("")
        for task in tuple(self._tasks):
            task.cancel()
        if self._session is not None:
            await self._session.close()


def _settled(data: Payload) -> bool:
    deliveries = data.get("deliveries") or []
    return bool(data.get("disposition")) and bool(deliveries) and all(d.get("state") in _SETTLED for d in deliveries)
