"""Treatments that are forbidden for a person, or that a clinician must weigh: the pack's table, looked up."""

from __future__ import annotations

from collections.abc import Iterable

from llm4sweat_model.condition import Condition, Contraindication


def conflicts(treatments: Iterable[str], facts: Iterable[str], condition: Condition) -> tuple[Contraindication, ...]:
    """Every row of the table that fits one of the treatments and one of the facts."""
    wanted, known = set(treatments), set(facts)
    return tuple(c for c in condition.contraindications if c.treatment in wanted and c.fact in known)
