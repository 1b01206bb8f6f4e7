"""From a text to what it says: clauses, the concepts in each, and which of them stand.

Which rules fire on that is `rules.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from llm4sweat_model.disguise import readings
from llm4sweat_model.guardrails.family import Indexes
from llm4sweat_model.guardrails.lexicon import Found, Lexicon, Memory
from llm4sweat_model.guardrails.triage_file import TriageFile
from llm4sweat_model.language import Guess, Languages, Spoken
from llm4sweat_model.text import count_words, normalise, pieces, words
from llm4sweat_model.typos import Typos

LIST_MEMBER = 4
"""Words that a further member of a denied list has at most ("no fever, chills or weight loss"); more is a statement."""

CHANCE = 60
"""In a text of more different words than this one word of another language is there by chance."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause: its words, its sentence, all its concepts and those that stand, as bits."""

    text: str
    sentence: int
    raw: int
    active: int


def together(bits: Iterable[int]) -> int:
    """All bits that are set in any."""
    result = 0
    for some in bits:
        result |= some
    return result


class Reading:
    """A text as it was understood: its language (`guess`), its clauses as written, and those of `others`, read anew."""

    def __init__(
        self,
        lexicon: Lexicon,
        source: str,
        guess: Guess,
        families: frozenset[str],
        heard: frozenset[str],
        versions: tuple[tuple[Clause, ...], ...],
    ) -> None:
        """`families`: the languages whose concepts count, those that the text may be in, or all when it shows none.

        `heard`: these and every language that has a word of the text which is none of theirs.
        """
        self.lexicon, self.source, self.guess = lexicon, source, guess
        self.families, self.heard, self.versions = families, heard, versions

    @property
    def clauses(self) -> tuple[Clause, ...]:
        """The clauses of the text as it was written."""
        return self.versions[0]

    @property
    def others(self) -> tuple[tuple[Clause, ...], ...]:
        """The clauses of each further reading: what was disguised or misspelt, undone."""
        return self.versions[1:]

    @cached_property
    def active(self) -> int:
        """All concepts that stand anywhere in any reading, as bits."""
        return together(clause.active for clauses in self.versions for clause in clauses)

    @cached_property
    def raw(self) -> int:
        """The same with those that are silenced."""
        return together(clause.raw for clauses in self.versions for clause in clauses)

    @cached_property
    def words(self) -> int:
        """How many words the text has."""
        return sum(count_words(clause.text) for clause in self.clauses)

    @cached_property
    def own(self) -> int:
        """All bits of the languages whose concepts count."""
        return together(self.lexicon.family_mask[family] for family in self.families)

    @cached_property
    def concepts(self) -> frozenset[str]:
        """The names of the concepts that stand."""
        return self.lexicon.names(self.active & self.own)

    def has(self, concept: str, silenced: bool = False) -> bool:
        """Whether the text says this and it stands; with `silenced`, whether it says it at all."""
        bits = self.raw if silenced else self.active
        return bool(bits & self.lexicon.masks(concept, self.families))


@dataclass(frozen=True, slots=True)
class _Part:
    """A clause before it is understood. `listed`: only a comma parts it from the one before."""

    text: str
    sentence: int
    listed: bool


class Reader:
    """Reads texts in all languages of a pack. Immutable but for what it remembers; safe to share between threads."""

    def __init__(
        self, files: Sequence[TriageFile], spoken: Sequence[Spoken], indexes: Mapping[str, Indexes] | None = None
    ) -> None:
        """`spoken`: all languages, covered or not, that a text may be in; `indexes`: as for `Lexicon`."""
        self.lexicon = Lexicon(files, indexes)
        self._languages = Languages(spoken)
        self._or_words = frozenset(word for one in spoken for word in one.list_words)
        self._markers = frozenset(word for file in files for word in file.markers) - self._or_words
        covered = [one for one in spoken if one.covered]
        self._owners: dict[str, set[str]] = {}
        for one in covered:
            for word in one.words | one.markers:
                self._owners.setdefault(word, set()).add(one.code)
        self._vocabulary = frozenset(self._owners)
        listed: dict[str, frozenset[str]] = {}
        for file in files:
            for word in file.typos:
                listed[word] = listed.get(word, frozenset()) | {file.family}
        self._typos = Typos(listed, self._vocabulary)

    def read(self, text: str, language: str | None = None, disguised: bool = True) -> Reading:
        """The text understood once. `language`: what is said to be its language, counted beside what it shows."""
        spelled = normalise(text)
        given = language.split("-")[0] if language else None
        guess = self._languages.guess(text, words(spelled), given)
        families = self.families(guess, language)
        further = (
            readings(spelled, self._vocabulary, lambda word: self._typos.correct(word, families)) if disguised else ()
        )
        versions = [spelled, *further]
        heard = self._heard(versions, guess, families)
        memory: Memory = {}
        understood = tuple(self._clauses(version, families, heard, memory) for version in versions)
        return Reading(self.lexicon, text, guess, families, heard, understood)

    def _heard(self, versions: Sequence[str], guess: Guess, families: frozenset[str]) -> frozenset[str]:
        """The languages that have words of the text which none of `families` has.

        Names of medicines and the like stand in every language's rules and tell of none.
        """
        distinct = {word for version in versions for word in words(version)}
        told: dict[str, int] = {}
        for word in distinct:
            owners = self._owners.get(word)
            if owners and not owners & families:
                for owner in owners:
                    told[owner] = told.get(owner, 0) + 1
        enough = 1 if len(distinct) <= CHANCE else 2
        return families | guess.lettered | {family for family, times in told.items() if times >= enough}

    def families(self, guess: Guess, language: str | None) -> frozenset[str]:
        """The languages that count: those that the text shows and the one that was named, or all."""
        known = self.lexicon.family_mask.keys()
        given = {language.split("-")[0]} & known if language else set()
        return frozenset(guess.covered) | given or frozenset(known)

    def _clauses(
        self,
        text: str,
        families: frozenset[str],
        heard: frozenset[str],
        memory: Memory,
    ) -> tuple[Clause, ...]:
        parts = [
            _Part(clause, piece.sentence, piece.comma and not index and not anew)
            for piece in pieces(text)
            for clauses, anew in (self.lexicon.cut(piece.text, families),)
            for index, clause in enumerate(clauses)
        ]
        found = self.lexicon.find([part.text for part in parts], families, heard, memory)
        active = self.lexicon.active(found, self._carried(parts, found))
        return tuple(
            Clause(part.text, part.sentence, clause.raw, bits)
            for part, clause, bits in zip(parts, found, active, strict=True)
        )

    def _carried(self, parts: list[_Part], found: list[Found]) -> list[frozenset[str]]:
        """For each clause the families whose denial reaches it through a list that ends with "or"."""
        carried: list[frozenset[str]] = [frozenset()] * len(parts)
        for start, clause in enumerate(found):
            denying = self.lexicon.denies(clause)
            end = start + 1
            while denying and end < len(parts) and self._goes_on(parts[end], found[end], denying):
                end += 1
            while end > start + 1 and self._or_words.isdisjoint(parts[end - 1].text.split()):
                end -= 1
            for place in range(start + 1, end):
                carried[place] |= denying
        return carried

    def _goes_on(self, part: _Part, found: Found, denying: frozenset[str]) -> bool:
        """Whether a clause is a bare member of the list that the clause before began."""
        if not part.listed or any(family in denying for family, _ in found.modifiers):
            return False
        tokens = [token for token in part.text.split() if token not in self._or_words]
        return len(tokens) <= LIST_MEMBER and self._markers.isdisjoint(tokens)
