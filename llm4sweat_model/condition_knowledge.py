"""What the pack knows: sources, passages, contraindications, boundaries, thresholds and prompts, each strictly read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path

from core.domain import Passage, Purpose, Source
from llm4sweat_model.condition_files import File, Problem, Table, read
from llm4sweat_model.condition_messages import placeholders
from llm4sweat_model.guardrails.triage_file import WITHIN, terms

GRADES = ("A", "B", "C")
PROMPT_WORDS = frozenset(
    {
        "title",
        "question",
        "language",
        "country",
        "profile",
        "history",
        "passages",
        "precedents",
        "draft",
        "reason",
    }
)
"""What a prompt may have filled in."""


@dataclass(frozen=True, slots=True)
class Asked:
    """How people ask for a passage, by language, and when it must be looked at again."""

    asks: Mapping[str, tuple[str, ...]]
    review_by: date


@dataclass(frozen=True, slots=True)
class Contraindication:
    """A treatment that a fact about a person forbids (`never`) or leaves to a clinician (`ask`)."""

    treatment: str
    fact: str
    strength: str
    reason: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Boundary:
    """What a reply may not say, as a combination of concepts; `hard`: a second expert is needed to say it all the same."""

    id: str
    all: tuple[tuple[str, ...], ...]
    unless: tuple[str, ...]
    within: str
    hard: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Threshold:
    """A number that decides something, and why it is this one."""

    value: float
    reason: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is told for one purpose; braces name what is filled in. `version` changes with the text."""

    purpose: Purpose
    system: str
    user: str
    version: str


def _top(folder: Path, name: str, problems: list[Problem]) -> Table | None:
    file = read(folder, name, problems)
    return Table(file, file.toml()) if file else None


def cited(table: Table, sources: Mapping[str, Source], default: tuple[str, ...] | None = None) -> tuple[Source, ...]:
    """The sources that a table names; an unknown one is a problem."""
    return tuple(sources[name] for name in source_ids(table, sources, default) if name in sources)


def source_ids(table: Table, sources: Mapping[str, Source], default: tuple[str, ...] | None = None) -> tuple[str, ...]:
    """The ids of the sources that a table names, each checked."""
    names = table.texts("sources", default)
    for name in names:
        if name not in sources:
            table.wrong(name, f"the source {name!r} is not in sources.toml", "add it there or mend the id")
    return names


def read_sources(folder: Path, problems: list[Problem]) -> dict[str, Source]:
    """All sources by id."""
    top = _top(folder, "sources.toml", problems)
    found = {}
    for name in top.data if top else ():
        if top:
            table = top.table(name, f"[{name}]")
            found[name] = Source(name, table.text("title"), table.text("url"), table.text("grade", among=GRADES))
            table.done()
    return found


def _passage(table: Table, language: str, sources: Mapping[str, Source]) -> tuple[Passage, Asked]:
    used = cited(table, sources)
    passage = Passage(
        id=table.text("id"),
        language=language,
        version=sha256(json.dumps(table.data, default=str, sort_keys=True).encode()).hexdigest()[:12],
        title=table.text("title"),
        answer=table.texts("answer"),
        must_not=table.texts("must_not", ()),
        expect=table.texts("expect", ()),
        get_help=table.texts("get_help", ()),
        treatments=frozenset(table.texts("treatments", ())),
        sites=frozenset(table.texts("sites", ())),
        country=table.text("country", ""),
        sources=used,
        confidence=table.text("confidence", among=GRADES),
        reviewed=table.text("reviewed") != "no",
    )
    review_by = table.any("review_by", date, "a date such as 2027-05-23") or date.min
    asks = table.table("asks", *table.place, "[passage.asks]", needed=False)
    asked = Asked({code: asks.texts(code) for code in asks.data}, review_by)
    asks.done()
    table.done()
    _weigh(table, passage)
    return passage, asked


def _weigh(table: Table, passage: Passage) -> None:
    if not passage.answer:
        table.wrong("answer", f"the passage {passage.id!r} answers nothing", "write at least one whole sentence")
    if not passage.sources:
        table.wrong("sources", f"the passage {passage.id!r} has no source", "name where it comes from, or take it out")
    worst = max((source.grade for source in passage.sources), default="A")
    if passage.confidence < worst:
        what = f"the passage {passage.id!r} has the confidence {passage.confidence}, its sources {worst}"
        table.wrong("confidence", what, f"write {worst}, or drop the weaker source")


