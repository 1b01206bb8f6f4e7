"""The words of the system, as types. Standard library only; no clock, no I/O. ARCHITECTURE.md has the glossary."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from uuid import UUID


class Disposition(IntEnum):
    """What may be said, from the freest to the most cautious. The greatest asked for wins."""

    SEND = 0
    REVIEW = 1
    DECLINE = 2
    HOLD = 3
    EMERGENCY = 4


class Category(StrEnum):
    """What a question is about. When several fit, the first in this order wins."""

    EMERGENCY = "emergency"
    SELF_HARM = "self_harm"
    URGENT_MEDICAL = "urgent_medical"
    PREGNANCY_OR_MINOR = "pregnancy_or_minor"
    MEDICATION_DOSING = "medication_dosing"
    PROMPT_INJECTION = "prompt_injection"
    ABUSE = "abuse"
    OUT_OF_SCOPE = "out_of_scope"
    ROUTINE = "routine"


Lens = StrEnum("Lens", {"CLINICAL": "clinical", "PSYCHOLOGICAL": "psychological"})
"""Through which eyes an expert looks."""


class Purpose(StrEnum):
    """Why a model is asked."""

    DRAFT = "draft"
    JUDGE = "judge"
    ENTAIL = "entail"
    REPAIR = "repair"
    TRANSLATE = "translate"
    EMBED = "embed"


class TextKind(StrEnum):
    """Where a text that a patient reads comes from."""

    FIXED = "fixed"  # a sentence of the pack's messages
    CITED = "cited"  # sentences of the pack's passages
    APPROVED = "approved"  # an expert's words
    DRAFT = "draft"  # a model's words, checked by rules only


Mark = StrEnum("Mark", {"NONE": "none", "UNCHECKED": "unchecked", "CHECKED": "checked"})
"""What stands under a text about who checked it."""


Who = StrEnum("Who", {"PATIENT": "patient", "BOT": "bot", "EXPERT": "expert"})
"""Who said something in a conversation."""


class CaseCause(StrEnum):
    """Why an expert is asked to look."""

    FLAGGED = "flagged"
    SAMPLED = "sampled"
    CANARY = "canary"
    UNANSWERED = "unanswered"
    REPORTED = "reported"
    MODERATOR = "moderator"
    GOLD = "gold"


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of a person. `facts` and `denied` hold the pack's fact names ("fact_pregnant").

    `adult` is None when nobody asked. `hdss` is the disease severity scale, 1 to 4.
    """

    adult: bool | None = None
    sites: tuple[str, ...] = ()
    hdss: int | None = None
    facts: frozenset[str] = frozenset()
    denied: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Consent:
    """What a person agreed to, with the version of the words they agreed to (0: not)."""

    chat: int = 0
    review: int = 0
    training: int = 0


@dataclass(frozen=True, slots=True)
class Patient:
    """A person who writes to us. `key` is a keyed hash of the chat id; the chat id itself stays in the store."""

    id: UUID
    key: str
    language: str
    country: str | None = None
    consent: Consent = Consent()
    profile: Profile = Profile()


@dataclass(frozen=True, slots=True)
class Turn:
    """One thing that a patient said (several quick messages joined are one). `redacted` is what may leave for a model."""

    id: UUID
    text: str
    redacted: str
    language: str | None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """One line of a conversation, oldest first in a history."""

    who: Who
    text: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """Where a medical statement comes from; `grade` is A, B or C as in the facts."""

    id: str
    title: str
    url: str
    grade: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A cited piece of the pack's knowledge in one language; `score` is its nearness to a question, 0 to 1."""

    id: str
    language: str
    version: str
    title: str
    answer: tuple[str, ...]
    must_not: tuple[str, ...]
    expect: tuple[str, ...]
    get_help: tuple[str, ...]
    treatments: frozenset[str]
    sites: frozenset[str]
    country: str
    sources: tuple[Source, ...]
    confidence: str
    reviewed: bool
    score: float = 0.0

    @property
    def sentences(self) -> tuple[str, ...]:
        """All that the passage states, by role, in reading order."""
        return self.answer + self.must_not + self.expect + self.get_help


