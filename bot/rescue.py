"""Comes back to what a crash or an outage left: open updates, emergencies not recorded, texts due, the spool.

Runs at start and every ten seconds, by the functions that a worker's task will use.
"""

from __future__ import annotations

import asyncio

from bot.alarm import Alarm
from bot.delivery import Sender
from bot.intake import Intake
from bot.lanes import Lanes
from bot.updates import parse_text
from core import logs
from core.store import Store, StoreError, intake
from core.store.intake import IntakeRow

_EVERY = 10.0
_SOON = 1.0
_OLD = 15.0  # a lane of this process would have visited by then


class Rescue:
    """The ten-second look of one process."""

    def __init__(
        self,
        store: Store,
        taking: Intake,
        alarm: Alarm,
        lanes: Lanes,
        sender: Sender,
        *,
        who: tuple[str, int],
        late: float,
    ) -> None:
        self._store, self._intake, self._alarm, self._lanes, self._sender = store, taking, alarm, lanes, sender
        self._who, self._late = who, late

    async def run(self) -> None:
        """For ever: all that is open at once, then every ten seconds what is old."""
        older, waited = 0.0, _EVERY
        while True:
            if waited >= _EVERY:
                self._alarm.fade()
                await self._quietly(older)
                older, waited = _OLD, 0.0
            elif self._sender.owing:
                await self._due()
            await asyncio.sleep(_SOON)
            waited += _SOON

    async def _quietly(self, older: float) -> None:
        try:
            await self._intake.drain()
            emergencies, chats = await asyncio.to_thread(self._left, older)
        except (StoreError, OSError):
            return
        for row in emergencies:
            self._again(row)
        for chat_id in chats:
            self._lanes.wake_chat(chat_id)
        await self._due()

    async def _due(self) -> None:
        try:
            await self._sender.catch_up()
        except StoreError as error:
            logs.failed("catch_up", error)

    def _left(self, older: float) -> tuple[list[IntakeRow], list[int]]:
        with self._store.transaction() as db:
            return intake.emergencies_left(db, older), intake.chats_left(db, older)

    def _again(self, row: IntakeRow) -> None:
        """An emergency whose process died: it alone may be sent a second time."""
        one = parse_text(row.body, *self._who)
        if self._alarm.pending(row.update_id) or self._alarm.hear(one, late=row.age > self._late):
            self._lanes.wake(one)
