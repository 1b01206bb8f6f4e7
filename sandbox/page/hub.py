"""Carries what happens to the open pages (server-sent events), and asks the product what became of a message.

The product is reached over the wire only: `GET <pedigree url>?update_id=N`, or `?chat_id=…&message_id=…` where the update is not known.
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
        if not self._pages:
            return
        if event.get("update_id") and "message" in event and self.asks and len(self._tasks) < MAX_FOLLOWED:
            task = asyncio.create_task(self._follow(event["chat_id"], event["message"]["message_id"]))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
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
        told = self._server.world.told.get((chat_id, message_id), [])
        queries = [{"update_id": number} for number in reversed(told)]
        found: Payload | None = None
        for query in queries or [{"chat_id": chat_id, "message_id": message_id}]:
            answer = await self._ask(self._session, query)
            if answer and answer.get("disposition"):
                return answer
            found = found or answer
        return found

    async def _ask(self, session: aiohttp.ClientSession, query: dict[str, int]) -> Payload | None:
        with contextlib.suppress(aiohttp.ClientError, TimeoutError, ValueError):
            async with session.get(self._server.settings.pedigree_url, params=query) as answer:
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
    """Whether nothing more is to come: all was sent, or the update is done with and led to no reply."""
    if not data.get("disposition"):
        update = data.get("update")
        return isinstance(update, dict) and update.get("state") in ("done", "aside")
    deliveries = data.get("deliveries") or []
    return bool(deliveries) and all(delivery.get("state") in _SETTLED for delivery in deliveries)
