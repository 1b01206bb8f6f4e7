"""The state of the local Telegram: people, chats, messages, pending updates. Both sides, bot and people, act on it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from sandbox.telegram.errors import bad, forbidden
from sandbox.telegram.events import Events
from sandbox.telegram.faults import Faults
from sandbox.telegram.limits import Flood
from sandbox.telegram.model import Chat, Message, Person
from sandbox.telegram.settings import Settings
from sandbox.telegram.store import Store
from sandbox.telegram.updates import Updates

RESERVED = 10_000


class Numbers:
    """Numbers that only grow, also after a kill: they are reserved in blocks before any of a block is given out."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._last: dict[int, int] = {a: value for a, _, value in store.load("number")}
        self._reserved = dict(self._last)

    def next(self, series: int, first: int = 1) -> int:
        """The next number of a series (a chat id, or one of the small constants below)."""
        number = self._last.get(series, first - 1) + 1
        self._last[series] = number
        if number > self._reserved.get(series, first - 1):
            self._reserved[series] = number + RESERVED
            self._store.put_now("number", series, 0, number + RESERVED)
        return number

    def settle(self) -> None:
        """Gives unused reserved numbers back, at a clean end."""
        for series, last in self._last.items():
            self._store.put("number", series, 0, last)


UPDATE, MESSAGE, PERSON, CALLBACK, GROUP, SUPERGROUP = range(1, 7)


class World:
    """Everything that is true in this Telegram."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.store = Store(settings.data_dir)
        self.numbers = Numbers(self.store)
        self.events = Events(settings.keep_events)
        self.faults = Faults()
        self.flood = Flood(settings.limits)
        self.updates = Updates(self.store, self._next_update)
        self.people: dict[int, Person] = {a: Person(**row) for a, _, row in self.store.load("person")}
        self.chats: dict[int, Chat] = {a: Chat.from_row(row) for a, _, row in self.store.load("chat")}
        for chat_id, number, message in self.store.load("message"):
            self.chats[chat_id].messages[number] = message
        self.told: dict[tuple[int, int], list[int]] = {(a, b): ids for a, b, ids in self.store.load("told")}
        self.bot = {
            "id": settings.bot_id,
            "is_bot": True,
            "first_name": settings.bot_name,
            "username": settings.bot_username,
        }
        self.profile: dict[str, Any] = self._kept("profile")
        self.hook: dict[str, Any] = self._kept("hook")
        if "allowed" in self.hook:
            self.updates.allowed = frozenset(self.hook["allowed"])
        self.callbacks: dict[str, tuple[float, int]] = {}
        self.on_hook: Callable[[], None] | None = None

    def _kept(self, kind: str) -> dict[str, Any]:
        rows = self.store.load(kind)
        return rows[0][2] if rows else {}

    def keep(self, kind: str) -> None:
        """Keeps `profile` or `hook` after a change."""
        self.store.put(kind, 0, 0, getattr(self, kind))
        if kind == "hook" and self.on_hook is not None:
            self.on_hook()

    def _next_update(self) -> int:
        return self.numbers.next(UPDATE, first=700_000_001)

    def add_person(self, person: Person) -> Person:
        """Adds or changes a person; the private chat with the bot comes with it, not yet open."""
        self.people[person.id] = person
        self.store.put("person", person.id, 0, _person_row(person))
        chat = self.chats.get(person.id)
        if chat is None:
            chat = self.chats[person.id] = Chat(person.id, "private")
        chat.person = person
        self.keep_chat(chat)
        return person

    def keep_chat(self, chat: Chat) -> None:
        """Keeps a chat after a change."""
        self.store.put("chat", chat.id, 0, chat.row())

    def chat(self, chat_id: int | str) -> Chat:
        """The chat, or 400."""
        chat = self.chats.get(chat_id) if isinstance(chat_id, int) else self._by_name(chat_id)
        if chat is None:
            raise bad("chat not found")
        return chat

    def _by_name(self, name: str) -> Chat | None:
        wanted = name[1:].lower()
        return next((c for c in self.chats.values() if c.person and c.person.username.lower() == wanted), None)

    def writable(self, chat_id: int | str) -> Chat:
        """The chat if the bot may write there, else the error that Telegram gives."""
        chat = self.chat(chat_id)
        if chat.migrated_to:
            raise bad("group chat was upgraded to a supergroup chat", migrate_to_chat_id=chat.migrated_to)
        if not chat.open:
            raise forbidden(chat.shut_by or "bot can't initiate conversation with a user")
        return chat

    def message(self, chat: Chat, number: int, what: str = "message not found") -> Message:
        """A message of a chat, or 400 with `what`."""
        message = chat.messages.get(number)
        if message is None:
            raise bad(what)
        return message

    def post(self, chat: Chat, sender: dict[str, Any], content: dict[str, Any], age: float = 0.0) -> Message:
        """A new message; `content` is everything beside id, sender, chat and date."""
        series = chat.id if chat.type == "supergroup" else MESSAGE
        message = {
            "message_id": self.numbers.next(series),
            "from": sender,
            "chat": chat.json(),
            "date": int(time.time() - age),
            **content,
        }
        self.replace(chat, message)
        chat.last_number = message["message_id"]
        if len(chat.messages) > self.settings.keep_messages:
            self.remove(chat, next(iter(chat.messages)))
        return message

    def replace(self, chat: Chat, message: Message) -> None:
        """Puts a message in the place of the one with its number; messages are never changed in place."""
        chat.messages[message["message_id"]] = message
        self.store.put("message", chat.id, message["message_id"], message)

    def remove(self, chat: Chat, number: int) -> None:
        """Takes a message away."""
        chat.messages.pop(number, None)
        self.store.put("message", chat.id, number, None)
        if self.told.pop((chat.id, number), None):
            self.store.put("told", chat.id, number, None)

    def remember(self, message: Message, update_id: int) -> None:
        """Keeps by which updates the bot was told of a person's message, first the message, then its edits."""
        if update_id:
            chat_id, number = message["chat"]["id"], message["message_id"]
            ids = self.told[(chat_id, number)] = [*self.told.get((chat_id, number), []), update_id]
            self.store.put("told", chat_id, number, ids)

    def close(self) -> None:
        """Writes everything down."""
        self.numbers.settle()
        self.store.close()


def _person_row(person: Person) -> dict[str, Any]:
    return {
        "id": person.id,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "username": person.username,
        "language_code": person.language_code,
    }
