"""One lane a chat: waits a moment for more of the same person, visits the store, sends. Lanes run side by side.

The lane holds the order within this process; the lease on the patient's row holds it across processes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from telegram import Bot

from bot.alarm import Alarm
from bot.delivery import Sender
from bot.people import People
from bot.updates import Incoming
from bot.visit import Visited, Visitor
from bot.wire import call
from core import logs
from core.store import StoreError

_TYPING = 4.0  # Telegram shows "typing" for about five seconds
_BUSY = 1.0
_QUICK = ("callback", "command", "member")
_LONGEST_JOIN = 4  # times the wait: somebody who goes on writing is answered all the same


class Lanes:
    """The lanes of this process. `join` is the wait for more of the same person, in seconds."""

    def __init__(
        self, bot: Bot, visitor: Visitor, sender: Sender, alarm: Alarm, people: People, *, join: float, typing: bool
    ) -> None:
        self.bot = bot
        self._visitor, self._sender, self._alarm, self._people = visitor, sender, alarm, people
        self._join, self._typing = join, typing
        self._due: dict[int, tuple[float, float]] = {}  # chat -> (first, last) time at which its visit is due
        self._open: dict[int, set[int]] = {}  # chat -> emergencies that wait to be recorded
        self._lanes: dict[int, asyncio.Task[None]] = {}
        self._more: set[asyncio.Task[Any]] = set()
        self._threads = ThreadPoolExecutor(3, thread_name_prefix="visit")
        self._free = asyncio.Event()
        self._free.set()

    def wake(self, one: Incoming) -> None:
        """An update of this chat is in the store."""
        assert one.chat_id is not None
        quick = one.kind in _QUICK
        if self._alarm.pending(one.update_id):
            self._open.setdefault(one.chat_id, set()).add(one.update_id)
            quick = True
        self.wake_chat(one.chat_id, 0.0 if quick else self._join)

    def wake_chat(self, chat_id: int, wait: float = 0.0) -> None:
        """Visit this chat after `wait` seconds without anything new; at once when something quick came."""
        now = asyncio.get_running_loop().time()
        first, _ = self._due.get(chat_id, (now + wait * _LONGEST_JOIN, 0.0))
        self._due[chat_id] = (first, min(now + wait, first))
        if chat_id not in self._lanes:
            self._lanes[chat_id] = asyncio.create_task(self._run(chat_id))

    def hold(self, held: bool) -> None:
        """Begin no visit while updates are still being read in."""
        if held:
            self._free.clear()
        else:
            self._free.set()

    def later(self, work: Coroutine[Any, Any, Any]) -> None:
        """Run something that nobody waits for."""
        task = asyncio.create_task(work)
        self._more.add(task)
        task.add_done_callback(self._more.discard)

    async def _run(self, chat_id: int) -> None:
        try:
            while chat_id in self._due:
                now = asyncio.get_running_loop().time()
                if (pause := self._due[chat_id][1] - now) > 0:
                    await asyncio.sleep(pause)
                    continue
                await self._free.wait()
                self._due.pop(chat_id)
                await self._visit(chat_id)
        except StoreError as error:
            logs.failed("visit", error)  # the updates wait in the store; the rescue comes back to them
        except Exception as error:  # one patient's trouble must not end the others' lanes
            logs.failed("visit", error)
        finally:
            self._lanes.pop(chat_id, None)
            if chat_id in self._due:
                self.wake_chat(chat_id)

    async def _visit(self, chat_id: int) -> None:
        emergencies = await self._alarm.settled(list(self._open.get(chat_id, ())))
        typing = (
            asyncio.create_task(self._type(chat_id)) if self._typing and self._people.get(chat_id).consented else None
        )
        loop = asyncio.get_running_loop()
        try:
            visited = await loop.run_in_executor(self._threads, self._visitor.visit, chat_id, emergencies)
        finally:
            if typing is not None:
                typing.cancel()
        if visited.busy:
            self.later(self._again(chat_id))
            return
        self._learn(chat_id, visited)
        for method, arguments in visited.calls:
            await call(self.bot, method, arguments)
        await self._sender.send_all(visited.deliveries)

    async def _again(self, chat_id: int) -> None:
        await asyncio.sleep(_BUSY)
        self.wake_chat(chat_id)

    def _learn(self, chat_id: int, visited: Visited) -> None:
        self._alarm.recorded(visited.done)
        waiting = self._open.get(chat_id, set()) - set(visited.done)
        if waiting:
            self._open[chat_id] = waiting
        else:
            self._open.pop(chat_id, None)
        if visited.forgotten:
            self._people.forget(chat_id)
        elif visited.patient is not None:
            patient = visited.patient.patient
            person = self._people.get(chat_id)
            person.language, person.country = patient.language, patient.country
            person.consented = bool(patient.consent.chat)
            if visited.let_go:
                person.emergency_at = None

    async def _type(self, chat_id: int) -> None:
        while True:
            await call(self.bot, "sendChatAction", {"chat_id": chat_id, "action": "typing"})
            await asyncio.sleep(_TYPING)

    async def close(self, patience: float = 3.0) -> None:
        """Let visits end; what does not stays in the store."""
        tasks = [*self._lanes.values(), *self._more]
        if tasks:
            await asyncio.wait(tasks, timeout=patience)
        for task in tasks:
            task.cancel()
        self._threads.shutdown(wait=False, cancel_futures=True)
