"""Numbers in a draft: doses and durations against the passages, telephone numbers against the patient's country. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import reduce
from itertools import groupby
from operator import or_

from core.domain import Draft
from llm4sweat_model.condition import Condition, Country, Reading
from llm4sweat_model.grounded import Grounded
from llm4sweat_model.guardrails.question import Question
from llm4sweat_model.quantities import DOSES, Quantity

_PHONE = re.compile(r"(?<![\w.,%])\+?\d[\d\s().\-/]{1,16}\d(?!\w)|(?<![\w.,%])\d{3}(?![\w%])")
_CALL = 3  # digits: shorter is no telephone number
_DECIMAL = re.compile(r"\d+[.,/]\d+")


def unfounded(draft: Draft, reading: Reading, question: Question, condition: Condition) -> tuple[Quantity, ...]:
    """Quantities of the draft that no passage about the same treatment carries, in the order of the text.

    A sentence without a treatment goes on about the one named last. Where no treatment is spoken of, a dose must stand in one of the
    draft's passages; a duration need not.
    """
    knowledge = Grounded.of(condition).knowledge
    current: frozenset[str] = question.treatments
    found: list[Quantity] = []
    for _, clauses in groupby(reading.clauses, key=lambda clause: clause.sentence):
        parts = list(clauses)
        named = knowledge.treatments & reading.lexicon.names(_together(clause.raw for clause in parts))
        current = named or current
        for clause in parts:
            for quantity in knowledge.quantities_in(clause.text, question.language):
                if not current and quantity.unit not in DOSES:
                    continue
                founded = quantity in knowledge.quantities(current, draft.passages)
                if not founded and not (not named and quantity in knowledge.quantities(frozenset(), draft.passages)):
                    found.append(quantity)
    return tuple(dict.fromkeys(found))


def _together(bits: Iterable[int]) -> int:
    return reduce(or_, bits, 0)


def foreign_phones(text: str, language: str, country: str | None, condition: Condition) -> tuple[str, ...]:
    """Telephone numbers that are not the patient's country's; country unknown: of no country named or speaking the language."""
    written = [match.group() for match in _PHONE.finditer(text)]
    if not written:
        return ()
    known = condition.countries
    mine: Iterable[Country]
    if country is not None and country in known:
        mine = (known[country],)
    else:
        mine = [c for c in known.values() if language in c.languages or c.name.lower() in text.lower()]
        mine = [*mine, condition.fallback]
    allowed = {_digits(number) for place in mine for number in _numbers_of(place)}
    everywhere = {_digits(number) for place in known.values() for number in _numbers_of(place)}
    found = []
    for one in written:
        digits = _digits(one)
        if len(digits) < _CALL or _DECIMAL.fullmatch(one):
            continue
        looks = digits in everywhere or len(digits) >= 7
        if looks and digits not in allowed and not _part_of(digits, allowed):
            found.append(digits)
    return tuple(found)


def _part_of(digits: str, allowed: set[str]) -> bool:
    """A number written beside another ("999 or 112") or with its country code."""
    return any(digits.endswith(one) and len(digits) - len(one) <= 3 for one in allowed if len(one) > 5)


def _numbers_of(place: Country) -> Iterable[str]:
    yield from place.emergency
    for service in place.crisis:
        yield from re.findall(r"\d[\d\s\-]+\d", f"{service.number} ; {service.how} ; {service.name}")


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)
