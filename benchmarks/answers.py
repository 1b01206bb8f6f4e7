"""How well the pack answers: the right passage among the first three, key points covered, nothing forbidden said, the rest handed over.

Measured on `sets/tune`, which may be tuned on; figures for a release come from a test set that was not.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from uuid import uuid4

from core.domain import Consent, Context, Disposition, Patient, Profile, Turn
from llm4sweat_model.condition import Condition
from llm4sweat_model.grounded import Grounded
from llm4sweat_model.guardrails.question import screen
from llm4sweat_model.privacy import redact
from llm4sweat_model.respond import respond

Row = dict[str, Any]


def rows(path: Path) -> list[Row]:
    """The lines of a set."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def measure(condition: Condition, folder: Path) -> Row:
    """The figures, and the ids that failed each."""
    grounded = Grounded.of(condition)
    failed: dict[str, list[str]] = {"passage": [], "forbidden": [], "points": [], "held": [], "answered": []}
    points = covered = 0
    questions = [q for q in rows(folder / "questions.jsonl") if q["lang"] in condition.messages.texts]
    for question in questions:
        turn, context = _turn(question)
        screened = screen(turn, context, condition)
        best = grounded.knowledge.find(screened, 3)
        if not {p.id for p in best} & set(question["passages"]):
            failed["passage"].append(question["id"])
        reply = respond(turn, context, condition, grounded)
        text = "\n".join([*(t.body for t in reply.now), reply.held.text if reply.held else ""]).lower()
        said = [any(phrase in text for phrase in point) for point in question["must"]]
        points, covered = points + len(said), covered + sum(said)
        failed["points"] += [question["id"]] * (len(said) - sum(said))
        if any(phrase in text for phrase in question["must_not"]):
            failed["forbidden"].append(question["id"])
        if reply.disposition > Disposition.REVIEW:
            failed["held"].append(f"{question['id']}:{reply.category.value}:" + _why(reply.verdicts))
    unanswerable = rows(folder / "unanswerable.jsonl")
    for question in unanswerable:
        reply = respond(*_turn(question), condition, grounded)
        if reply.disposition <= Disposition.REVIEW:
            failed["answered"].append(question["id"])
    return {
        "questions": len(questions),
        "right_passage_in_first_three": round(1 - len(failed["passage"]) / len(questions), 3),
        "key_points_covered": round(covered / max(1, points), 3),
        "forbidden_said": len(failed["forbidden"]),
        "answered_now": round(1 - len(failed["held"]) / len(questions), 3),
        "unanswerable": len(unanswerable),
        "handed_over": round(1 - len(failed["answered"]) / len(unanswerable), 3),
        "failed": failed,
    }


def _why(verdicts: Iterable[Any]) -> str:
    return ",".join(v.check for v in verdicts if v.asks > Disposition.REVIEW)


def _turn(row: Row) -> tuple[Turn, Context]:
    profile = row.get("profile", {})
    known = Profile(profile.get("adult"), facts=frozenset(profile.get("facts", [])))
    patient = Patient(uuid4(), "", row["lang"], row.get("country"), Consent(1, 1, 1), known)
    turn = Turn(uuid4(), row["text"], redact(row["text"]), row["lang"])
    return turn, Context(patient, floor=Disposition.SEND, allow_unreviewed=True)
