"""Flood control: how fast the bot may write. Exact figures live with Telegram; these are configurable."""

from __future__ import annotations

import math
import time
from collections import deque
from dataclasses import dataclass

from sandbox.telegram.errors import too_many
from sandbox.telegram.model import Chat
from sandbox.telegram.settings import Limits


@dataclass(slots=True)
class _Bucket:
    rate: float
    burst: float
    level: float
    at: float

    def wait(self, now: float) -> float:
        """Seconds until one more is allowed."""
        self.level = min(self.burst, self.level + (now - self.at) * self.rate)
        self.at = now
        return 0.0 if self.level >= 1 else (1 - self.level) / self.rate


class Flood:
    """One bucket for all, one a chat, and a minute's window a group."""

    def __init__(self, limits: Limits) -> None:
        self.set(limits)

    def set(self, limits: Limits) -> None:
        """Changes the limits and forgets what was sent."""
        self.limits = limits
        self._all = self._bucket(limits.overall_per_second, limits.overall_burst)
        self._chats: dict[int, _Bucket] = {}
        self._groups: dict[int, deque[float]] = {}

    @staticmethod
    def _bucket(rate: float, burst: int) -> _Bucket:
        return _Bucket(rate, burst, burst, time.monotonic())

    def check(self, chat: Chat) -> None:
        """Counts a message to a chat, or raises 429 and counts nothing."""
        now, limits = time.monotonic(), self.limits
        wait, taken = 0.0, []
        if limits.overall_per_second:
            wait = self._all.wait(now)
            taken.append(self._all)
        if limits.chat_per_second:
            bucket = self._chats.get(chat.id)
            if bucket is None:
                bucket = self._chats[chat.id] = self._bucket(limits.chat_per_second, limits.chat_burst)
            wait = max(wait, bucket.wait(now))
            taken.append(bucket)
        if chat.type != "private" and limits.group_per_minute:
            sent = self._groups.setdefault(chat.id, deque())
            while sent and sent[0] < now - 60:
                sent.popleft()
            if len(sent) >= limits.group_per_minute:
                wait = max(wait, sent[0] + 60 - now)
        if wait > 0:
            raise too_many(max(1, math.ceil(wait)))
        for bucket in taken:
            bucket.level -= 1
        if chat.type != "private" and limits.group_per_minute:
            sent.append(now)
