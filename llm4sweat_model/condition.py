"""The condition pack, read once and strictly at start: everything a clinician edits, as frozen data.

Read `docs/pack.md` for the form of the files. `load` gathers every mistake in them and raises one `PackError`. What a
finished pack must show beyond this (golden cases that hold) is `pack_check.py`.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from core.domain import Disposition, Passage, Purpose, Source
from llm4sweat_model.condition_check import cross_check
from llm4sweat_model.condition_files import File, PackError, Problem, Table, read
from llm4sweat_model.condition_gaps import read_gaps
from llm4sweat_model.condition_knowledge import (
    Asked,
    Boundary,
    Contraindication,
    Prompt,
    Threshold,
    read_boundaries,
    read_contraindications,
    read_passages,
    read_prompts,
    read_sources,
)
from llm4sweat_model.condition_messages import Country, Messages, Service, read_crisis, read_messages
from llm4sweat_model.condition_triage import triage, wanted
from llm4sweat_model.golden import Golden, read_golden
from llm4sweat_model.guardrails.rules import Reading, Rules
from llm4sweat_model.guardrails.triage_file import Quantities, TriageFile

__all__ = [
    "Asked",
    "Boundary",
    "Condition",
    "Contraindication",
    "Country",
    "Messages",
    "PackError",
    "Problem",
    "Prompt",
    "Quantities",
    "Reading",
    "Rules",
    "Service",
    "Threshold",
    "load",
]

FLOORS = {"send": Disposition.SEND, "review": Disposition.REVIEW, "hold": Disposition.HOLD}
_READ_AT_START = ("*.toml", "triage/*.toml", "messages/*.toml", "knowledge/*/*.toml", "prompts/*.toml")


@dataclass(frozen=True, slots=True)
class Condition:
    """A whole pack. `signed` says that a clinician signed condition.toml; triage files and passages say it themselves.

    `quantities` by language; `passages` by language; `asked` by passage id; `gaps`: ways of asking for what no passage
    answers; `version` changes with any file.
    """

    name: str
    title: str
    languages: tuple[str, ...]
    floor: Disposition
    signed: bool
    version: str
    thresholds: Mapping[str, Threshold]
    rules: Rules
    quantities: Mapping[str, Quantities]
    messages: Messages
    fallback: Country
    countries: Mapping[str, Country]
    sources: Mapping[str, Source]
    passages: Mapping[str, tuple[Passage, ...]]
    asked: Mapping[str, Asked]
    gaps: Mapping[str, tuple[str, ...]]
    contraindications: tuple[Contraindication, ...]
    boundaries: tuple[Boundary, ...]
    prompts: Mapping[Purpose, Prompt]
    golden: tuple[Golden, ...]

    def threshold(self, name: str) -> float:
        """The value of a threshold. KeyError for one that the pack lacks."""
        return self.thresholds[name].value

    @property
    def origins(self) -> tuple[tuple[str, str], ...]:
        """The rows that a text may come from: message keys ("fixed") and passages ("cited")."""
        passages = {passage.id for own in self.passages.values() for passage in own}
        return tuple((key, "fixed") for key in self.messages.keys("")) + tuple(
            (name, "cited") for name in sorted(passages)
        )

    def message(self, language: str, key: str, *, country: str | None = None, **values: str) -> str:
        """A fixed sentence with the numbers of a country; English where the language is not covered."""
        spoken = language if language in self.languages else "en"
        place = self.country(country)
        if "crisis" not in values:
            lines = [_service_line(service, spoken) for service in place.crisis]
            values["crisis"] = "\n".join(lines) or self.messages.get(spoken, "crisis.how_to_find")
        values.setdefault("emergency", " / ".join(place.emergency))
        return self.messages.get(spoken, key, **values)

    def country(self, code: str | None) -> Country:
        """Whom to call in a country; the fallback when it is unknown or not listed."""
        return self.countries.get(code or "", self.fallback)


def load(path: Path | str, partial: bool = False) -> Condition:
    """The pack in this folder. PackError lists everything that is wrong with it, each with file, line and mend.

    `partial` is for those who write a pack: files of a language may be missing. The product never sets it.
    """
    with _never_collected():
        return _load(Path(path), partial)


@contextmanager
def _never_collected() -> Iterator[None]:
    """What is made inside lives as long as the process: looking through it for garbage would halt a reply for 0.3 s."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        if collects:
            gc.enable()