@dataclass(frozen=True, slots=True)
class Precedent:
    """An approved answer close to the question. Word for word it may be used only as `policy.reusable` says."""

    id: UUID
    question: str
    answer: str
    language: str
    country: str | None
    score: float
    fits_anyone: bool = False
    both_lenses: bool = False
    passages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """What a backend proposed; never said as such."""

    text: str
    passages: tuple[Passage, ...]
    backend: str
    kind: TextKind = TextKind.DRAFT
    adapter: str | None = None
    origin: str | None = None  # the approved answer's id when kind is APPROVED


@dataclass(frozen=True, slots=True)
class Verdict:
    """One check's judgement. `text` is the message key that an emergency or urgent rule names."""

    check: str
    version: str
    category: Category | None
    asks: Disposition
    reason: str
    span: tuple[int, int] | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """One message to a patient. `origin` names its source row: a message key, passage ids, an approved answer's id."""

    kind: TextKind
    body: str
    origin: str
    mark: Mark = Mark.NONE
    sources: tuple[Source, ...] = ()
    buttons: tuple[str, ...] = ()  # names of buttons that the bot knows, such as "safe"

    @property
    def hash(self) -> str:
        """SHA-256 of the body, hex; what a release is bound to."""
        return text_hash(self.body)


@dataclass(frozen=True, slots=True)
class Reply:
    """What is said now, and what waits. `verdicts` keeps every check's judgement, not only the winner."""

    now: tuple[Text, ...]
    held: Draft | None
    disposition: Disposition
    category: Category
    verdicts: tuple[Verdict, ...]
    language: str
    draft: Draft | None = None  # what was proposed, whether said, held or dropped
    cause: CaseCause | None = None  # why a case is wanted, if one is
    lenses: tuple[Lens, ...] = ()
    due_minutes: int | None = None
    opener: str | None = None  # the warm opening used, to be passed in with the next turn
    facts: frozenset[str] = frozenset()  # facts about the person that this turn told


@dataclass(frozen=True, slots=True)
class Request:
    """What a model is asked. Everything a patient wrote is data here, and redacted."""

    purpose: Purpose
    question: str
    language: str
    profile: Profile = Profile()
    country: str | None = None
    history: tuple[Said, ...] = ()
    passages: tuple[Passage, ...] = ()
    precedents: tuple[Precedent, ...] = ()
    draft: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model said, or why it said nothing: `error` is a short name ("timeout", "empty", "cut"), never content."""

    text: str
    backend: str
    adapter: str | None = None
    error: str | None = None
    passages: tuple[str, ...] = ()
    kind: TextKind = TextKind.DRAFT
    origin: str | None = None


Complete = Callable[[Request], Answer]
"""The one door to every model."""


@dataclass(frozen=True, slots=True)
class Context:
    """What `respond` may know besides the turn: all of it is passed in, nothing is looked up."""

    patient: Patient
    history: tuple[Said, ...] = ()
    precedents: tuple[Precedent, ...] = ()
    recent_emergency: bool = False  # one was answered less than ten minutes ago: the short form
    stopped: bool = False  # the emergency stop is on: nothing but fixed texts
    opener: str | None = None  # the warm opening used last, so that it is not repeated
    floor: Disposition | None = None  # None: the pack's own floor; the commands pass SEND
    on_call: bool = True  # somebody is there to decide
    facts_known: bool = False  # the profile already holds what the history told
    allow_unreviewed: bool = False  # what no clinician has signed may be said (the demo, the commands)


def text_hash(body: str) -> str:
    """SHA-256 of a text as it is sent, hex."""
    return hashlib.sha256(body.encode("utf-8")).hexdigest()
