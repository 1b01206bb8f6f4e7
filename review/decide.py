"""What an expert decided, done in one short transaction: decision, release, approved answer, and the texts owed.

Refuses what is out of date rather than guess. Calls neither Slack nor Telegram: tasks do that after the commit.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from difflib import SequenceMatcher
from uuid import UUID

from core.cases import Action, Filled, ReviewCase, Reviewer
from core.domain import Category, Text, TextKind
from core.store import Store, cases, decisions, deliveries, patients, reviewers
from core.store.pool import Connection
from llm4sweat_model.condition import Condition
from llm4sweat_model.grounded import Grounded

LONGEST = 3_000
_MATERIAL = 0.98  # a draft that is more alike to what replaced it was changed in looks only
_NOT_REUSED = (Category.EMERGENCY, Category.SELF_HARM)
_RELEASES = (Action.APPROVE, Action.EDIT)


class Refused(Exception):
    """The decision was not taken; nothing was kept. `reason` names why, for the form to say so in its own words.

    gone, not_a_reviewer, closed, changed (the patient wrote, edited or withdrew), lens, language, empty, too_long, no_draft,
    boundary (a second expert must send the same text).
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason, self.detail = reason, detail


@dataclass(frozen=True, slots=True)
class Decided:
    """What was kept. `again`: this form had been taken before, so nothing was done now."""

    case_id: UUID
    action: Action
    again: bool = False


def tidy(text: str) -> str:
    """A text as it is kept and sent: composed letters, plain line ends, no space around it."""
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()


def decide(store: Store, condition: Condition, filled: Filled, slack_user: str, today: date) -> Decided:
    """Take a decision. Raises Refused, or StoreError when PostgreSQL is away: then the form keeps what was typed."""
    broken = None
    with store.transaction() as db:
        if decisions.known(db, filled.key):
            return Decided(filled.case_id, filled.action, again=True)
        reviewer = reviewers.by_user(db, slack_user)
        if reviewer is None:
            raise Refused("not_a_reviewer")
        case = _current(db, filled)
        if filled.action is Action.RATE:
            return _rated(db, case, filled, reviewer)
        _in_time(case, filled)
        if filled.action is Action.ESCALATE:
            return _escalated(db, case, filled, reviewer)
        body = _text(case, filled, reviewer)
        broken = next(iter(_over(body, case.language, condition)), None) if body is not None else None
        if broken is None or body is None or decisions.propose(db, case, reviewer, body, broken):
            return _taken(db, case, filled, reviewer, body, condition, today)
        cases.show_again(db, case.id)
    raise Refused("boundary", broken or "")  # outside: the proposal is kept


def _current(db: Connection, filled: Filled) -> ReviewCase:
    case = cases.read(db, filled.case_id) if decisions.lock(db, filled.case_id) else None
    if case is None:
        raise Refused("gone")
    return case


def _in_time(case: ReviewCase, filled: Filled) -> None:
    """Compare with what the expert saw."""
    if not case.open or case.version != filled.version:
        raise Refused("closed", case.decided)
    if case.patient_version != filled.patient_version:
        raise Refused("changed")


def _text(case: ReviewCase, filled: Filled, reviewer: Reviewer) -> str | None:
    """The text that this decision lets go: the draft from the database, or the form's; None for a rejection."""
    if filled.lens is not case.first_lens or filled.lens not in reviewer.lenses:
        raise Refused("lens", case.first_lens.value)
    if filled.action not in _RELEASES:
        return None
    if not reviewer.reads(case.language):
        raise Refused("language", case.language)
    if filled.action is Action.APPROVE:
        if not case.draft:
            raise Refused("no_draft")
        return case.draft
    body = tidy(filled.text)
    if not body:
        raise Refused("empty")
    if len(body) > LONGEST:
        raise Refused("too_long", str(len(body)))
    return body


def _over(body: str, language: str, condition: Condition) -> Iterable[str]:
    """The hard boundaries that a text oversteps."""
    reading = condition.rules.read(body, language, disguised=False)
    hard = [boundary for boundary in condition.boundaries if boundary.hard]
    return [boundary.id for boundary in condition.rules.judge(reading, hard)]


def _rated(db: Connection, case: ReviewCase, filled: Filled, reviewer: Reviewer) -> Decided:
    """A second look through another lens: nothing is released, and the first one's rating stays hidden."""
    if filled.lens not in reviewer.lenses:
        raise Refused("lens", filled.lens.value)
    if filled.rating is None:
        raise Refused("empty")
    decisions.put(db, filled, reviewer, None)
    decisions.rate(db, case.id, reviewer, filled.lens.value, filled.rating)
    if min(filled.rating.accuracy, filled.rating.appropriateness, filled.rating.empathy) >= 4:
        decisions.second_lens(db, case.id, filled.lens.value)
    return Decided(case.id, filled.action)


