"""Writes down what was decided: a reply with its verdicts, case and deliveries, or an emergency that was already sent."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID, uuid4

from bot.alarm import Sent
from bot.handlers.desk import Desk, pseudonym
from bot.texts import split
from bot.updates import Incoming
from core.domain import CaseCause, Category, Disposition, Lens, Reply, Text, TextKind, Turn
from core.store import deliveries, intake, patients, turns
from core.store.intake import IntakeRow
from core.store.pool import Connection
from core.store.turns import CaseWanted
from llm4sweat_model.privacy import redact


def reply(db: Connection, desk: Desk, turn: Turn, made: Reply, timings: Mapping[str, float]) -> UUID:
    """Keep a reply whole: verdicts, case, what was learned of the person, and the texts owed, leased to this process."""
    patient = desk.row.patient
    reply_id = turns.put_reply(db, patient.id, turn.id, made, desk.condition.version, timings)
    if made.cause is not None:
        turns.open_case(db, patient.id, reply_id, case(made, made.cause, wordless=not patient.consent.review))
    if made.disposition is Disposition.EMERGENCY:
        patients.stop_for_emergency(db, patient.id)
        deliveries.drop_stopped(db, patient.id)
    learned: dict[str, object] = {}
    if made.facts - patient.profile.facts:
        learned["facts"] = sorted(patient.profile.facts | made.facts)
    if made.opener != desk.row.opener and made.opener is not None:
        learned["opener"] = made.opener
    patients.update(db, patient.id, **learned)
    urgent = made.disposition is Disposition.EMERGENCY
    parts = [part for text in made.now for part in split(text)]
    at_once = desk.at_once and not desk.owed
    for n, part in enumerate(parts):
        begun = at_once and n == 0
        owe(db, desk, part, made.language, (reply_id, made.disposition.name), urgent=urgent, begun=begun)
    return reply_id


def owe(
    db: Connection,
    desk: Desk,
    text: Text,
    language: str,
    reply: tuple[UUID, str] | None = None,
    *,
    urgent: bool = False,
    begun: bool = False,
) -> None:
    """Write down one text owed."""
    extras = {
        "buttons": list(text.buttons),
        "sources": [{"title": s.title, "url": s.url, "grade": s.grade} for s in text.sources],
    }
    desk.owed.append(
        deliveries.owe(
            db,
            desk.row.patient.id,
            desk.row.chat_id,
            text,
            language,
            reply=reply,
            extras=extras,
            urgent=urgent,
            begun=begun,
        )
    )


def case(made: Reply, cause: CaseCause, *, wordless: bool) -> CaseWanted:
    """The case that a reply wants, under a pseudonym of its own."""
    return CaseWanted(
        pseudonym(), cause.value, made.category.value, tuple(lens.value for lens in made.lenses), made.due_minutes or 1440,
        wordless,
    )  # fmt: skip


def emergency(db: Connection, desk: Desk, row: IntakeRow, incoming: Incoming, sent: Sent) -> None:
    """Record an emergency that memory has answered. Without consent to the chat its words are not kept."""
    patient = desk.row.patient
    words = incoming.said.replace("\x00", "") if patient.consent.chat else ""
    turn = Turn(uuid4(), words, redact(words), sent.triage.language)
    turns.put_turn(db, patient.id, turn, [row.update_id], [incoming.message_id or 0])
    made = Reply(
        sent.triage.texts, None, Disposition.EMERGENCY, sent.triage.category, sent.triage.verdicts, sent.triage.language,
        cause=CaseCause.FLAGGED, lenses=sent.triage.lenses, due_minutes=int(desk.condition.threshold("due_emergency_minutes")),
    )  # fmt: skip
    reply_id = turns.put_reply(db, patient.id, turn.id, made, desk.condition.version, {})
    turns.open_case(db, patient.id, reply_id, case(made, CaseCause.FLAGGED, wordless=not patient.consent.review))
    patients.stop_for_emergency(db, patient.id)
    deliveries.drop_stopped(db, patient.id)
    for text, message_id in zip(sent.triage.texts, sent.message_ids, strict=False):
        owed = deliveries.owe(
            db, patient.id, desk.row.chat_id, text, sent.triage.language, reply=(reply_id, "EMERGENCY"), urgent=True,
            extras={"buttons": list(text.buttons)},
        )  # fmt: skip
        if message_id is None:
            deliveries.end(db, owed.id, owed.fence, "refused", "not_taken")
        else:
            deliveries.sent(db, owed.id, owed.fence, message_id)
    intake.finish(db, [row.update_id])
    desk.finished.add(row.update_id)


def set_aside(db: Connection, desk: Desk, row: IntakeRow) -> None:
    """An update that failed three times: kept for a person, and the patient is not left without a word."""
    intake.set_aside(db, [row.update_id], "failed too often")
    desk.finished.add(row.update_id)
    wanted = CaseWanted(
        pseudonym(), CaseCause.UNANSWERED.value, Category.ROUTINE.value, (Lens.CLINICAL.value,),
        int(desk.condition.threshold("due_hold_minutes")), desk.row.patient.consent.review == 0, "update set aside",
    )  # fmt: skip
    turns.open_case(db, desk.row.patient.id, None, wanted)
    language = desk.row.patient.language
    body = desk.condition.message(language, "trouble.generic", country=desk.row.patient.country)
    owe(db, desk, Text(TextKind.FIXED, body, "trouble.generic"), language)
