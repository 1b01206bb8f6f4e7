"""From a text to what it says: in which languages it may be, its clauses, and the concepts in each.

Which rules fire on that is `rules.py`; what one language makes of a text is `family.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from llm4sweat_model.disguise import readings
from llm4sweat_model.guardrails.family import Clause, Memory
from llm4sweat_model.guardrails.lexicon import Lexicon
from llm4sweat_model.guardrails.prefilter import Index
from llm4sweat_model.guardrails.triage_file import TriageFile
from llm4sweat_model.language import Guess, Languages, Spoken
from llm4sweat_model.text import Piece, count_words, normalise, pieces, words
from llm4sweat_model.typos import Typos

CHANCE = 60
"""In a text of more different words than this one word of another language is there by chance."""

REMEMBERED = 4_000
"""Clauses of drafts that are remembered: the pack's own sentences come again and again. Of a patient's text nothing is."""


def together(bits: Iterable[int]) -> int:
    """All bits that are set in any."""
    result = 0
    for some in bits:
        result |= some
    return result


Version = Mapping[str, tuple[Clause, ...]]
"""One way to read a text: what each language that is heard in it makes of it."""


class Reading:
    """A text as it was understood: `guess` is its language, `versions` what was read, first as it was written."""

    def __init__(
        self,
        lexicon: Lexicon,
        source: str,
        guess: Guess,
        families: tuple[str, ...],
        versions: tuple[Version, ...],
    ) -> None:
        """`families`: the languages whose concepts count, likeliest first; all when the text shows none.

        In `versions` are besides these the languages that have a word of the text which none of these has.
        """
        self.lexicon, self.source, self.guess = lexicon, source, guess
        self.families, self.versions = families, versions

    @cached_property
    def clauses(self) -> tuple[Clause, ...]:
        """The clauses as they were written and as the likeliest language parts them.

        What the other languages that count find in a sentence is in its first clause.
        """
        version = self.versions[0]
        rest: dict[int, tuple[int, int]] = {}
        for family in self.families[1:]:
            for clause in version[family]:
                raw, active = rest.get(clause.sentence, (0, 0))
                rest[clause.sentence] = (raw | clause.raw, active | clause.active)
        found = []
        for clause in version[self.families[0]] if self.families else ():
            raw, active = rest.pop(clause.sentence, (0, 0))
            found.append(replace(clause, raw=clause.raw | raw, active=clause.active | active) if raw else clause)
        return tuple(found)

    def _all(self) -> Iterator[Clause]:
        for version in self.versions:
            for clauses in version.values():
                yield from clauses

    @cached_property
    def active(self) -> int:
        """All concepts that stand anywhere in any version, as bits."""
        return together(clause.active for clause in self._all())

    @cached_property
    def raw(self) -> int:
        """The same with those that are silenced."""
        return together(clause.raw for clause in self._all())

    @cached_property
    def words(self) -> int:
        """How many words the text has."""
        return sum(count_words(clause.text) for clause in self.clauses)

    @cached_property
    def own(self) -> int:
        """All bits of the languages whose concepts count."""
        return together(self.lexicon.families[family].mask for family in self.families)

    @cached_property
    def concepts(self) -> frozenset[str]:
        """The names of the concepts that stand."""
        return self.lexicon.names(self.active & self.own)

    def has(self, concept: str, silenced: bool = False) -> bool:
        """Whether the text says this and it stands; with `silenced`, whether it says it at all."""
        bits = self.raw if silenced else self.active
        return bool(bits & self.lexicon.masks(concept, self.families))


class Reader:
    """Reads texts in all languages of a pack. Immutable but for what it remembers; safe to share between threads."""

    def __init__(
        self,
        files: Sequence[TriageFile],
        spoken: Sequence[Spoken],
        indexes: Mapping[str, Index] | None,
        grave: Callable[[str, int], bool],
    ) -> None:
        """`spoken`: all languages, covered or not, that a text may be in; `indexes`: as for `Lexicon`.

        `grave`: whether a rule that is tried in every language can fire in this one, where these bits are found.
        """
        self._grave = grave
        covered = [one for one in spoken if one.covered]
        self.lexicon = Lexicon(files, {one.code: one for one in covered}, indexes)
        self._languages = Languages(spoken)
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
        self._drafts = Memory()

    def read(self, text: str, language: str | None = None, disguised: bool = True) -> Reading:
        """The text understood once. `language`: what is said to be its language, counted beside what it shows.

        `disguised`: whether to undo what people do to hide or misspell words, too; not in a machine's draft.
        """
        spelled = normalise(text)
        given = language.split("-")[0] if language else None
        guess = self._languages.guess(text, words(spelled), given)
        families = self.families(guess, given)
        own = frozenset(families)
        texts = [spelled]
        if disguised:
            texts += readings(spelled, self._vocabulary, lambda word: self._typos.correct(word, own))
        memory = Memory() if disguised else self._drafts
        memory.keep(REMEMBERED)
        versions = tuple(self._version(one, families, guess, memory) for one in texts)
        return Reading(self.lexicon, text, guess, families, versions)

    def _version(self, text: str, families: tuple[str, ...], guess: Guess, memory: Memory) -> Version:
        parts = pieces(text)
        version = {name: self.lexicon.families[name].understand(parts, memory, False) for name in families}
        for name, sentences in self._heard(parts, frozenset(families), guess).items():
            own = [piece for piece in parts if piece.sentence in sentences]
            family = self.lexicon.families[name]
            if self._grave(name, family.mentions(own, memory)):
                version[name] = family.understand(own, memory, True)
        return version

    def _heard(self, parts: Sequence[Piece], families: frozenset[str], guess: Guess) -> dict[str, set[int]]:
        """The other languages that are heard in a text, each with the sentences that have a word of it and of no family.

        Names of medicines and the like stand in every language's rules and tell of none.
        """
        told: dict[str, set[str]] = {}
        where: dict[str, set[int]] = {name: {piece.sentence for piece in parts} for name in guess.lettered - families}
        distinct = set()
        for piece in parts:
            for word in words(piece.text):
                distinct.add(word)
                owners = self._owners.get(word)
                if owners and not owners & families:
                    for owner in owners:
                        told.setdefault(owner, set()).add(word)
                        where.setdefault(owner, set()).add(piece.sentence)
        enough = 1 if len(distinct) <= CHANCE else 2
        return {name: own for name, own in where.items() if name in guess.lettered or len(told[name]) >= enough}

    def families(self, guess: Guess, language: str | None) -> tuple[str, ...]:
        """The languages that count: those that the text shows and the one that was named, or all."""
        known = self.lexicon.families
        given = language.split("-")[0] if language else None
        named = (given,) if given in known and given not in guess.covered else ()
        return (*guess.covered, *named) or tuple(known)
