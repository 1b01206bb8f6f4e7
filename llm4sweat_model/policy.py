"""What a decision leads to: which texts go now, what waits, who should look and by when. Pure.

Reads the verdicts that the guardrails gave; asks no model and writes nothing. Read `respond` first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from core.domain import (
    CaseCause,
    Category,
    Context,
    Disposition,
    Draft,
    Lens,
    Mark,
    Reply,
    Text,
    TextKind,
    Verdict,
)
from llm4sweat_model.condition import Condition

_ORDER = {category: place for place, category in enumerate(Category)}
_FIRST_LENS = {Category.SELF_HARM: Lens.PSYCHOLOGICAL}
_DUE = {
    Category.EMERGENCY: "due_emergency_minutes",
    Category.SELF_HARM: "due_emergency_minutes",
    Category.URGENT_MEDICAL: "due_urgent_minutes",
}
_WAITING = ((15, "waiting.quarter_hour"), (120, "waiting.two_hours"), (10**9, "waiting.one_day"))
_HOLD_TEXT = {
    Category.PREGNANCY_OR_MINOR: "hold.pregnancy_or_minor",
    Category.MEDICATION_DOSING: "hold.medication_dosing",
}
GENERAL_NOW = frozenset({Category.PREGNANCY_OR_MINOR, Category.MEDICATION_DOSING})
"""Held categories in which general, cited information may go now, marked."""

DISTRESS = "distress"
"""The check whose verdict wants the psychological lens."""


def category(verdicts: Iterable[Verdict]) -> Category:
    """The gravest category named; routine when none is."""
    return min((v.category for v in verdicts if v.category), key=lambda c: _ORDER[c], default=Category.ROUTINE)


def disposition(verdicts: Sequence[Verdict], floor: Disposition = Disposition.SEND) -> Disposition:
    """The most cautious that is asked for. An empty list of verdicts is no pass: a person looks."""
    if not verdicts:
        return Disposition.HOLD
    return max(floor, max(v.asks for v in verdicts))


def lenses(kind: Category, verdicts: Iterable[Verdict]) -> tuple[Lens, ...]:
    """Who should look: the category's first lens, and the psychological one where somebody is in distress."""
    first = _FIRST_LENS.get(kind, Lens.CLINICAL)
    distressed = any(v.check == DISTRESS for v in verdicts)
    return (first,) if not distressed or first is Lens.PSYCHOLOGICAL else (first, Lens.PSYCHOLOGICAL)


def due_minutes(kind: Category, asked: Disposition, condition: Condition) -> int:
    """Within how many minutes an expert should have looked."""
    name = _DUE.get(kind, "due_hold_minutes" if asked is Disposition.HOLD else "due_review_minutes")
    return int(condition.threshold(name))


def fixed(
    condition: Condition, language: str, key: str, context: Context, buttons: tuple[str, ...] = (), **values: str
) -> Text:
    """A fixed sentence of the pack, with the numbers of the patient's country."""
    body = condition.message(language, key, country=context.patient.country, **values)
    return Text(TextKind.FIXED, body, key, buttons=buttons)


def waiting(condition: Condition, language: str, minutes: int, on_call: bool) -> str:
    """An honest sentence about how long an answer takes."""
    key = next(key for limit, key in _WAITING if minutes <= limit) if on_call else "waiting.nobody"
    return condition.message(language, key)


def holding(
    reply: Reply, context: Context, condition: Condition, *, key: str | None = None, general: Text | None = None
) -> Reply:
    """A held reply: what is said at once, general cited information where that is allowed, and the draft that waits."""
    language, kind = reply.language, reply.category
    urgent = tuple(
        fixed(condition, language, v.text, context)
        for v in _first_texts(reply.verdicts, Category.URGENT_MEDICAL)
        if v.text
    )
    if not context.patient.consent.review:
        safe = fixed(condition, language, "safe.no_review_consent", context)
        return replace(reply, now=(*urgent, safe, *_some(general)), held=None)
    minutes = due_minutes(kind, Disposition.HOLD, condition)
    wait = waiting(condition, language, minutes, context.on_call)
    held = fixed(condition, language, key or _HOLD_TEXT.get(kind, "hold.general"), context, waiting=wait)
    nobody = () if context.on_call else (fixed(condition, language, "safe.nobody", context),)
    return replace(
        reply,
        now=(*urgent, held, *_some(general), *nobody),
        cause=reply.cause or CaseCause.FLAGGED,
        lenses=lenses(kind, reply.verdicts),
        due_minutes=minutes,
    )


def saying(reply: Reply, draft: Draft, context: Context, condition: Condition) -> Reply:
    """A draft that may be said now: marked, with its sources on a button; REVIEW and distress open a case."""
    if reply.disposition is Disposition.REVIEW and not context.patient.consent.review:
        return replace(reply, now=(fixed(condition, reply.language, "safe.no_review_consent", context),))
    wants = reply.disposition is Disposition.REVIEW
    return replace(
        reply,
        now=(text_of(draft),),
        cause=(reply.cause or CaseCause.FLAGGED) if wants else None,
        lenses=lenses(reply.category, reply.verdicts) if wants else (),
        due_minutes=due_minutes(reply.category, reply.disposition, condition) if wants else None,
    )


def text_of(draft: Draft) -> Text:
    """A draft as the message that a patient gets. An approved answer keeps its stamp; everything else says that none looked."""
    sources = tuple({s.url: s for p in draft.passages for s in p.sources}.values())
    mark = Mark.CHECKED if draft.kind is TextKind.APPROVED else Mark.UNCHECKED
    first = draft.passages[0].id if draft.passages else ""
    origin = draft.origin or first
    buttons = ("sources", "helpful+not_helpful", "report") if sources else ("helpful+not_helpful", "report")
    return Text(draft.kind, draft.text, origin, mark, sources, buttons)


def _first_texts(verdicts: Iterable[Verdict], kind: Category) -> tuple[Verdict, ...]:
    """The first verdict of a category that names a text: one text a category is enough."""
    found = [v for v in verdicts if v.category is kind and v.text]
    return tuple(found[:1])


def _some(text: Text | None) -> tuple[Text, ...]:
    return () if text is None else (text,)
