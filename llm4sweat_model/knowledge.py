"""Finds the passages that answer a question, in any covered language, without a model. Pure, built once a pack.

Each passage lists how people ask for it. A first, coarse score weighs words and character n-grams against all that a
passage says; a second compares the question with each way of asking. Treatments and sites that the question names must fit.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from core.domain import Passage
from llm4sweat_model.condition import Condition
from llm4sweat_model.guardrails.question import Question
from llm4sweat_model.quantities import Quantifier, Quantity
from llm4sweat_model.text import normalise

_WORD = re.compile(r"[^\W_]+")
_HAN = re.compile(r"[\u3400-\u9fff]")
_COARSE = 14  # passages that the fine score looks at
_GRAM = 4
_ASKED, _TITLE, _TEXT = 3.0, 2.0, 1.0  # how much a word counts by where it stands


@dataclass(frozen=True, slots=True)
class _Entry:
    """One passage as the index sees it: its norm and, for each way of asking, the terms and their norm."""

    id: str
    norm: float
    asks: tuple[tuple[Mapping[str, float], float], ...]
    treatments: frozenset[str]
    sites: frozenset[str]


class Knowledge:
    """The index of one pack."""

    def __init__(self, condition: Condition) -> None:
        self._condition = condition
        self._by_language = {lang: {p.id: p for p in own} for lang, own in condition.passages.items()}
        documents = {p.id: self._document(p) for p in condition.passages["en"]}
        spread = Counter(term for terms in documents.values() for term in terms)
        self._weight = {term: math.log(1 + len(documents) / count) for term, count in spread.items()}
        self._rare = math.log(1 + len(documents))
        self._entries: dict[str, _Entry] = {}
        self._quantifiers: dict[str, Quantifier] = {}
        self._carries: dict[tuple[str, str], frozenset[Quantity]] = {}
        self._posting: dict[str, list[tuple[str, float]]] = {}
        for passage in condition.passages["en"]:
            self._add(passage, documents[passage.id])

    def _document(self, passage: Passage) -> dict[str, float]:
        """Terms of a passage in all languages, with the weight of their place."""
        found: dict[str, float] = {}
        for text in self._asks(passage.id):
            _count(found, text, _ASKED)
        for own in self._by_language.values():
            if passage.id in own:
                _count(found, own[passage.id].title, _TITLE)
                for sentence in own[passage.id].sentences:
                    _count(found, sentence, _TEXT)
        return found

    def _asks(self, passage_id: str) -> Iterable[str]:
        asked = self._condition.asked.get(passage_id)
        return [text for own in asked.asks.values() for text in own] if asked else []

    def _add(self, passage: Passage, document: dict[str, float]) -> None:
        weighed = {term: (1 + math.log(n)) * self._weight[term] for term, n in document.items() if n >= 1}
        norm = math.sqrt(sum(w * w for w in weighed.values())) or 1.0
        for term, weight in weighed.items():
            self._posting.setdefault(term, []).append((passage.id, weight / norm))
        asks = []
        for text in (*self._asks(passage.id), passage.title):
            terms = self._weighed(_terms(text))
            asks.append((terms, math.sqrt(sum(w * w for w in terms.values())) or 1.0))
        self._entries[passage.id] = _Entry(passage.id, norm, tuple(asks), passage.treatments, passage.sites)

    def _weighed(self, terms: Iterable[str]) -> dict[str, float]:
        return {term: self._weight.get(term, self._rare) for term in terms}

    @cached_property
    def treatments(self) -> frozenset[str]:
        """Every treatment that the pack knows of."""
        table = {c.treatment for c in self._condition.contraindications}
        return frozenset(table).union(*(entry.treatments for entry in self._entries.values()))

    def quantities_in(self, text: str, language: str) -> frozenset[Quantity]:
        """The quantities that a text in this language states."""
        if language not in self._quantifiers:
            words = [
                self._condition.quantities[code] for code in {language, "en"} if code in self._condition.quantities
            ]
            self._quantifiers[language] = Quantifier(words)
        return self._quantifiers[language].find(text)

    def quantities(self, treatments: frozenset[str], passages: Iterable[Passage]) -> frozenset[Quantity]:
        """What passages about one of these treatments carry; without a treatment, what these passages carry."""
        if not treatments:
            return frozenset().union(*(self._carried(p) for p in passages))
        names = tuple(e.id for e in self._entries.values() if e.treatments & treatments)
        return frozenset().union(
            *(self._carried(own[name]) for name in names for own in self._by_language.values() if name in own)
        )

    def _carried(self, passage: Passage) -> frozenset[Quantity]:
        key = (passage.id, passage.language)
        if key not in self._carries:
            found = (self.quantities_in(sentence, passage.language) for sentence in passage.sentences)
            self._carries[key] = frozenset().union(*found)
        return self._carries[key]

    def find(self, question: Question, limit: int) -> tuple[Passage, ...]:
        """The passages nearest to a question, best first, in its language where there is one, else in English."""
        scores = self.scores(question)
        best = sorted(scores, key=lambda name: -scores[name])[:limit]
        return tuple(replace(self.text(name, question.language), score=min(1.0, scores[name])) for name in best)

    def text(self, passage_id: str, language: str) -> Passage:
        """A passage in a language, or in English where it is not written in that one."""
        own = self._by_language.get(language, {})
        return own.get(passage_id) or self._by_language["en"][passage_id]

    def scores(self, question: Question) -> dict[str, float]:
        """Nearness by passage id, about 0 to 1; only passages worth a look are named."""
        text = f"{question.follows} {question.text}" if question.follows else question.text
        terms = self._weighed(_terms(text))
        norm = math.sqrt(sum(w * w for w in terms.values())) or 1.0
        coarse: dict[str, float] = {}
        for term, weight in terms.items():
            for name, share in self._posting.get(term, ()):
                coarse[name] = coarse.get(name, 0.0) + weight * share
        first = sorted(coarse, key=lambda name: -coarse[name])[:_COARSE]
        return {name: self._fine(self._entries[name], terms, norm, coarse[name] / norm, question) for name in first}

    def _fine(self, entry: _Entry, terms: Mapping[str, float], norm: float, coarse: float, question: Question) -> float:
        nearest = max((_cosine(terms, norm, ask, size) for ask, size in entry.asks), default=0.0)
        score = 0.65 * nearest + 0.6 * coarse
        if question.treatments:
            score += 0.12 if question.treatments & entry.treatments else -0.12 if entry.treatments else -0.03
        if question.sites and entry.sites:
            score += 0.06 if question.sites & entry.sites else -0.06
        return max(0.0, score)


def _cosine(terms: Mapping[str, float], norm: float, ask: Mapping[str, float], size: float) -> float:
    small, large = (terms, ask) if len(terms) < len(ask) else (ask, terms)
    return sum(weight * large[term] for term, weight in small.items() if term in large) / (norm * size)


def _terms(text: str) -> set[str]:
    """Words, their beginnings, and character n-grams; for Chinese, single characters and pairs."""
    found: set[str] = set()
    for word in _WORD.findall(normalise(text)):
        if _HAN.search(word):
            found.update(word)
            found.update(word[i : i + 2] for i in range(len(word) - 1))
        elif len(word) <= _GRAM:
            found.add(word)
        else:
            found.add(word)
            found.update("#" + word[i : i + _GRAM] for i in range(len(word) - _GRAM + 1))
    return found


def _count(counter: dict[str, float], text: str, weight: float) -> None:
    for term in _terms(text):
        counter[term] = counter.get(term, 0.0) + weight
