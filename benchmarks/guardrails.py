"""How long `screen` and `check` take in process, in milliseconds."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

from core.domain import Consent, Context, Disposition, Draft, Patient, Turn
from llm4sweat_model.condition import load
from llm4sweat_model.grounded import Grounded
from llm4sweat_model.guardrails import draft, question

SAMPLE = (
    "My hands sweat so much at work that I avoid shaking hands. I tried a strong antiperspirant for two weeks and my skin burns. "
    "What else could I try, and does it hurt? My mother had the same. I feel tired of it. "
)
REPLY = (
    "Many people with sweaty hands begin with an antiperspirant that holds aluminium chloride. Put it on clean, completely dry skin "
    "at night and wash it off in the morning. If your skin burns, use it less often. The next step for the hands is iontophoresis, "
    "in which you hold your hands in shallow tap water while a weak current runs through it. Do not use it with a pacemaker, in "
    "pregnancy or with epilepsy. Talk with a doctor or a pharmacist before you start anything new, and ask about the price."
)


def measure() -> dict[str, Any]:
    """p50 and p99 of each, warm, on one thread."""
    condition = load(Path(os.environ.get("CONDITION_DIR", "conditions/hyperhidrosis")))
    knowledge = Grounded.of(condition).knowledge
    patient = Patient(uuid4(), "", "en", "US", Consent(1, 1, 1))
    context = Context(patient, floor=Disposition.SEND, allow_unreviewed=True)

    def screening(text: str) -> Callable[[], object]:
        turn = Turn(uuid4(), text, text, "en")
        return lambda: question.screen(turn, context, condition)

    turn = Turn(uuid4(), SAMPLE[:100], SAMPLE[:100], "en")
    asked = question.screen(turn, context, condition)
    proposed = Draft(REPLY[:500], knowledge.find(asked, 4), "given")
    both = screening(SAMPLE[:100])

    def pair() -> None:
        both()
        draft.check(asked, proposed, condition, country="US")

    return {
        "screen_100": timed(screening(SAMPLE[:100])),
        "screen_4096": timed(screening((SAMPLE * 20)[:4096]), 100),
        "check_500": timed(lambda: draft.check(asked, proposed, condition, country="US")),
        "screen_and_check": timed(pair),
    }


def timed(work: Callable[[], object], count: int = 500) -> dict[str, float]:
    """p50 and p99 in milliseconds, after a warm-up."""
    for _ in range(10):
        work()
    found = []
    for _ in range(count):
        began = time.perf_counter()
        work()
        found.append((time.perf_counter() - began) * 1000)
    found.sort()
    return {"p50_ms": round(found[count // 2], 3), "p99_ms": round(found[int(count * 0.99)], 3)}
