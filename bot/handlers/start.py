"""The first conversation, by buttons: language, what this is, consent in three parts, adult or not, country.

Callback data is `c:<step>:<answer>`; the step it belongs to is kept in the patient's row, so that an old button does nothing.
Before consent to the chat nothing that is written is kept.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.handlers.desk import Desk
from core.store import patients

CONSENT_VERSION = 1  # of the words of start.consent_*; a change of these words asks everybody again
LANGUAGES = {"en": "English", "es": "Español", "de": "Deutsch", "fr": "Français", "pt": "Português", "hi": "हिन्दी",
             "ar": "العربية", "zh": "中文", "ru": "Русский"}  # fmt: skip
_NEXT = {"chat": "review", "review": "training", "training": "adult", "adult": "country", "country": "done"}


def begin(desk: Desk) -> None:
    """Say what this is and ask the first question."""
    desk.say("start.intro")
    ask(desk, "chat")


def ask(desk: Desk, step: str) -> None:
    """Ask the question of one step, and remember that it was asked."""
    patients.update(desk.db, desk.row.patient.id, step=step)
    desk.row = replace(desk.row, step=step)
    if step in ("chat", "review", "training"):
        yes, no = (_button("button.agree", f"c:{step}:1"), _button("button.disagree", f"c:{step}:0"))
        desk.say(f"start.consent_{step}", [[yes, no]])
    elif step == "adult":
        desk.say("start.adult", [[_button("button.adult_yes", "c:adult:1"), _button("button.adult_no", "c:adult:0")]])
    elif step == "country":
        desk.say("start.country", countries(desk, "c:country"))
    else:
        desk.say("start.done")


def countries(desk: Desk, prefix: str) -> list[list[Any]]:
    """Buttons for the countries whose numbers are known; those that speak the patient's language first."""
    known = desk.condition.countries
    order = sorted(known, key=lambda code: (desk.language not in known[code].languages, known[code].name))
    pairs = [{"label": known[code].name, "data": f"{prefix}:{code}"} for code in order]
    rows: list[list[Any]] = [pairs[i : i + 2] for i in range(0, len(pairs), 2)]
    return [*rows, [_button("button.country_other", f"{prefix}:other")]]


def languages(prefix: str) -> list[list[Any]]:
    """Buttons for the languages, each named in its own."""
    pairs = [{"label": name, "data": f"{prefix}:{code}"} for code, name in LANGUAGES.items()]
    return [list(pairs[i : i + 3]) for i in range(0, len(pairs), 3)]


def pressed(desk: Desk, step: str, value: str) -> bool:
    """A button of the first conversation. Returns False when it is not the one that was asked for."""
    if desk.row.step != step or step not in _NEXT:
        return False
    if step in ("chat", "review", "training"):
        return _consent(desk, step, value == "1")
    if step == "adult":
        patients.update(desk.db, desk.row.patient.id, adult=value == "1")
        if value != "1":
            desk.say("start.minor")
    elif not set_country(desk, value):
        return False
    ask(desk, _NEXT[step])
    return True


def set_country(desk: Desk, value: str) -> bool:
    """Keep the country; "other" keeps none, and says how to find the numbers."""
    if value != "other" and value not in desk.condition.countries:
        return False
    code = None if value == "other" else value
    patients.update(desk.db, desk.row.patient.id, country=code)
    desk.row = replace(desk.row, patient=replace(desk.row.patient, country=code))
    if code is None:
        desk.say("start.country_other")
    return True


def _consent(desk: Desk, part: str, given: bool) -> bool:
    version = CONSENT_VERSION if given else 0
    patients.set_consent(desk.db, desk.row.patient.id, part, version)
    consent = replace(desk.row.patient.consent, **{part: version})
    desk.row = replace(desk.row, patient=replace(desk.row.patient, consent=consent))
    if part == "chat" and not given:
        patients.update(desk.db, desk.row.patient.id, step="declined")
        desk.say("start.declined")
    else:
        ask(desk, _NEXT[part])
    return True


def before_consent(desk: Desk) -> bool:
    """A text of somebody who has not agreed: it is not kept; the question is asked, or said again."""
    if desk.row.step == "new":
        begin(desk)
    else:
        desk.say("start.need_consent")
        if desk.row.step == "declined":
            ask(desk, "chat")
    return True


def _button(key: str, data: str) -> dict[str, str]:
    return {"key": key, "data": data}
