"""What a handler works with during a visit: the patient's row, the open transaction, and the texts it owes."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from core.domain import Text, TextKind
from core.store import deliveries
from core.store.deliveries import DeliveryRow
from core.store.patients import PatientRow
from core.store.pool import Connection
from llm4sweat_model.condition import Condition


@dataclass(slots=True)
class Desk:
    """One visit's transaction and its fruits. `calls` are best-effort calls to Telegram made after the commit."""

    db: Connection
    row: PatientRow
    condition: Condition
    owed: list[DeliveryRow] = field(default_factory=list)
    calls: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    finished: set[int] = field(default_factory=set)
    albums: set[str] = field(default_factory=set)
    at_once: bool = False  # the limits let this chat have a message now
    forgotten: bool = False
    let_go: bool = False  # the patient pressed "I am safe"

    @property
    def language(self) -> str:
        """The patient's own language."""
        return self.row.patient.language

    def words(self, key: str, **values: str) -> str:
        """A fixed sentence in the patient's language, with the numbers of the patient's country."""
        return self.condition.message(self.language, key, country=self.row.patient.country, **values)

    def say(self, key: str, buttons: Sequence[Any] = (), **values: str) -> None:
        """Owe the patient a fixed sentence."""
        text = Text(TextKind.FIXED, self.words(key, **values), key)
        self.owed.append(
            deliveries.owe(
                self.db, self.row.patient.id, self.row.chat_id, text, self.language, extras={"buttons": list(buttons)}
            )
        )

    def call(self, method: str, **arguments: object) -> None:
        """Call Telegram after the commit; nobody waits for what comes of it."""
        self.calls.append((method, arguments))


def pseudonym() -> str:
    """A name for a case that says nothing about the person and is used once."""
    return secrets.token_hex(4)
