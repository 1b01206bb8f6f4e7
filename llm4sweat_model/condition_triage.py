"""The folder `triage/` and `languages.toml` as the rule engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from llm4sweat_model import language
from llm4sweat_model.condition_cache import Cache
from llm4sweat_model.condition_files import Problem, read
from llm4sweat_model.guardrails import triage_file
from llm4sweat_model.guardrails.lexicon import literals
from llm4sweat_model.guardrails.needs import needs
from llm4sweat_model.guardrails.prefilter import Index
from llm4sweat_model.guardrails.rules import Rules
from llm4sweat_model.guardrails.triage_file import TriageFile

SECOND_SCRIPT = {"hi": ("hi-Latn",), "ar": ("ar-Latn",)}
"""Languages that people also type in Latin letters: one more file each."""


def wanted(languages: Iterable[str]) -> list[str]:
    """The triage files that a pack in these languages has."""
    return [name for code in languages for name in (code, *SECOND_SCRIPT.get(code, ()))]


def read_triage(folder: Path, names: Iterable[str], problems: list[Problem]) -> list[TriageFile]:
    """The files of these names; what is wrong or missing is added to the problems."""
    texts = {name: file for name in names if (file := read(folder, f"triage/{name}.toml", problems))}
    found = []
    for name, file in texts.items():
        family = name.split("-")[0]
        siblings = [other for code, other in texts.items() if code != name and code.split("-")[0] == family]
        also = frozenset(concept for other in siblings for concept in _concept_names(other.text))
        parsed = triage_file.parse(file, also)
        if parsed.language != name:
            file.wrong(
                file.line("language"),
                f"`language` is {parsed.language!r}",
                f"write {name!r}, as in the file's name",
            )
        found.append(parsed)
    return found


def _concept_names(text: str) -> list[str]:
    starts = (line.strip() for line in text.splitlines())
    return [line[len("[concepts.") :].split("]")[0] for line in starts if line.startswith("[concepts.")]


def engine(
    folder: Path, files: list[TriageFile], problems: list[Problem], indexes: Mapping[str, Index] | None = None
) -> Rules | None:
    """The compiled rules; None, with the problem noted, when there is nothing to compile."""
    file = read(folder, "languages.toml", problems)
    if file is None or not files:
        return None
    families = {one.family for one in files}
    words = {family: literals([one for one in files if one.family == family]) for family in families}
    return Rules(files, language.parse(file, files, words), indexes)


def triage(folder: Path, names: list[str], problems: list[Problem]) -> tuple[list[TriageFile], Rules | None]:
    """The files and the rules; what takes long is kept in the cache and taken from there while nothing has changed."""
    paths = [folder / f"triage/{name}.toml" for name in names]
    cache = Cache(paths)
    if known := cache.get():
        files, indexes = known
        return files, engine(folder, files, problems, indexes)
    before = len(problems)
    files = read_triage(folder, names, problems)
    rules = engine(folder, files, problems)
    needs.cache_clear()
    if rules and len(problems) == before:
        cache.put(files, rules.lexicon.indexes)
    return files, rules
