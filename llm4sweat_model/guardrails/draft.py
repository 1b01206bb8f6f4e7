"""What a draft says, held against the passages, the person and the boundaries. Pure; first useful level.

Each finding asks for HOLD. It does not judge whether a draft is good, only whether it may be said without an expert.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import reduce
from operator import or_

from core.domain import Disposition, Draft, TextKind, Verdict
from llm4sweat_model import privacy
from llm4sweat_model.condition import Condition, Reading
from llm4sweat_model.grounded import Grounded
from llm4sweat_model.guardrails import numbers
from llm4sweat_model.guardrails.contraindications import conflicts
from llm4sweat_model.guardrails.question import Question
from llm4sweat_model.text import visible, words

_VERSION = "1"
_LINK = re.compile(
    r"(?:https?://|www\.)[^\s)>\]]+|\b[a-z0-9-]+\.(?:com|org|net|info|io|co\.uk|de|fr|es)\b[^\s)]*", re.IGNORECASE
)
_MACHINE = re.compile(
    r"<\|[^|]*\|>|</?[a-z][^>]*>|\[/?INST\]|```|\{\s*\"|^\s*(?:assistant|system|user)\s*:", re.IGNORECASE | re.MULTILINE
)
_CONTROL = re.compile(r"[\u0000-\u0008\u000b-\u001f\u007f\u200b\u202a-\u202e\u2066-\u2069\ufffd\U000e0000-\U000e007f]")
_MOJIBAKE = re.compile(r"Ã[\u0080-\u00bf©¨¤¶¼±³]|â€[\u0090-\u009d™œ]|Â[\u00a0-\u00bf]")
_LONGEST = 3_000
_LOOKED = 160  # characters in which something readable must stand
_LOOP = 4  # the same sentence so often is a loop

Finding = tuple[str, str]


def check(question: Question, draft: Draft, condition: Condition, *, country: str | None = None) -> tuple[Verdict, ...]:
    """All that is wrong with a draft, and one verdict that says that the checks ran."""
    reading = condition.rules.read(draft.text, question.language, disguised=False)
    found: list[Finding] = []
    for one in _CHECKS:
        found += one(question, draft, reading, condition, country)
    ran = Verdict("draft", _VERSION, None, Disposition.SEND, "the checks on the draft ran")
    return (*(Verdict(f"draft.{name}", _VERSION, None, Disposition.HOLD, why) for name, why in found), ran)


def _form(q: Question, draft: Draft, reading: Reading, condition: Condition, country: str | None) -> Iterable[Finding]:
    text = draft.text.strip()
    if len(visible(text[:_LOOKED])) < condition.threshold("answer_min_characters"):
        yield "empty", "it says next to nothing"
    if len(text) > _LONGEST:
        yield "too_long", f"it has more than {_LONGEST} characters"
    if _MACHINE.search(text):
        yield "machine", "it holds markup, code or a template's tokens"
    if _CONTROL.search(text) or _MOJIBAKE.search(text):
        yield "characters", "it holds control characters or broken letters"
    if _loops(text):
        yield "loop", "it repeats itself"


def _loops(text: str) -> bool:
    if re.search(r"([^\w\s])\1{7,}|(\b\w+\b)(?:\W+\2\b){5,}", text):
        return True
    sentences = [s.strip().lower() for s in re.split(r"[.!?。！？।\n]+", text) if len(s.strip()) > 8]
    return any(sentences.count(s) >= _LOOP for s in set(sentences))


def _language(
    q: Question, draft: Draft, reading: Reading, condition: Condition, country: str | None
) -> Iterable[Finding]:
    guess = reading.guess
    offered = draft.kind is TextKind.CITED and any(p.language != q.language for p in draft.passages)
    if guess.uncovered or (guess.covered and q.language not in guess.covered and not offered):
        yield "language", f"it is not written in {q.language}"


def _numbers(
    q: Question, draft: Draft, reading: Reading, condition: Condition, country: str | None
) -> Iterable[Finding]:
    for quantity in numbers.unfounded(draft, reading, q, condition):
        yield "quantity", f"no passage about the same treatment carries {quantity.value:g} {quantity.unit}"
    for number in numbers.foreign_phones(draft.text, q.language, country, condition):
        yield "phone", f"a telephone number that is not this country's ({len(number)} digits)"


def _links(q: Question, draft: Draft, reading: Reading, condition: Condition, country: str | None) -> Iterable[Finding]:
    allowed = {_bare(s.url) for p in draft.passages for s in p.sources}
    for link in _LINK.findall(draft.text):
        if not any(source.startswith(_bare(link)) for source in allowed):
            yield "link", "a link that is no source of its passages"


def _bare(url: str) -> str:
    return re.sub(r"^(?:https?://)?(?:www\.)?", "", url.lower()).rstrip("/.,;)")


def _person(
    q: Question, draft: Draft, reading: Reading, condition: Condition, country: str | None
) -> Iterable[Finding]:
    """A treatment that this person must not use, unless the draft says just that."""
    known = q.facts - q.denied
    named = {c for c in Grounded.of(condition).knowledge.treatments if reading.has(c, silenced=True)}
    for clash in conflicts(named, known, condition):
        if clash.strength == "never" and not _warned(clash.treatment, clash.fact, reading):
            yield f"contraindicated.{clash.treatment}.{clash.fact}", clash.reason


def _warned(treatment: str, fact: str, reading: Reading) -> bool:
    """Whether the draft names the person's fact in a sentence that denies or warns, and never affirms the two together."""
    told = False
    for sentence in {c.sentence for c in reading.clauses}:
        clauses = [c for c in reading.clauses if c.sentence == sentence]
        raw = reading.lexicon.names(_or(c.raw for c in clauses))
        active = reading.lexicon.names(_or(c.active for c in clauses))
        if fact not in raw:
            continue
        warns = fact not in active or (treatment in raw and treatment not in active) or "b_warn" in raw
        if not warns and treatment in active:
            return False
        told = told or warns
    return told


def _or(bits: Iterable[int]) -> int:
    return reduce(or_, bits, 0)


def _boundaries(
    q: Question, draft: Draft, reading: Reading, condition: Condition, country: str | None
) -> Iterable[Finding]:
    for boundary in condition.rules.judge(reading, condition.boundaries):
        yield f"boundary.{boundary.id}", boundary.reason


def _leaks(q: Question, draft: Draft, reading: Reading, condition: Condition, country: str | None) -> Iterable[Finding]:
    if draft.kind is TextKind.DRAFT:
        private = set(privacy.identifiers(draft.text)) - {"link", "phone", "number"}
        if private:
            yield "person", "it holds what identifies a person: " + ", ".join(sorted(private))
    said = set(words(draft.text))
    for prompt in condition.prompts.values():
        lines = [line for line in prompt.system.splitlines() if len(line) > 40]
        if any(line.strip().lower() in draft.text.lower() for line in lines):
            yield "prompt", "it repeats what the model was told"
            break
    own = set(words(q.text))
    if draft.kind is TextKind.DRAFT and len(said) > 8 and len(said - own) <= 2:
        yield "echo", "it only repeats the question"


_CHECKS: tuple[Callable[[Question, Draft, Reading, Condition, str | None], Iterable[Finding]], ...] = (
    _form,
    _language,
    _numbers,
    _links,
    _person,
    _boundaries,
    _leaks,
)
