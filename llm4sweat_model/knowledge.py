"""Finds the passages that answer a question, in any covered language, without a model. Pure, built once a pack.

Each passage lists how people ask for it. Words and character n-grams of the question are weighed (TF-IDF, cosine) against all that
a passage says, and against each single way of asking. Treatments and sites that the question names must fit.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from core.domain import Passage
from llm4sweat_model.condition import Condition
from llm4sweat_model.guardrails.question import Question
from llm4sweat_model.quantities import Quantifier, Quantity
from llm4sweat_model.text import normalise

_WORD = re.compile(r"[^\W_]+")
_HAN = re.compile(r"[\u3400-\u9fff]")
_GRAM = 4
_ASKED, _TITLE, _TEXT = 3.0, 2.0, 1.0  # how much a word counts by where it stands
_NEAREST, _WHOLE = 0.65, 0.6  # weight of the nearest way of asking, and of the passage as a whole
_TREATMENT, _OTHER_TREATMENT, _NO_TREATMENT = 0.12, -0.12, -0.03
_SITE = 0.06
_COMBINATIONS = 1_000  # of treatments and sites, remembered

Numbers = npt.NDArray[np.float64]
Terms = dict[str, float]


class _Matrix:
    """Documents as weighed terms; `cosines` compares a question with all of them at once."""

    def __init__(self, documents: Sequence[Terms], weight: Terms) -> None:
        postings: dict[str, list[tuple[int, float]]] = {}
        norms = np.ones(len(documents))
        for number, document in enumerate(documents):
            weighed = {term: (1 + math.log(n)) * weight[term] for term, n in document.items()}
            norms[number] = math.sqrt(sum(w * w for w in weighed.values())) or 1.0
            for term, value in weighed.items():
                postings.setdefault(term, []).append((number, value))
        self._norms = norms
        self._places = {t: np.array([n for n, _ in rows], dtype=np.int32) for t, rows in postings.items()}
        self._values = {t: np.array([v for _, v in rows]) for t, rows in postings.items()}

    def cosines(self, terms: Terms, norm: float) -> Numbers:
        """The cosine of a question with each document."""
        known = [term for term in terms if term in self._places]
        if not known:
            return np.zeros(len(self._norms))
        places = np.concatenate([self._places[term] for term in known])
        values = np.concatenate([self._values[term] * terms[term] for term in known])
        return np.bincount(places, weights=values, minlength=len(self._norms)) / (self._norms * norm)


class _Gaps:
    """What the pack cannot answer, indexed like passages that have no text."""

    def __init__(self, gaps: Mapping[str, tuple[str, ...]], weight: Terms) -> None:
        asks = [[_terms(text) for text in texts] for texts in gaps.values()]
        documents: list[Terms] = []
        for own in asks:
            document: Terms = {}
            for terms in own:
                _add(document, terms, _ASKED)
            documents.append(document)
        rare = max(weight.values(), default=1.0)
        weight = {term: rare for document in documents for term in document} | weight
        self._whole = _Matrix(documents, weight)
        self._single = _Matrix([dict.fromkeys(terms, 1.0) for own in asks for terms in own], weight)
        self._first = np.cumsum([0] + [len(own) for own in asks[:-1]])

    def nearest(self, terms: Terms, norm: float, question: Question) -> float:
        """The score of the nearest gap, on the scale of the passages'."""
        nearest = np.maximum.reduceat(self._single.cosines(terms, norm), self._first)
        scores = _NEAREST * nearest + _WHOLE * self._whole.cosines(terms, norm)
        return float(scores.max()) + (_TREATMENT if question.treatments else 0.0)