def _load(folder: Path, partial: bool) -> Condition:
    problems: list[Problem] = []
    top = _read_top(folder, problems)
    names = [name for name in wanted(top.languages) if not partial or (folder / f"triage/{name}.toml").exists()]
    files, rules = triage(folder, names, problems)
    sources = read_sources(folder, problems)
    fallback, countries = read_crisis(folder, top.languages, problems)
    passages, asked = read_passages(folder, top.languages, sources, problems)
    condition = Condition(
        name=top.name,
        title=top.title,
        languages=top.languages,
        floor=top.floor,
        signed=top.signed,
        version=_version(folder),
        thresholds=top.thresholds,
        rules=rules or Rules((), ()),
        quantities=_quantities(files),
        messages=read_messages(folder, top.languages, problems, partial),
        fallback=fallback,
        countries=countries,
        sources=sources,
        passages=passages,
        asked=asked,
        gaps=read_gaps(folder, top.languages, problems),
        contraindications=read_contraindications(folder, sources, problems),
        boundaries=read_boundaries(folder, problems),
        prompts=read_prompts(folder, problems),
        golden=tuple(read_golden(folder, names, problems)),
    )
    problems += cross_check(condition, folder, partial)
    if problems:
        raise PackError(problems)
    return condition


def _service_line(service: Service, language: str) -> str:
    """How a crisis service is reached; the remark is written in English and shown to those who read it."""
    line = f"{service.name}: {service.number}".rstrip(": ")
    return f"{line} ({service.how})" if service.how and language == "en" else line


@dataclass(frozen=True, slots=True)
class _Top:
    """What condition.toml says."""

    name: str = ""
    title: str = ""
    languages: tuple[str, ...] = ()
    floor: Disposition = Disposition.HOLD
    signed: bool = False
    thresholds: Mapping[str, Threshold] = ()  # type: ignore[assignment]


def _read_top(folder: Path, problems: list[Problem]) -> _Top:
    file = read(folder, "condition.toml", problems)
    if file is None:
        return _Top(thresholds={})
    table = Table(file, file.toml())
    floor = table.text("floor", among=tuple(FLOORS))
    found = table.table("threshold", "[threshold.")
    thresholds = {}
    for name, data in found.data.items():
        one = Table(file, data, f"[threshold.{name}]")
        thresholds[name] = Threshold(one.number("value"), one.text("reason"))
        one.done()
    languages = table.texts("languages")
    top = _Top(
        table.text("name"),
        table.text("title"),
        languages,
        FLOORS.get(floor, Disposition.HOLD),
        _signed(file, table),
        thresholds,
    )
    table.done()
    if "en" not in languages:
        table.wrong("languages", "English is not among the languages", "add en: every other text is compared with it")
    return top


def _signed(file: File, table: Table) -> bool:
    reviewed = table.text("reviewed")
    if reviewed not in {"", "no"} and not re.search(r"\d{4}-\d\d-\d\d", reviewed):
        file.wrong(
            file.line("reviewed ="),
            f"`reviewed` is {reviewed!r}",
            'write "no", or name and date (2026-01-31)',
        )
    return reviewed not in {"", "no"}


def _quantities(triage: list[TriageFile]) -> dict[str, Quantities]:
    found: dict[str, Quantities] = {}
    for file in triage:
        before = found.get(file.family, Quantities({}, {}, {}))
        new = file.quantities
        found[file.family] = Quantities(
            {**before.units, **new.units},
            {**before.numbers, **new.numbers},
            {**before.frequency, **new.frequency},
        )
    return found


def _version(folder: Path) -> str:
    """The first twelve digits of the SHA-256 over the names and contents of all files that are read at start."""
    total = sha256()
    for path in sorted(path for pattern in _READ_AT_START for path in folder.glob(pattern)):
        total.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()[:12]