def _asked_enough(table: Table, languages: Iterable[str]) -> None:
    asks = table.data.get("asks")
    own = asks if isinstance(asks, Mapping) else {}
    for code in languages:
        least = 4 if code == "en" else 2
        if len(own.get(code, ())) < least:
            what = f"the passage {table.data.get('id')!r} has fewer than {least} ways of asking in {code!r}"
            table.wrong("[passage.asks]", what, "add how people there ask for it")
    for code in own.keys() - set(languages):
        table.wrong("[passage.asks]", f"{code!r} is no language of this pack", "take it out")


def read_passages(
    folder: Path, languages: Iterable[str], sources: Mapping[str, Source], problems: list[Problem]
) -> tuple[dict[str, tuple[Passage, ...]], dict[str, Asked]]:
    """The passages by language, and by id how they are asked for (from the English files)."""
    known = tuple(languages)
    passages: dict[str, tuple[Passage, ...]] = {}
    asked: dict[str, Asked] = {}
    for path in sorted((folder / "knowledge").glob("*/*.toml")):
        language = path.parent.name
        top = _top(folder, path.relative_to(folder).as_posix(), problems)
        if top is None:
            continue
        if language not in known:
            top.wrong("", f"{language!r} is no language of this pack", "move the file or add the language")
        for table in top.tables("passage", "id"):
            passage, ways = _passage(table, language, sources)
            if any(other.id == passage.id for other in passages.get(language, ())):
                table.wrong("", f"the passage {passage.id!r} stands twice in {language}", "give each its own id")
            passages[language] = (*passages.get(language, ()), passage)
            if language == "en":
                _asked_enough(table, known)
                asked[passage.id] = ways
            elif ways.asks:
                table.wrong("[passage.asks]", "ways of asking stand in the English file only", "move them there")
        top.done()
    return passages, asked


def read_contraindications(
    folder: Path, sources: Mapping[str, Source], problems: list[Problem]
) -> tuple[Contraindication, ...]:
    """All rows, in the order of the file."""
    top = _top(folder, "contraindications.toml", problems)
    found: list[Contraindication] = []
    for table in top.tables("contraindication", "treatment") if top else ():
        row = Contraindication(
            table.text("treatment"),
            table.text("fact"),
            table.text("strength", among=("never", "ask")),
            table.text("reason"),
            source_ids(table, sources),
        )
        if any((row.treatment, row.fact) == (other.treatment, other.fact) for other in found):
            table.wrong(row.fact, f"{row.treatment} and {row.fact} stand twice", "keep one of them")
        found.append(row)
        table.done()
    if top:
        top.done()
    return tuple(found)


def read_boundaries(folder: Path, problems: list[Problem]) -> tuple[Boundary, ...]:
    """All boundaries, in the order of the file."""
    top = _top(folder, "boundaries.toml", problems)
    found = []
    for table in top.tables("boundary", "id") if top else ():
        unless = tuple(name for term in terms(table, "unless", ()) for name in term)
        within = table.text("within", "sentence", among=WITHIN)
        found.append(
            Boundary(
                table.text("id"),
                terms(table, "all"),
                unless,
                within,
                table.flag("hard"),
                table.text("reason"),
            )
        )
        table.done()
        if not found[-1].all:
            table.wrong("", f"the boundary {found[-1].id!r} names no concept", "name concepts in `all`")
    if top:
        top.done()
    return tuple(found)


def read_prompts(folder: Path, problems: list[Problem]) -> dict[Purpose, Prompt]:
    """The prompts by purpose; the file's name is the purpose."""
    found = {}
    for path in sorted((folder / "prompts").glob("*.toml")):
        file = read(folder, f"prompts/{path.name}", problems)
        if file is None:
            continue
        if path.stem not in set(Purpose):
            file.wrong(0, f"{path.stem!r} is no purpose", f"name the file after one of: {', '.join(Purpose)}")
            continue
        table = Table(file, file.toml())
        prompt = Prompt(Purpose(path.stem), table.text("system"), table.text("user"), file.version)
        table.done()
        _filled(file, prompt)
        found[prompt.purpose] = prompt
    return found


def _filled(file: File, prompt: Prompt) -> None:
    for key, text in (("system", prompt.system), ("user", prompt.user)):
        names = placeholders(text)
        if names is None:
            file.wrong(
                file.line(f"{key} ="),
                f"`{key}` has a brace without its partner",
                "write {name}, or {{ and }}",
            )
        for name in (names or frozenset()) - PROMPT_WORDS:
            mend = f"use some of: {', '.join(sorted(PROMPT_WORDS))}"
            file.wrong(file.line(f"{{{name}}}"), f"`{key}` has the unknown {{{name}}}", mend)
