"""People and chats as the sandbox keeps them, and their JSON as the Bot API shows it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

Message = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Person:
    """A Telegram user."""

    id: int
    first_name: str
    last_name: str = ""
    username: str = ""
    language_code: str = ""

    def user(self) -> dict[str, Any]:
        """The `User` object."""
        user: dict[str, Any] = {"id": self.id, "is_bot": False, "first_name": self.first_name}
        for name in ("last_name", "username", "language_code"):
            if getattr(self, name):
                user[name] = getattr(self, name)
        return user


@dataclass(slots=True)
class Chat:
    """A private chat, group or supergroup with the bot.

    `open` says whether the bot may write: a private chat opens with the person's first message and shuts when the
    person blocks the bot; a group shuts when the bot is removed.
    """

    id: int
    type: str
    title: str = ""
    person: Person | None = None
    members: set[int] = field(default_factory=set)
    open: bool = False
    shut_by: str = ""
    bot_is_admin: bool = False
    bot_sees_all: bool = False
    migrated_to: int = 0
    last_number: int = 0
    messages: dict[int, Message] = field(default_factory=dict)

    def json(self) -> dict[str, Any]:
        """The `Chat` object."""
        if self.person is None:
            return {"id": self.id, "type": self.type, "title": self.title}
        chat: dict[str, Any] = {"id": self.id, "type": "private", "first_name": self.person.first_name}
        for name in ("last_name", "username"):
            if getattr(self.person, name):
                chat[name] = getattr(self.person, name)
        return chat

    def row(self) -> dict[str, Any]:
        """Everything but the messages, for the store."""
        row = {name: getattr(self, name) for name in _KEPT}
        return row | {"members": sorted(self.members), "person": asdict(self.person) if self.person else None}

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> Chat:
        """A chat as it was kept."""
        person = Person(**row["person"]) if row["person"] else None
        return cls(**row | {"person": person, "members": set(row["members"])})


_KEPT = (
    "id", "type", "title", "open", "shut_by", "bot_is_admin", "bot_sees_all", "migrated_to", "last_number",
)  # fmt: skip
