"""The words of the review, as types: who looks, at what, and what they decided. Standard library only; no clock, no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from core.domain import Category, Disposition, Lens

TAGS = (
    "wrong dose",
    "wrong fact",
    "danger missed",
    "contraindication missed",
    "too certain",
    "cold tone",
    "off the question",
    "hard to read",
)
"""What an expert may tick that was wrong with a draft."""


class Action(StrEnum):
    """What an expert did with a case."""

    APPROVE = "approve"  # the draft, word for word
    EDIT = "edit"  # words of the expert's own
    REJECT = "reject"  # nothing is released; the patient is told to see somebody
    ESCALATE = "escalate"  # a lead must look
    RATE = "rate"  # a second look at what was decided: no release


@dataclass(frozen=True, slots=True)
class Reviewer:
    """An expert, known by the user id in Slack. `languages`: those in which this person may release a text; "*": all."""

    id: UUID
    slack_user: str
    name: str
    lenses: tuple[Lens, ...]
    languages: tuple[str, ...]
    lead: bool = False
    on_call: bool = False

    def reads(self, language: str) -> bool:
        """Whether this person may release a text in this language."""
        return "*" in self.languages or language in self.languages


@dataclass(frozen=True, slots=True)
class Rating:
    """What one expert thought of an answer, 1 (bad) to 5 (good)."""

    accuracy: int
    appropriateness: int
    empathy: int
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Flag:
    """A verdict as an expert sees it."""

    check: str
    asks: Disposition
    reason: str


@dataclass(frozen=True, slots=True)
class ReviewCase:
    """What an expert should look at. `patient_version` moves with all that makes a decision out of date.

    `question` and `draft` are redacted and empty where the patient did not agree to review. `sent`: the draft has reached the patient.
    """

    id: UUID
    version: int
    pseudonym: str
    cause: str
    category: Category
    disposition: Disposition
    lenses: tuple[Lens, ...]
    open: bool
    language: str
    country: str | None
    adult: bool | None
    facts: tuple[str, ...]
    question: str
    earlier: tuple[str, ...]
    draft: str
    draft_kind: str
    passages: tuple[Mapping[str, Any], ...]
    flags: tuple[Flag, ...]
    note: str
    due_at: datetime
    opened_at: datetime
    patient_id: UUID | None
    patient_version: int
    reply_id: UUID | None
    sent: bool
    training: bool  # the patient agreed to training
    claimed_by: str = ""
    decided: str = ""  # who did what, when it is closed
    blanked: bool = False

    @property
    def first_lens(self) -> Lens:
        """The lens that may release."""
        return self.lenses[0] if self.lenses else Lens.CLINICAL


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as an expert sent it. `key` names the sending, so that one sent twice is one decision."""

    key: str
    case_id: UUID
    version: int
    patient_version: int
    action: Action
    lens: Lens
    text: str = ""
    rating: Rating | None = None
    note: str = ""
    fits_anyone: bool = False
    for_training: bool = False