class Knowledge:
    """The index of one pack."""

    def __init__(self, condition: Condition) -> None:
        self._condition = condition
        self._by_language = {lang: {p.id: p for p in own} for lang, own in condition.passages.items()}
        self._passages = condition.passages["en"]
        self._quantifiers: dict[str, Quantifier] = {}
        self._carries: dict[tuple[str, str], frozenset[Quantity]] = {}
        self._fitting: dict[tuple[frozenset[str], frozenset[str]], Numbers] = {}
        asks = [[_terms(text) for text in (*self._asks(p.id), p.title)] for p in self._passages]
        documents = [self._document(p, own) for p, own in zip(self._passages, asks, strict=True)]
        spread: dict[str, int] = {}
        for document in documents:
            for term in document:
                spread[term] = spread.get(term, 0) + 1
        self._weight = {term: math.log(1 + len(documents) / count) for term, count in spread.items()}
        self._rare = math.log(1 + len(documents))
        self._whole = _Matrix(documents, self._weight)
        self._single = _Matrix([dict.fromkeys(terms, 1.0) for own in asks for terms in own], self._weight)
        self._first = np.cumsum([0] + [len(own) for own in asks[:-1]])
        self._gaps = _Gaps(condition.gaps, self._weight) if condition.gaps else None

    def _asks(self, passage_id: str) -> Iterable[str]:
        asked = self._condition.asked.get(passage_id)
        return [text for own in asked.asks.values() for text in own] if asked else []

    def _document(self, passage: Passage, asks: Iterable[set[str]]) -> Terms:
        """Terms of a passage in all languages, with the weight of their place."""
        found: Terms = {}
        for terms in asks:
            _add(found, terms, _ASKED)
        for own in self._by_language.values():
            if passage.id in own:
                _add(found, _terms(own[passage.id].title), _TITLE)
                for sentence in own[passage.id].sentences:
                    _add(found, _terms(sentence), _TEXT)
        return found

    @cached_property
    def treatments(self) -> frozenset[str]:
        """Every treatment that the pack knows of."""
        table = {c.treatment for c in self._condition.contraindications}
        return frozenset(table).union(*(p.treatments for p in self._passages))

    def quantities_in(self, text: str, language: str) -> frozenset[Quantity]:
        """The quantities that a text in this language states."""
        if language not in self._quantifiers:
            known = self._condition.quantities
            self._quantifiers[language] = Quantifier([known[code] for code in {language, "en"} if code in known])
        return self._quantifiers[language].find(text)

    def quantities(self, treatments: frozenset[str], passages: Iterable[Passage]) -> frozenset[Quantity]:
        """What passages about one of these treatments carry; without a treatment, what these passages carry."""
        if not treatments:
            return frozenset().union(*(self._carried(p) for p in passages))
        names = [p.id for p in self._passages if p.treatments & treatments]
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
        """The passages nearest to a question, best first, in its language where there is one, else in English.

        None when it is nearer to what the pack is known not to answer.
        """
        scores = self.scores(question)
        if self._gaps is not None and self._gaps.nearest(*self._asked(question), question) > scores.max():
            return ()
        best = np.argsort(-scores)[:limit]
        return tuple(
            replace(self.text(self._passages[n].id, question.language), score=min(1.0, float(scores[n]))) for n in best
        )

    def text(self, passage_id: str, language: str) -> Passage:
        """A passage in a language, or in English where it is not written in that one."""
        own = self._by_language.get(language, {})
        return own.get(passage_id) or self._by_language["en"][passage_id]

    def _asked(self, question: Question) -> tuple[Terms, float]:
        """A question as weighed terms, and their norm."""
        text = f"{question.follows} {question.text}" if question.follows else question.text
        terms = {term: self._weight.get(term, self._rare) for term in _terms(text)}
        return terms, math.sqrt(sum(w * w for w in terms.values())) or 1.0

    def scores(self, question: Question) -> Numbers:
        """Nearness of each English passage, in their order, about 0 to 1."""
        terms, norm = self._asked(question)
        nearest = np.maximum.reduceat(self._single.cosines(terms, norm), self._first)
        fits = self._fits(question.treatments, question.sites)
        found: Numbers = np.maximum(0.0, _NEAREST * nearest + _WHOLE * self._whole.cosines(terms, norm) + fits)
        return found

    def _fits(self, treatments: frozenset[str], sites: frozenset[str]) -> Numbers:
        """What each passage gains or loses by the treatments and sites that a question names."""
        key = (treatments, sites)
        fits = self._fitting.get(key)
        if fits is None:
            if len(self._fitting) >= _COMBINATIONS:
                self._fitting.clear()
            fits = self._fitting[key] = np.array([_fit(passage, treatments, sites) for passage in self._passages])
        return fits


def _fit(passage: Passage, treatments: frozenset[str], sites: frozenset[str]) -> float:
    score = 0.0
    if treatments:
        if passage.treatments:
            score += _TREATMENT if treatments & passage.treatments else _OTHER_TREATMENT
        else:
            score += _NO_TREATMENT
    if sites and passage.sites:
        score += _SITE if sites & passage.sites else -_SITE
    return score


def _terms(text: str) -> set[str]:
    """Words, their beginnings, and character n-grams; for Chinese, single characters and pairs."""
    found: set[str] = set()
    for word in _WORD.findall(normalise(text)):
        if _HAN.search(word):
            found.update(word)
            found.update(word[i : i + 2] for i in range(len(word) - 1))
        else:
            found.add(word)
            if len(word) > _GRAM:
                found.update("#" + word[i : i + _GRAM] for i in range(len(word) - _GRAM + 1))
    return found


def _add(found: Terms, terms: Iterable[str], weight: float) -> None:
    for term in terms:
        found[term] = found.get(term, 0.0) + weight
