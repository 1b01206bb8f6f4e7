"""The product: from what a patient said to what may be said back. Read this first.

`triage` answers an emergency from rules in memory, before any I/O. `respond` screens, drafts, checks and disposes. Neither knows
Telegram, Slack or a database; the bot calls them for a patient and the gate calls them for a test case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from core.domain import (
    Answer,
    CaseCause,
    Category,
    Complete,
    Context,
    Disposition,
    Draft,
    Lens,
    Patient,
    Purpose,
    Reply,
    Request,
    Text,
    TextKind,
    Turn,
    Verdict,
    Who,
)
from llm4sweat_model import policy, smalltalk
from llm4sweat_model.condition import Condition
from llm4sweat_model.grounded import Grounded
from llm4sweat_model.guardrails import draft as drafts
from llm4sweat_model.guardrails.question import Question, screen

_NOBODY = "00000000-0000-0000-0000-000000000000"
_DECLINE = {
    Category.PROMPT_INJECTION: "decline.prompt_injection",
    Category.ABUSE: "decline.abuse",
    Category.OUT_OF_SCOPE: "decline.out_of_scope",
}


@dataclass(frozen=True, slots=True)
class Triage:
    """An emergency: its texts in the order in which they are said, and the verdicts that found it."""

    texts: tuple[Text, ...]
    verdicts: tuple[Verdict, ...]
    category: Category
    language: str
    lenses: tuple[Lens, ...]


def triage(
    text: str,
    earlier: str,
    condition: Condition,
    *,
    language: str | None = None,
    country: str | None = None,
    recent: bool = False,
    late: bool = False,
    group: bool = False,
) -> Triage | None:
    """Whether this is an emergency, alone or with what the same person wrote in the last ten minutes. In memory only.

    `earlier`: messages that raised no alarm, alone or together; `recent`: one was answered less than ten minutes ago; `late`: it was written over half an hour ago; `group`: a group reads along.
    """
    reading = condition.rules.read(text, language)
    verdicts = _grave(condition.rules.verdicts(reading, language))
    if not verdicts and earlier:
        verdicts = _grave(condition.rules.verdicts(f"{earlier}\n{text}", language))
    if not verdicts:
        return None
    spoken = reading.guess.covered[0] if reading.guess.covered else language or "en"
    context = Context(Patient(id=_uuid(), key="", language=spoken, country=country))
    texts = emergency_texts(verdicts, spoken, context, condition, recent=recent, late=late, group=group)
    kind = policy.category(verdicts)
    return Triage(texts, verdicts, kind, spoken, policy.lenses(kind, verdicts))


def emergency_texts(
    verdicts: Sequence[Verdict],
    language: str,
    context: Context,
    condition: Condition,
    *,
    recent: bool = False,
    late: bool = False,
    group: bool = False,
) -> tuple[Text, ...]:
    """The fixed texts of an emergency; when self-harm fits too, both, the emergency number first."""
    if group:
        return (policy.fixed(condition, language, "emergency.group", context),)
    if late:
        return (policy.fixed(condition, language, "emergency.later", context, ("safe",)),)
    if recent:
        return (policy.fixed(condition, language, "emergency.short", context, ("safe",)),)
    keys = []
    for kind, default in ((Category.EMERGENCY, "emergency.general"), (Category.SELF_HARM, "crisis.self")):
        found = [v for v in verdicts if v.category is kind]
        if found:
            keys.append(next((v.text for v in found if v.text), default))
    return tuple(policy.fixed(condition, language, key, context, ("safe",)) for key in keys)


def respond(turn: Turn, context: Context, condition: Condition, complete: Complete) -> Reply:
    """What may be said to this turn, with every verdict. Raises nothing that `complete` raises: a failed check holds."""
    question = screen(turn, context, condition)
    kind = policy.category(question.verdicts)
    asked = policy.disposition(question.verdicts)
    reply = Reply((), None, asked, kind, question.verdicts, question.language, facts=question.told)
    if asked is Disposition.EMERGENCY:
        return _emergency(reply, context, condition)
    if context.stopped:
        still = policy.fixed(condition, question.language, "emergency.still", context, ("safe",))
        return replace(reply, now=(still,), disposition=max(asked, Disposition.HOLD), cause=CaseCause.FLAGGED,
                       lenses=policy.lenses(kind, reply.verdicts), due_minutes=int(condition.threshold("due_emergency_minutes")))  # fmt: skip
    if asked is Disposition.DECLINE:
        return replace(reply, now=(policy.fixed(condition, question.language, _DECLINE[kind], context),))
    if question.uncovered:
        return _uncovered(reply, context, condition)
    if kind is Category.ROUTINE and (key := smalltalk.answer(question.reading)) is not None:
        return replace(reply, now=(policy.fixed(condition, question.language, key, context),))
    return _drafted(question, reply, context, condition, complete)


def _emergency(reply: Reply, context: Context, condition: Condition) -> Reply:
    texts = emergency_texts(reply.verdicts, reply.language, context, condition, recent=context.recent_emergency)
    return replace(
        reply,
        now=texts,
        cause=CaseCause.FLAGGED,
        lenses=policy.lenses(reply.category, reply.verdicts),
        due_minutes=policy.due_minutes(reply.category, reply.disposition, condition),
    )


def _uncovered(reply: Reply, context: Context, condition: Condition) -> Reply:
    """No rule understands this language: the number first, and an expert decides."""
    held = policy.holding(reply, context, condition, key="hold.language")
    first = policy.fixed(condition, "en", "emergency.unsupported_language", context)
    return replace(held, now=(first, *held.now), language="en")


def _drafted(question: Question, reply: Reply, context: Context, condition: Condition, complete: Complete) -> Reply:
    grounded = Grounded.of(condition)
    request = _request(question, context, condition, grounded)
    answer = _ask(complete, request)
    verdicts = list(reply.verdicts)
    if answer.error is not None and answer.backend != Grounded.name:
        verdicts.append(Verdict("model", "1", None, Disposition.REVIEW, f"the model gave no answer: {answer.error}"))
        answer = grounded(request)
        reply = replace(reply, cause=CaseCause.UNANSWERED)
    if answer.error is not None:
        return _nothing_fits(replace(reply, verdicts=tuple(verdicts)), context, condition)
    draft = _draft(answer, request)
    verdicts += _check(question, draft, context, condition)
    asked = max(policy.disposition(verdicts, _floor(draft, context, condition)), reply.disposition)
    opener = answer.origin if answer.kind is TextKind.CITED else None
    reply = replace(reply, verdicts=tuple(verdicts), disposition=asked, draft=draft, opener=opener)
    if asked is Disposition.HOLD:
        general = (
            _general(question, request, context, condition, grounded) if reply.category in policy.GENERAL_NOW else None
        )
        return policy.holding(replace(reply, held=draft), context, condition, general=general)
    return policy.saying(reply, draft, context, condition)


def _request(question: Question, context: Context, condition: Condition, grounded: Grounded) -> Request:
    """What a backend is asked; the last opener travels along so that it is not used twice in a row."""
    passages = grounded.knowledge.find(question, int(condition.threshold("passages_in_draft")))
    return Request(
        Purpose.DRAFT,
        question.redacted,
        question.language,
        replace(context.patient.profile, facts=question.facts, denied=question.denied),
        context.patient.country,
        tuple(line for line in context.history if line.who is not Who.EXPERT)[
            -int(condition.threshold("history_turns")) :
        ],
        passages,
        context.precedents,
        extra={"opener": context.opener or "", "feeling": question.feeling or ""},
    )


def _ask(complete: Complete, request: Request) -> Answer:
    try:
        return complete(request)
    except Exception as error:  # whatever a backend raises, the patient gets the grounded answer and a person looks
        return Answer("", "unknown", error=type(error).__name__)


def _draft(answer: Answer, request: Request) -> Draft:
    used = [p for p in request.passages if p.id in answer.passages] or list(request.passages)
    origin = answer.origin if answer.kind is TextKind.APPROVED else None
    return Draft(answer.text, tuple(used), answer.backend, answer.kind, answer.adapter, origin)


def _check(question: Question, draft: Draft, context: Context, condition: Condition) -> tuple[Verdict, ...]:
    try:
        return drafts.check(question, draft, condition, country=context.patient.country)
    except Exception as error:  # a check that fails is no pass
        return (Verdict("check", "1", None, Disposition.HOLD, f"a check failed: {type(error).__name__}"),)


def _floor(draft: Draft, context: Context, condition: Condition) -> Disposition:
    """The pack's floor; and while anything that a draft uses is unsigned, HOLD."""
    floor = (
        condition.floor
        if context.floor is None
        else max(context.floor, condition.floor if not context.allow_unreviewed else context.floor)
    )
    unsigned = draft.kind is not TextKind.APPROVED and not all(p.reviewed for p in draft.passages)
    return Disposition.HOLD if unsigned and not context.allow_unreviewed else floor


