"""What each button does. Its data is a short code of ours; anything else, and a button of another time, is told it is over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from bot.handlers import start
from bot.handlers.desk import Desk, pseudonym
from bot.updates import Incoming
from core.domain import CaseCause, Lens, Text, TextKind
from core.store import deliveries, patients, turns
from core.store.turns import CaseWanted


def pressed(desk: Desk, incoming: Incoming) -> bool:
    """Do what a button says, then answer the callback (Telegram shows a clock until then)."""
    head, *rest = incoming.data.split(":")
    action = _ACTIONS.get(head)
    done = action is not None and action(desk, rest)
    notice = {} if done else {"text": desk.words("expired.button")[:200]}
    desk.call("answerCallbackQuery", callback_query_id=incoming.callback_id, **notice)
    if done and head in ("c", "l", "k", "x", "safe") and incoming.message_id is not None:
        desk.call("editMessageReplyMarkup", chat_id=desk.row.chat_id, message_id=incoming.message_id)
    return True


def _safe(desk: Desk, rest: list[str]) -> bool:
    """The patient says that the danger is over: the stop ends."""
    if not patients.let_go(desk.db, desk.row.patient.id):
        return False
    desk.row = replace(desk.row, emergency_at=None, recent_emergency=False)
    desk.let_go = True
    desk.say("safe.pressed")
    return True


def _first(desk: Desk, rest: list[str]) -> bool:
    return len(rest) == 2 and start.pressed(desk, *rest)


def _language(desk: Desk, rest: list[str]) -> bool:
    if len(rest) != 1 or rest[0] not in desk.condition.languages:
        return False
    patients.update(desk.db, desk.row.patient.id, language=rest[0])
    desk.row = replace(desk.row, patient=replace(desk.row.patient, language=rest[0]))
    desk.say("menu.saved")
    return True


def _country(desk: Desk, rest: list[str]) -> bool:
    if len(rest) != 1 or not start.set_country(desk, rest[0]):
        return False
    if rest[0] != "other":
        desk.say("menu.saved")
    return True


def _forget(desk: Desk, rest: list[str]) -> bool:
    if rest != ["1"]:
        desk.say("menu.forget_kept")
        return rest == ["0"]
    words = desk.words("menu.forgotten")
    patients.forget(desk.db, desk.row.patient.id, desk.row.chat_id)
    desk.forgotten, desk.owed = True, []
    desk.call("sendMessage", chat_id=desk.row.chat_id, text=words)
    return True


def _sources(desk: Desk, rest: list[str]) -> bool:
    """Send the sources of an answer, one a line."""
    found = deliveries.sources_of(desk.db, delivery_id, desk.row.chat_id) if (delivery_id := _uuid(rest)) else None
    sources = found["extras"].get("sources") if found else None
    if not found or not sources:
        return False
    lines = [desk.condition.message(found["language"], "reply.sources") + ":"]
    lines += [f"{n}. {s['title']} — {s['url']}" for n, s in enumerate(sources, 1)]
    text = Text(TextKind.FIXED, "\n".join(lines)[:3800], "reply.sources")
    desk.owed.append(deliveries.owe(desk.db, desk.row.patient.id, desk.row.chat_id, text, found["language"]))
    return True


def _feedback(desk: Desk, rest: list[str]) -> bool:
    """What the patient thought of an answer; "not helpful" and a report open a case when review was agreed to."""
    if len(rest) != 2 or rest[0] not in ("helpful", "not_helpful", "report") or not (reply_id := _uuid(rest[1:])):
        return False
    category = turns.feedback(desk.db, desk.row.patient.id, reply_id, rest[0])
    if category is None:
        return False
    if rest[0] == "helpful":
        desk.say("helpful.thanks")
        return True
    if desk.row.patient.consent.review:
        wanted = CaseWanted(
            pseudonym(), CaseCause.REPORTED.value, category, (Lens.CLINICAL.value,),
            int(desk.condition.threshold("due_review_minutes")), note=rest[0],
        )  # fmt: skip
        turns.open_case(desk.db, desk.row.patient.id, reply_id, wanted)
    desk.say("report.thanks")
    return True


def _uuid(rest: list[str]) -> UUID | None:
    try:
        return UUID(rest[0])
    except (ValueError, IndexError):
        return None


_ACTIONS: dict[str, Callable[[Desk, list[str]], bool]] = {
    "safe": _safe,
    "c": _first,
    "l": _language,
    "k": _country,
    "x": _forget,
    "s": _sources,
    "f": _feedback,
}
