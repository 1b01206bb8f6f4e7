"""Delivers updates to the webhook: one at a time a chat, chats in parallel, failures again after a doubling delay."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import time
from collections import deque
from typing import Any

import aiohttp

from sandbox.telegram.api import Api
from sandbox.telegram.errors import ApiError
from sandbox.telegram.updates import Update
from sandbox.telegram.world import World

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
MAX_RETRY_AFTER, MAX_DELAY, ANSWER_SECONDS, GONE_SECONDS = 3600.0, 60.0, 60.0, 23 * 3600


class Deliveries:
    """A queue a chat; the head of a queue blocks only its own chat."""

    def __init__(self, world: World, api: Api) -> None:
        self.world, self.api = world, api
        self._queues: dict[int, deque[Update]] = {}
        self._ready: deque[int] = deque()
        self._wake = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._url = ""
        self._gone_since = 0.0
        self._fails: dict[int, int] = {}

    def changed(self) -> None:
        """The webhook was set or taken back."""
        self._wake.set()

    def push(self, update: Update) -> None:
        """A new update; only with a webhook is it queued here."""
        if not self._url:
            return
        chat_id = chat_of(update)
        queue = self._queues.get(chat_id)
        if queue is None:
            queue = self._queues[chat_id] = deque()
            self._ready.append(chat_id)
        queue.append(update)
        self._wake.set()

    def reset(self) -> None:
        """After the webhook was set or taken back: starts again from what is pending."""
        for task in self._tasks:
            task.cancel()
        self._queues.clear()
        self._ready.clear()
        self._url = self.world.hook.get("url", "")
        self._gone_since = 0.0
        for _, update in self.world.updates.pending.values():
            self.push(update)

    async def run(self) -> None:
        """Delivers until cancelled."""
        timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS, sock_connect=5)
        connector = aiohttp.TCPConnector(limit=0, ssl=False)
        async with aiohttp.ClientSession(timeout=timeout, connector=connector) as session:
            try:
                while True:
                    await self._wake.wait()
                    self._wake.clear()
                    self._start(session)
            finally:
                for task in self._tasks:
                    task.cancel()

    def _start(self, session: aiohttp.ClientSession) -> None:
        if self.world.hook.get("url", "") != self._url:
            self.reset()
        most = self.world.hook.get("max_connections", 40)
        while self._ready and len(self._tasks) < most:
            chat_id = self._ready.popleft()
            task = asyncio.create_task(self._one(session, chat_id))
            self._tasks.add(task)
            task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._wake.set()

    async def _one(self, session: aiohttp.ClientSession, chat_id: int) -> None:
        """Delivers the head of one chat's queue; a failed one comes again, later."""
        queue = self._queues[chat_id]
        update = queue[0]
        delay = await self._attempt(session, update)
        if delay is not None and not self.world.updates.expired(update["update_id"]):
            asyncio.get_running_loop().call_later(self._pause(update, delay), self._again, chat_id, queue)
            return
        queue.popleft()
        self._fails.pop(update["update_id"], None)
        self.world.updates.forget(update["update_id"])
        self._next(chat_id, queue)

    def _pause(self, update: Update, wanted: float) -> float:
        """Seconds until the next attempt: none after the first failure, then doubling up to one or two minutes."""
        fails = self._fails[update["update_id"]] = self._fails.get(update["update_id"], 0) + 1
        if wanted >= 0:
            return wanted
        doubled = self.world.settings.webhook_retry_seconds * 2.0 ** (fails - 1)
        return 0.0 if fails == 1 else min(doubled, random.uniform(MAX_DELAY, 2 * MAX_DELAY))

    def _again(self, chat_id: int, queue: deque[Update]) -> None:
        if self._queues.get(chat_id) is queue:
            self._next(chat_id, queue)

    def _next(self, chat_id: int, queue: deque[Update]) -> None:
        if queue:
            self._ready.append(chat_id)
            self._wake.set()
        elif self._queues.get(chat_id) is queue:
            del self._queues[chat_id]

    async def _attempt(self, session: aiohttp.ClientSession, update: Update) -> float | None:
        """None when it is done with; else the seconds to wait, negative for "as usual"."""
        hook = self.world.hook
        headers = {SECRET_HEADER: hook["secret"]} if hook.get("secret") else {}
        try:
            async with session.post(self._url, json=update, headers=headers, allow_redirects=False) as answer:
                body = await answer.read()
                status, after = answer.status, answer.headers.get("Retry-After", "")
        except (aiohttp.ClientError, TimeoutError) as error:
            self._failed(f"Connection failed: {type(error).__name__}")
            return -1.0
        if 200 <= status < 300:
            self._gone_since = 0.0
            await self._answered(body)
            return None
        self._failed(f"Wrong response from the webhook: {status} {answer.reason}")
        if status == 410:
            self._gone()
        return min(float(after), MAX_RETRY_AFTER) if after.isdigit() else -1.0

    def _failed(self, text: str) -> None:
        self.world.hook["error"] = [int(time.time()), text]

    def _gone(self) -> None:
        self._gone_since = self._gone_since or time.time()
        if time.time() - self._gone_since > GONE_SECONDS:
            self.world.hook.pop("url", None)
            self.world.keep("hook")

    async def _answered(self, body: bytes) -> None:
        """A method call in the answer is made; its result is told to nobody."""
        with contextlib.suppress(ValueError, ApiError):
            call: Any = json.loads(body) if body[:1] == b"{" else {}
            name = call.pop("method", "") if isinstance(call, dict) else ""
            if name:
                method, args, _ = self.api.prepare(name, call)
                await self.api.run(method, args)


def chat_of(update: Update) -> int:
    """The chat whose order of updates must hold."""
    body = next(value for key, value in update.items() if key != "update_id")
    if not isinstance(body, dict):
        return 0
    chat = body.get("chat") or body.get("message", {}).get("chat") or {}
    return int(chat.get("id") or 0)