def _escalated(db: Connection, case: ReviewCase, filled: Filled, reviewer: Reviewer) -> Decided:
    decisions.put(db, filled, reviewer, None)
    rest = [lens.value for lens in case.lenses if lens is not filled.lens]
    decisions.hand_on(db, case, [filled.lens.value, *rest], filled.note or "escalated: a lead should look")
    return Decided(case.id, filled.action)


def _taken(
    db: Connection,
    case: ReviewCase,
    filled: Filled,
    reviewer: Reviewer,
    body: str | None,
    condition: Condition,
    today: date,
) -> Decided:
    decision_id = decisions.put(db, filled, reviewer, body)
    if filled.rating is not None:
        decisions.rate(db, case.id, reviewer, filled.lens.value, filled.rating)
    if case.patient_id is not None:
        patients.let_go(db, case.patient_id)
    if case.reply_id is not None and case.patient_id is not None:
        decisions.withdraw(db, case.reply_id)
        if body is None:
            _take_back(db, case, condition)
        else:
            _let_go(db, case, decision_id, body, condition)
    if body is not None and case.question and case.category not in _NOT_REUSED:
        _keep(db, decision_id, case, filled, body, condition, today)
    decisions.close(db, case)
    return Decided(case.id, filled.action)


def _let_go(db: Connection, case: ReviewCase, decision_id: UUID, body: str, condition: Condition) -> None:
    """The text's way to the patient: as a new message, or in the place of what was sent before."""
    assert case.reply_id is not None and case.patient_id is not None
    release_id = decisions.release(db, decision_id, case.reply_id, body, _unless(body, case, condition))
    before = decisions.sent_of(db, case.reply_id)
    reply = (case.reply_id, case.disposition.name)
    extras: dict[str, object] = {"edits": before[-1]["message_id"]} if before else {}
    deliveries.owe_released(db, case.patient_id, reply, release_id, body, case.language, extras)
    if before and before[-1]["body"] != body:
        _tell(db, case, condition, "correction.notice", before[-1]["message_id"])


def _take_back(db: Connection, case: ReviewCase, condition: Condition) -> None:
    """Nothing is released; what was sent before is taken back."""
    assert case.reply_id is not None
    before = decisions.sent_of(db, case.reply_id)
    if before:
        for one in before:
            _tell(db, case, condition, "correction.withdrawn", None, edits=one["message_id"])
        _tell(db, case, condition, "correction.withdrawn", before[-1]["message_id"])
    else:
        _tell(db, case, condition, "review.rejected", None)


def _tell(
    db: Connection, case: ReviewCase, condition: Condition, key: str, answers: int | None, *, edits: int | None = None
) -> None:
    """Owe a fixed sentence, in answer to a message (with a receipt) or in the place of one."""
    assert case.patient_id is not None
    chat_id = patients.chat_of(db, case.patient_id)
    text = Text(TextKind.FIXED, condition.message(case.language, key, country=case.country), key)
    extras: dict[str, object] = {"edits": edits} if edits else {}
    if answers:
        extras |= {"reply_to": answers, "buttons": [{"key": "button.receipt", "data": f"r:{case.id.hex}"}]}
    deliveries.owe(db, case.patient_id, chat_id, text, case.language, extras=extras, urgent=True, lease=0)


def _unless(body: str, case: ReviewCase, condition: Condition) -> frozenset[str]:
    """Facts that, learned before it is sent, forbid the text: contraindications of its treatments that were not known yet."""
    reading = condition.rules.read(body, case.language, disguised=False)
    named = {name for name in Grounded.of(condition).knowledge.treatments if reading.has(name, silenced=True)}
    found = {c.fact for c in condition.contraindications if c.treatment in named and c.strength == "never"}
    return frozenset(found - set(case.facts))


def _keep(
    db: Connection, decision_id: UUID, case: ReviewCase, filled: Filled, body: str, condition: Condition, today: date
) -> None:
    """The answer serves the next similar question, and training where patient and expert agreed."""
    trainable = filled.for_training and case.training and case.adult is True
    review_by = today + timedelta(days=int(condition.threshold("approved_answer_days")))
    kept = replace(filled, for_training=trainable)
    decisions.approve(db, decision_id, case, kept, body, case.passages, review_by)
    alike = SequenceMatcher(None, case.draft, body, autojunk=False)
    if case.draft and body != case.draft and alike.ratio() < _MATERIAL:
        changed = sum(max(b - a, d - c) for tag, a, b, c, d in alike.get_opcodes() if tag != "equal")
        decisions.prefer(db, decision_id, case.draft, body, changed, filled.note)
