"""What the pack says word for word: the fixed sentences in each language, and the numbers to call in each country."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Formatter

from llm4sweat_model.condition_files import File, Problem, Table, read

LONGEST = {"button.": 60, "command.": 100, "bot.short_description": 120, "bot.description": 512, "": 900}
"""Characters that a text may have, by the beginning of its key; Telegram's own limits for all but the last."""


@dataclass(frozen=True, slots=True)
class Messages:
    """Every fixed sentence: language, then key."""

    texts: Mapping[str, Mapping[str, str]]

    def get(self, language: str, key: str, **placeholders: str) -> str:
        """The sentence with its placeholders filled in. KeyError for an unknown language or key, or a missing placeholder."""
        return self.texts[language][key].format_map(placeholders)

    def keys(self, prefix: str = "") -> tuple[str, ...]:
        """The keys that begin so, in the order of the file."""
        return tuple(key for key in next(iter(self.texts.values()), {}) if key.startswith(prefix))


@dataclass(frozen=True, slots=True)
class Service:
    """A crisis service: its name, number, and how it is reached."""

    name: str
    number: str
    how: str


@dataclass(frozen=True, slots=True)
class Country:
    """Whom to call. The fallback has no code and no name."""

    code: str
    name: str
    languages: tuple[str, ...]
    emergency: tuple[str, ...]
    crisis: tuple[Service, ...]
    sources: tuple[str, ...]


def placeholders(text: str) -> frozenset[str] | None:
    """The names in braces; None when the braces do not fit together."""
    try:
        return frozenset(name for _, name, _, _ in Formatter().parse(text) if name is not None)
    except ValueError:
        return None


def _limit(key: str) -> int:
    return next(limit for prefix, limit in LONGEST.items() if key.startswith(prefix))


def _texts(file: File) -> dict[str, str]:
    table = Table(file, file.toml())
    found = {}
    for key in table.data:
        text = table.text(key).strip()
        if len(text) > _limit(key):
            table.wrong(f'"{key}"', f"{key!r} has {len(text)} characters", f"write at most {_limit(key)}")
        if placeholders(text) is None:
            table.wrong(
                f'"{key}"',
                f"{key!r} has a brace without its partner",
                "write {name}, or {{ and }} for braces",
            )
        else:
            found[key] = text
    return found


def read_messages(folder: Path, languages: Iterable[str], problems: list[Problem], partial: bool) -> Messages:
    """All sentences; a key or placeholder that another language has and this one lacks is a problem, unless partial."""
    files = {}
    for language in languages:
        if not partial or (folder / f"messages/{language}.toml").exists():
            files[language] = read(folder, f"messages/{language}.toml", problems)
    texts = {language: _texts(file) for language, file in files.items() if file}
    model = texts.get("en", {})
    for language, own in texts.items():
        if (file := files[language]) and not partial:
            _compare(file, own, model)
    return Messages(texts)


def _compare(file: File, own: Mapping[str, str], model: Mapping[str, str]) -> None:
    for key in model.keys() - own.keys():
        file.wrong(0, f"has no {key!r}", "add it: each language has the keys of messages/en.toml")
    for key in own.keys() - model.keys():
        file.wrong(file.line(f'"{key}"'), f"has the unknown key {key!r}", "add it to messages/en.toml or take it out")
    for key in own.keys() & model.keys():
        here, there = placeholders(own[key]) or frozenset(), placeholders(model[key]) or frozenset()
        if here != there:
            names = ", ".join(f"{{{name}}}" for name in sorted(there)) or "none"
            file.wrong(file.line(f'"{key}"'), f"{key!r} has other placeholders than in English", f"use {names}")


def _service(table: Table) -> Service:
    service = Service(table.text("name"), table.text("number", ""), table.text("how"))
    table.done()
    return service


def _country(table: Table, code: str, languages: Iterable[str]) -> Country:
    country = Country(
        code=code,
        name=table.text("name"),
        languages=table.texts("languages"),
        emergency=table.texts("emergency"),
        crisis=tuple(_service(one) for one in table.tables("crisis", "name")),
        sources=table.texts("sources"),
    )
    grades = [table.text("grade_emergency", among=("A", "B"))]
    if country.crisis or "grade_crisis" in table.data:
        grades.append(table.text("grade_crisis", among=("A", "B")))
    table.done()
    if not country.emergency:
        table.wrong("", f"{code} has no number to call", "add one, or take the country out: the fallback is used then")
    if not re.fullmatch("[A-Z]{2}", code):
        table.wrong("", f"{code!r} is no country code", "write the two capital letters of ISO 3166")
    for language in set(country.languages) - set(languages):
        table.wrong("languages", f"{code} names the language {language!r}", "write languages of this pack only")
    return country


def read_crisis(
    folder: Path, languages: Iterable[str], problems: list[Problem]
) -> tuple[Country, Mapping[str, Country]]:
    """The fallback, and the countries by code."""
    file = read(folder, "crisis.toml", problems)
    if file is None:
        return Country("", "", (), (), (), ()), {}
    top = Table(file, file.toml())
    table = top.table("fallback", "[fallback]")
    fallback = Country("", "", (), (table.text("emergency"),), (), table.texts("sources", ()))
    table.text("grade_emergency", "A", among=("A", "B"))
    table.done()
    countries = top.table("country", "[country.")
    top.done()
    known = tuple(languages)
    return fallback, {
        code: _country(Table(file, data, f"[country.{code}]"), code, known) for code, data in countries.data.items()
    }