def _general(
    question: Question, request: Request, context: Context, condition: Condition, grounded: Grounded
) -> Text | None:
    """General, cited information for a held question: only when it passes every check by itself."""
    answer = grounded(replace(request, extra={}))
    if answer.error is not None:
        return None
    draft = _draft(answer, request)
    verdicts = _check(question, draft, context, condition)
    allowed = policy.disposition(verdicts, _floor(draft, context, condition)) <= Disposition.REVIEW
    return policy.text_of(draft) if allowed else None


def _nothing_fits(reply: Reply, context: Context, condition: Condition) -> Reply:
    """The pack has nothing on this: say so, and hand over."""
    nothing = Verdict("knowledge", "1", None, Disposition.HOLD, "nothing in the knowledge fits")
    reply = replace(
        reply, verdicts=(*reply.verdicts, nothing), disposition=max(reply.disposition, Disposition.HOLD),
        cause=CaseCause.UNANSWERED,
    )  # fmt: skip
    key = "reply.nothing_fits" if reply.category is Category.ROUTINE else None
    return policy.holding(reply, context, condition, key=key)


def _grave(verdicts: Sequence[Verdict]) -> tuple[Verdict, ...]:
    return tuple(v for v in verdicts if v.asks is Disposition.EMERGENCY)


def _uuid() -> UUID:
    return UUID(_NOBODY)
