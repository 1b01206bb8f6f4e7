"""What each command does. An unknown one is told so kindly."""

from __future__ import annotations

from collections.abc import Callable

from bot.handlers import start
from bot.handlers.desk import Desk, pseudonym
from bot.updates import Incoming
from core.domain import CaseCause, Category, Lens
from core.store import turns
from core.store.turns import CaseWanted

NAMES = ("start", "help", "language", "country", "privacy", "human", "forget")


def run(desk: Desk, incoming: Incoming) -> bool:
    """Run one command."""
    _COMMANDS.get(incoming.command, _unknown)(desk)
    return True


def _start(desk: Desk) -> None:
    start.begin(desk)


def _help(desk: Desk) -> None:
    desk.say("menu.help")


def _language(desk: Desk) -> None:
    desk.say("menu.language", start.languages("l"))


def _country(desk: Desk) -> None:
    desk.say("menu.country", start.countries(desk, "k"))


def _privacy(desk: Desk) -> None:
    desk.say("menu.privacy")


def _forget(desk: Desk) -> None:
    yes, no = {"key": "button.forget_yes", "data": "x:1"}, {"key": "button.forget_no", "data": "x:0"}
    desk.say("menu.forget_confirm", [[yes], [no]])


def _human(desk: Desk) -> None:
    """A person is asked for: a case opens, when the patient agreed that specialists may look."""
    patient = desk.row.patient
    if patient.consent.review:
        wanted = CaseWanted(
            pseudonym(), CaseCause.REPORTED.value, Category.ROUTINE.value, (Lens.CLINICAL.value,),
            int(desk.condition.threshold("due_hold_minutes")), note="asked for a person",
        )  # fmt: skip
        turns.open_case(desk.db, patient.id, None, wanted)
    desk.say("human.asked", waiting=desk.words("waiting.nobody"))


def _unknown(desk: Desk) -> None:
    desk.say("menu.unknown_command")


_COMMANDS: dict[str, Callable[[Desk], None]] = {
    "start": _start,
    "help": _help,
    "language": _language,
    "country": _country,
    "privacy": _privacy,
    "human": _human,
    "forget": _forget,
}
