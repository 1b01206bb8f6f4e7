"""The backend without a model: answers sentence by sentence from the pack's passages and approved answers. Pure.

One text of at most the pack's limit: a warm opening where feeling was shown, what answers the question, who must not (what
concerns this person first), what to expect, when to get help. Where the pack has nothing near enough it says so by an error.
"""

from __future__ import annotations

from collections.abc import Iterable
from weakref import WeakKeyDictionary

from core.domain import Answer, Passage, Request, TextKind
from llm4sweat_model.condition import Condition
from llm4sweat_model.knowledge import Knowledge
from llm4sweat_model.text import words

_MADE: WeakKeyDictionary[object, Grounded] = WeakKeyDictionary()
_SHORT_WORD = 4
_AS_NEAR = 0.85  # of the best score: nearly as near, so the question asks for both


class Grounded:
    """One pack's grounded backend; an implementation of `Complete` for drafts."""

    name = "grounded"

    def __init__(self, condition: Condition) -> None:
        self._condition = condition
        self.knowledge = Knowledge(condition)

    @classmethod
    def of(cls, condition: Condition) -> Grounded:
        """The backend of a pack, built once and kept while its rules live."""
        made = _MADE.get(condition.rules)
        if made is None:
            made = _MADE[condition.rules] = cls(condition)
        return made

    def __call__(self, request: Request) -> Answer:
        """An answer from the passages of the request. Error "nothing_fits" when none is near enough."""
        chosen = self._choose(request)
        if not chosen:
            return Answer("", self.name, error="nothing_fits")
        room = int(self._condition.threshold("answer_max_characters"))
        opener = self._opener(request)
        head = [self._condition.message(request.language, opener)] if opener else []
        if chosen[0].language != request.language:
            head.append(self._condition.message(request.language, "reply.only_english"))
        text = self._compose(head, chosen, request, room)
        return Answer(text, self.name, passages=tuple(p.id for p in chosen), kind=TextKind.CITED, origin=opener)

    def _choose(self, request: Request) -> tuple[Passage, ...]:
        least = self._condition.threshold("retrieval_minimum_score")
        margin = self._condition.threshold("retrieval_margin")
        near = [p for p in request.passages if p.score >= least]
        if not near:
            return ()
        top = near[0]
        fitting = [p for p in near if p is top or (p.score >= margin * top.score and _beside(p, top, request))]
        return tuple(fitting[: int(self._condition.threshold("passages_in_answer"))]) or (top,)

    def _opener(self, request: Request) -> str | None:
        """The key of a warm opening, the one after the last used; none when no feeling was shown."""
        feeling = request.extra.get("feeling")
        if not feeling:
            return None
        keys = self._condition.messages.keys(f"reply.opener.{feeling}.")
        last = request.extra.get("opener")
        place = keys.index(last) + 1 if last in keys else len(request.question) % max(1, len(keys))
        return keys[place % len(keys)] if keys else None

    def _compose(self, head: list[str], chosen: tuple[Passage, ...], request: Request, room: int) -> str:
        """Paragraphs by role, in the order in which a reader needs them; what must be said is placed first."""
        asked = set(words(request.question))
        first, *others = chosen
        wanted: list[tuple[int, str]] = [(0, s) for s in first.answer]
        wanted += [(1, s) for s in self._warnings(first, request)]
        wanted += [(3, s) for s in first.get_help[:1]]
        wanted += [(2, s) for s in _nearest(first.expect, asked)]
        for passage in others:
            wanted += [(1, s) for s in self._concerning(passage, request)]
            wanted += [(0, s) for s in _nearest(passage.answer, asked)]
        wanted += [(3, s) for s in first.get_help[1:]]
        used = sum(len(s) + 2 for s in head)
        kept: list[tuple[int, str]] = []
        for role, sentence in wanted:
            if used + len(sentence) + 2 <= room and all(sentence != other for _, other in kept):
                kept.append((role, sentence))
                used += len(sentence) + 2
        join = "" if request.language == "zh" and first.language == "zh" else " "
        paragraphs = [join.join(s for r, s in kept if r == role) for role in range(4)]
        return "\n\n".join([*head, *(p for p in paragraphs if p)])

    def _warnings(self, passage: Passage, request: Request) -> list[str]:
        """Who must not: what concerns this person first."""
        own = self._concerning(passage, request)
        return own + [s for s in passage.must_not if s not in own]

    def _concerning(self, passage: Passage, request: Request) -> list[str]:
        facts = request.profile.facts
        if not facts:
            return []
        found = []
        for sentence in passage.must_not:
            reading = self._condition.rules.read(sentence, passage.language)
            if any(reading.has(fact, silenced=True) for fact in facts):
                found.append(sentence)
        return found


def _beside(passage: Passage, top: Passage, request: Request) -> bool:
    """Whether a second passage goes on about the same thing, in the same language, and is true in this country."""
    about = passage.treatments & top.treatments or passage.sites & top.sites
    near = bool(about) or passage.score >= _AS_NEAR * top.score
    return near and passage.language == top.language and passage.country in ("", request.country)


def _nearest(sentences: Iterable[str], asked: set[str]) -> list[str]:
    """Sentences in the order of how many of the question's words they share; order kept among equals."""
    return sorted(sentences, key=lambda s: -len({w for w in words(s) if len(w) >= _SHORT_WORD} & asked))
