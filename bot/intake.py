"""Takes updates in: emergencies first and from memory, then everything into PostgreSQL (or the spool), then the lanes.

When `take` returns, every update of the batch is kept and Telegram may be told. Raises only when neither PostgreSQL nor the
disk will keep them: then nothing is confirmed, and Telegram sends them again.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from typing import Any

from bot.alarm import Alarm, code
from bot.groups import Groups
from bot.lanes import Lanes
from bot.people import People
from bot.spool import Spool
from bot.updates import Incoming, Unreadable, parse
from bot.wire import call
from core import logs
from core.store import Store, StoreError, intake
from core.store.intake import Arrived
from core.store.patients import patient_key
from llm4sweat_model.condition import Condition

_DRAIN = 500


class Intake:
    """The one way in, for polling and for the webhook."""

    def __init__(
        self, store: Store, spool: Spool, condition: Condition, people: People, alarm: Alarm, lanes: Lanes, groups: Groups,
        *, who: tuple[str, int], secret: str,
    ) -> None:  # fmt: skip
        self._store, self._spool, self._condition, self._people = store, spool, condition, people
        self._alarm, self._lanes, self._groups = alarm, lanes, groups
        self._who, self._secret = who, secret
        self._down = False

    def behind(self, behind: bool) -> None:
        """Whether more updates wait at Telegram: then reading them goes first, since one may be an emergency."""
        self._lanes.hold(behind)

    async def take(self, updates: Sequence[Any]) -> None:
        """Take a batch, in order."""
        now = time.time()
        arrived: list[Arrived] = []
        incoming: list[Incoming] = []
        for raw in updates:
            try:
                one = parse(raw, *self._who)
            except Unreadable:
                logs.warning("update_unreadable")
                continue
            late = now - one.date > self._condition.threshold("late_emergency_minutes") * 60 if one.date else False
            alarm = one.kind in ("message", "edit", "command") and self._alarm.hear(one, late=late)
            arrived.append(self._arrived(one, raw, alarm))
            incoming.append(one)
            if len(incoming) % 16 == 0:
                await asyncio.sleep(0)  # lets an emergency that was just heard go out before the rest is read
        await self._keep(arrived, incoming)

    def _arrived(self, one: Incoming, raw: Any, alarm: bool) -> Arrived:
        if not one.private or one.chat_id is None or one.kind == "other":
            return Arrived(one.update_id, one.chat_id, "other", None)
        key = patient_key(one.chat_id, self._secret)
        language = code(one.language_code, self._condition) or "en"
        body = json.dumps(raw, ensure_ascii=True, separators=(",", ":"))
        return Arrived(one.update_id, one.chat_id, one.kind, body, alarm, key, language)

    async def _keep(self, arrived: list[Arrived], incoming: list[Incoming]) -> None:
        if not arrived:
            return
        try:
            if self._down and not await asyncio.to_thread(self._store.reachable):
                raise StoreError("still down")
            fresh = await asyncio.to_thread(self._arrive, arrived)
        except StoreError:
            await self._spooled(arrived, incoming)
            return
        if self._down:
            await self.drain()
        for one in incoming:
            if one.update_id in fresh:
                self._pass_on(one)
            else:
                self._lanes.wake(one)  # known already: perhaps left by a crash

    def _arrive(self, arrived: Sequence[Arrived]) -> set[int]:
        with self._store.transaction() as db:
            fresh = intake.arrive(db, arrived)
            done = [a.update_id for a in arrived if a.body is None]
            if done:
                intake.finish(db, done)
            return fresh

    def _pass_on(self, one: Incoming) -> None:
        if one.chat_id is None or one.kind == "other":
            return
        if one.private:
            self._lanes.wake(one)
        elif not self._alarm.pending(one.update_id) and (answer := self._groups.answer(one)) is not None:
            self._lanes.later(call(self._lanes.bot, *answer))

    async def _spooled(self, arrived: list[Arrived], incoming: list[Incoming]) -> None:
        await asyncio.to_thread(self._spool.put, arrived)
        if not self._down:
            logs.warning("store_down", spooled=len(arrived))
        self._down = True
        for one in incoming:
            if (
                one.chat_id is None
                or not one.private
                or one.kind not in ("message", "command")
                or not one.said + one.command
            ):
                continue
            if self._alarm.pending(one.update_id):
                continue
            person = self._people.get(one.chat_id)
            if not person.trouble_told:
                person.trouble_told = True
                language = person.language or code(one.language_code, self._condition) or "en"
                text = self._condition.message(language, "trouble.database", country=person.country)
                self._lanes.later(call(self._lanes.bot, "sendMessage", {"chat_id": one.chat_id, "text": text}))

    async def drain(self) -> None:
        """Empty the spool into PostgreSQL, oldest first, and answer what waited."""
        if self._spool.waiting:
            chats = await asyncio.to_thread(self._drain)
            logs.info("spool_drained", chats=len(chats))
            for chat_id in chats:
                self._lanes.wake_chat(chat_id)
        if self._down:
            self._down = False
            self._people.trouble_over()

    def _drain(self) -> list[int]:
        with self._spool.empty() as waiting:
            for start in range(0, len(waiting), _DRAIN):
                self._arrive(waiting[start : start + _DRAIN])
            return list(dict.fromkeys(a.chat_id for a in waiting if a.chat_id is not None and a.body is not None))
