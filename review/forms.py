"""The form in which an expert decides: built from a case, read back as `Filled`. Pure.

`private_metadata` holds ids and versions only. What is wrong is said at the field where it is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from core.cases import TAGS, Action, Filled, Rating, ReviewCase
from core.domain import Lens
from review.cards import Block, escaped, literal, shortened

CALLBACK = "decide"
LONGEST = 3_000
_SHOWN = 2_500
_CHOICES = (
    (Action.APPROVE, "Approve the draft, word for word"),
    (Action.EDIT, "Send my text below instead"),
    (Action.REJECT, "Send nothing; tell the patient to see somebody"),
    (Action.ESCALATE, "Escalate to a lead"),
)
_SCORES = (("accuracy", "Accuracy"), ("appropriateness", "Appropriateness"), ("empathy", "Empathy"))
_REMINDER = "Remove what identifies a person. The patient gets your text exactly as it stands here."


class Unreadable(Exception):
    """The form does not hold what it must. `errors`: what is wrong, by block, as Slack wants it."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(", ".join(errors))
        self.errors = dict(errors)


def form(case: ReviewCase, lens: Lens, *, proposal: str | None = None, rating: bool = False) -> dict[str, Any]:
    """The modal for one case and one lens. `rating`: a second look, which releases nothing."""
    kept = {
        "case": str(case.id),
        "version": case.version,
        "patient": case.patient_version,
        "lens": lens.value,
        "rate": rating,
    }
    blocks = _shown(case)
    if not rating:
        blocks += [_choice(case), _text(case, proposal)]
    blocks += [_score(name, label, required=rating) for name, label in _SCORES]
    blocks.append(_checks("tags", "What was wrong", [(tag, tag) for tag in TAGS]))
    if not rating:
        blocks.append(_uses(case))
    blocks.append(_input("note", "Note for colleagues", _plain("note", multiline=True, longest=1000), optional=True))
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "private_metadata": json.dumps(kept),
        "title": _label(f"Case {case.pseudonym}"),
        "submit": _label("Rate" if rating else "Decide"),
        "close": _label("Not now"),
        "blocks": blocks,
    }


def read(view: Mapping[str, Any]) -> Filled:
    """What an expert sent. Raises Unreadable with what is wrong at which field."""
    kept = json.loads(view["private_metadata"])
    values: dict[str, Any] = {}
    for block in view["state"]["values"].values():
        values |= block
    rate = bool(kept["rate"])
    action = Action.RATE if rate else Action(_selected(values.get("action")) or Action.ESCALATE.value)
    errors: dict[str, str] = {}
    text = (values.get("text") or {}).get("value") or ""
    if action is Action.EDIT and not text.strip():
        errors["text"] = "Write the text that the patient should get."
    if len(text) > LONGEST:
        errors["text"] = f"At most {LONGEST} characters."
    scores = {name: _selected(values.get(name)) for name, _ in _SCORES}
    given = [name for name, score in scores.items() if score]
    if given and len(given) < len(_SCORES):
        errors |= {name: "Rate all three or none." for name, score in scores.items() if not score}
    if errors:
        raise Unreadable(errors)
    uses, tags = _ticked(values.get("uses")), _ticked(values.get("tags"))
    rating = None
    if given:
        accuracy, appropriateness, empathy = (int(scores[name] or 0) for name, _ in _SCORES)
        rating = Rating(accuracy, appropriateness, empathy, tuple(tags))
    return Filled(
        f"{view['id']}:{view.get('hash', '')}", UUID(kept["case"]), int(kept["version"]), int(kept["patient"]), action,
        Lens(kept["lens"]), text, rating, (values.get("note") or {}).get("value") or "", "fits" in uses, "training" in uses,
    )  # fmt: skip


def _shown(case: ReviewCase) -> list[Block]:
    lines = [*(shortened(line, 400) for line in case.earlier), case.question or "(no words: no consent to review)"]
    quotes = [{"type": "rich_text_quote", "elements": literal(shortened(line, _SHOWN))} for line in lines]
    blocks: list[Block] = [{"type": "rich_text", "elements": quotes}]
    if case.flags:
        flags = "; ".join(f"{flag.check}: {flag.reason}" for flag in case.flags)
        blocks.append({"type": "context", "elements": [{"type": "mrkdwn", "text": escaped(flags)[:1900]}]})
    return blocks


def _choice(case: ReviewCase) -> Block:
    options = [_option(action.value, label) for action, label in _CHOICES if case.draft or action is not Action.APPROVE]
    return _input("action", "Decision", {"type": "radio_buttons", "action_id": "action", "options": options})


def _text(case: ReviewCase, proposal: str | None) -> Block:
    element = _plain("text", multiline=True, longest=LONGEST) | {"initial_value": (proposal or case.draft)[:LONGEST]}
    if not element["initial_value"]:
        element.pop("initial_value")
    return _input("text", "Text", element, optional=True, hint=_REMINDER)


def _score(name: str, label: str, *, required: bool) -> Block:
    options = [_option(str(score), str(score)) for score in range(1, 6)]
    element = {"type": "static_select", "action_id": name, "options": options}
    return _input(name, f"{label}, 1 (bad) to 5 (good)", element, optional=not required)


def _uses(case: ReviewCase) -> Block:
    options = [("fits", "Fits anyone who asks this")]
    if case.training and case.adult:
        options.append(("training", "May be used for training"))
    return _checks("uses", "The answer", options)


def _checks(name: str, label: str, options: list[tuple[str, str]]) -> Block:
    element = {"type": "checkboxes", "action_id": name, "options": [_option(value, text) for value, text in options]}
    return _input(name, label, element, optional=True)


def _input(name: str, label: str, element: Block, *, optional: bool = False, hint: str = "") -> Block:
    block: Block = {"type": "input", "block_id": name, "label": _label(label), "element": element, "optional": optional}
    return block | ({"hint": _label(hint)} if hint else {})


def _plain(name: str, *, multiline: bool, longest: int) -> Block:
    return {"type": "plain_text_input", "action_id": name, "multiline": multiline, "max_length": longest}


def _option(value: str, text: str) -> Block:
    return {"text": _label(text), "value": value}


def _label(text: str) -> Block:
    return {"type": "plain_text", "text": text}


def _selected(value: Mapping[str, Any] | None) -> str | None:
    chosen = (value or {}).get("selected_option")
    return chosen["value"] if chosen else None


def _ticked(value: Mapping[str, Any] | None) -> list[str]:
    return [option["value"] for option in (value or {}).get("selected_options") or ()]
