"""What the process remembers of each chat, so that an emergency is answered without any I/O.

A copy for speed, never the truth: PostgreSQL is. Words are kept ten minutes, in memory only, and a person who is
forgotten is forgotten here at once.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import Any

_LIMIT = 50_000
_WORDS = 6  # messages that are read together with the next one
_LETTERS = 1_000  # of each, from its end


@dataclass(slots=True)
class Person:
    """One chat. Times are of the monotonic clock, in seconds."""

    language: str | None = None
    country: str | None = None
    consented: bool = False
    emergency_at: float | None = None
    trouble_told: bool = False
    words: deque[tuple[float, str]] = field(default_factory=lambda: deque(maxlen=_WORDS))

    def recent(self, now: float, window: float) -> str:
        """What was said within the window and raised no alarm, oldest first, one message a line."""
        return "\n".join(text for at, text in self.words if now - at < window)

    def add(self, now: float, text: str, window: float) -> None:
        """Remember what was just said, and forget what is older than the window."""
        self.fade(now, window)
        self.words.append((now, text[-_LETTERS:]))

    def fade(self, now: float, window: float) -> None:
        """Forget words older than the window."""
        while self.words and now - self.words[0][0] >= window:
            self.words.popleft()


class People:
    """The chats seen last; the oldest fall out."""

    def __init__(self) -> None:
        self._known: OrderedDict[int, Person] = OrderedDict()

    def get(self, chat_id: int) -> Person:
        """The person of a chat, made when unknown."""
        person = self._known.get(chat_id)
        if person is None:
            person = self._known[chat_id] = Person()
            if len(self._known) > _LIMIT:
                self._known.popitem(last=False)
        else:
            self._known.move_to_end(chat_id)
        return person

    def learn(self, chat_id: int, **facts: Any) -> None:
        """Set what a visit to the store told."""
        person = self.get(chat_id)
        for name, value in facts.items():
            setattr(person, name, value)

    def forget(self, chat_id: int) -> None:
        """Drop everything about a chat."""
        self._known.pop(chat_id, None)

    def fade(self, now: float, window: float) -> None:
        """Forget everybody's words that are older than the window, in seconds."""
        for person in self._known.values():
            person.fade(now, window)

    def trouble_over(self) -> None:
        """The store is back: at the next outage each is told again."""
        for person in self._known.values():
            person.trouble_told = False
