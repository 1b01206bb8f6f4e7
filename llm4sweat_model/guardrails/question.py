"""What a question is, before anything is drafted: its language, its category, what it tells about the person. Pure.

Rules first, on the question alone and joined with what the same person just said; then what the person is known to be.
Only ever makes more careful.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from core.domain import Category, Context, Disposition, Said, Turn, Verdict, Who
from llm4sweat_model.condition import Condition, Reading
from llm4sweat_model.guardrails.contraindications import conflicts
from llm4sweat_model.policy import DISTRESS

FEELINGS = ("sad", "angry", "anxious", "hope")
_FRAGILE = frozenset({"fact_pregnant", "fact_breastfeeding", "fact_trying", "fact_minor"})
_JOINED = 3  # messages before this one that are read together with it
_VERSION = "1"


@dataclass(frozen=True, slots=True)
class Question:
    """A screened turn. `told`: facts of this turn; `facts`: all that is known; `denied`: known not to apply."""

    text: str
    redacted: str
    reading: Reading
    language: str
    uncovered: bool
    verdicts: tuple[Verdict, ...]
    told: frozenset[str]
    facts: frozenset[str]
    denied: frozenset[str]
    treatments: frozenset[str]
    sites: frozenset[str]
    feeling: str | None
    follows: str = ""  # what it goes on from, when it is a short follow-up


def screen(turn: Turn, context: Context, condition: Condition) -> Question:
    """Screen one turn. A verdict of its own says that the rules ran, so that an empty list never passes for safe."""
    own = turn.language or context.patient.language or None
    reading = condition.rules.read(turn.text, own)
    language = _language(reading, own, condition)
    told = _facts(reading)
    facts = context.patient.profile.facts | told
    if not context.facts_known:
        facts |= _told_before(context.history, own, condition)
    facts |= {"fact_minor"} if context.patient.profile.adult is False else frozenset()
    denied = context.patient.profile.denied - told
    treatments = frozenset(c for c in reading.concepts if c.startswith("treatment_"))
    verdicts = _rules(reading, turn, context, own, condition)
    verdicts += _person(reading, treatments, facts - denied, condition, verdicts)
    verdicts += _language_verdict(reading)
    feeling = next((name for name in FEELINGS if reading.has(f"feeling_{name}")), None)
    verdicts += _distress(reading)
    verdicts += (Verdict("rules", condition.version, None, Disposition.SEND, "the rules were tried"),)
    return Question(
        turn.text, turn.redacted, reading, language, reading.guess.uncovered is not None, verdicts, told, facts, denied,
        treatments, frozenset(c for c in reading.concepts if c.startswith("site_")), feeling,
        _follows(reading, context.history),
    )  # fmt: skip


def _language(reading: Reading, own: str | None, condition: Condition) -> str:
    """The language to answer in: the one the person chose or named, unless the text clearly shows another."""
    covered = reading.guess.covered
    if own in condition.languages and (not covered or own in covered):
        return str(own)
    return covered[0] if covered else own if own in condition.languages else "en"


def _facts(reading: Reading) -> frozenset[str]:
    return frozenset(c for c in reading.concepts if c.startswith("fact_"))


def _told_before(history: tuple[Said, ...], own: str | None, condition: Condition) -> frozenset[str]:
    """What the person said in passing earlier in this conversation."""
    said = [line.text for line in history if line.who is Who.PATIENT]
    return frozenset().union(*(_facts(condition.rules.read(text, own)) for text in said))


def _rules(
    reading: Reading, turn: Turn, context: Context, own: str | None, condition: Condition
) -> tuple[Verdict, ...]:
    """The rules on the question; and an emergency that shows only together with what was said before."""
    verdicts = condition.rules.verdicts(reading, own)
    earlier = _just_said(context.history, turn, condition)
    if earlier and not any(v.asks is Disposition.EMERGENCY for v in verdicts):
        together = condition.rules.verdicts(f"{earlier}\n{turn.text}", own)
        if urgent := [v for v in together if v.asks is Disposition.EMERGENCY]:
            before = {v.check for v in condition.rules.verdicts(earlier, own)}
            verdicts += tuple(v for v in urgent if v.check not in before)
    return verdicts


def _just_said(history: tuple[Said, ...], turn: Turn, condition: Condition) -> str:
    """What the same person wrote shortly before; lines without a time count by their place."""
    window = timedelta(minutes=condition.threshold("joining_window_minutes"))
    lines = [line for line in history[-2 * _JOINED :] if line.who is Who.PATIENT]
    return "\n".join(line.text for line in lines if line.at is None or turn.at is None or turn.at - line.at <= window)


def _person(
    reading: Reading,
    treatments: frozenset[str],
    facts: frozenset[str],
    condition: Condition,
    fired: tuple[Verdict, ...],
) -> tuple[Verdict, ...]:
    """Who asks matters: pregnant, breastfeeding, trying, under 18; or a treatment that is forbidden for this person."""
    found: list[Verdict] = []
    about = reading.has("in_scope") or bool(treatments) or any(v.category is not None for v in fired)
    fragile = sorted(facts & _FRAGILE)
    if fragile and about:
        reason = "the person is or may be: " + ", ".join(name.removeprefix("fact_") for name in fragile)
        found.append(Verdict("person", _VERSION, Category.PREGNANCY_OR_MINOR, Disposition.HOLD, reason))
    for clash in conflicts(treatments, facts, condition):
        if clash.strength == "never":
            name = f"contraindication.{clash.treatment}.{clash.fact}"
            found.append(Verdict(name, _VERSION, Category.MEDICATION_DOSING, Disposition.HOLD, clash.reason))
    return tuple(found)


def _language_verdict(reading: Reading) -> tuple[Verdict, ...]:
    if reading.guess.uncovered is None:
        return ()
    reason = f"written in a language that no rule covers: {reading.guess.uncovered}"
    return (Verdict("language", _VERSION, None, Disposition.HOLD, reason),)


def _distress(reading: Reading) -> tuple[Verdict, ...]:
    """Sadness without danger is answered, and seen by the psychological lens within a day."""
    if not reading.has("feeling_sad"):
        return ()
    return (Verdict(DISTRESS, _VERSION, None, Disposition.REVIEW, "distress was shown"),)


def _follows(reading: Reading, history: tuple[Said, ...]) -> str:
    """The last thing the person asked, when this question only makes sense after it ("and how long?")."""
    said = [line.text for line in history if line.who is Who.PATIENT]
    short = reading.words <= 6 and not any(c.startswith("treatment_") for c in reading.concepts)
    return said[-1] if said and (short or reading.has("follow_up")) else ""
