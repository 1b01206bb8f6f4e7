"""Strict reading of a pack's files: what is wrong, where, and how to mend it.

Problems are gathered, so that one look shows all of them. What the files mean is `condition.py` and its siblings.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from hashlib import sha256
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake in one file; `line` is 0 when it has no place in the file."""

    file: str
    line: int
    wrong: str
    mend: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.wrong}: {self.mend}"


class PackError(Exception):
    """The condition pack cannot be used; nothing was started. Each line says where, what is wrong, how to mend it."""

    def __init__(self, problems: Collection[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(slots=True)
class File:
    """A file's text, where to look for a line in it, and what was found wrong in it. `name` is relative to the pack."""

    name: str
    text: str
    problems: list[Problem] = field(default_factory=list)

    @property
    def version(self) -> str:
        """The first twelve digits of the text's SHA-256."""
        return sha256(self.text.encode()).hexdigest()[:12]

    def line(self, *needles: str, start: int = 0) -> int:
        """The line where each needle was found in turn, from the place `start` on; 0 when the first is not there."""
        place, found = start, start or -1
        for needle in needles:
            at = next((p for p in (self.text.find(form, place) for form in _written(needle)) if p >= 0), -1)
            if at < 0:
                break
            place = found = at
        return self.text.count("\n", 0, found) + 1 if found >= 0 else 0

    def wrong(self, line: int, what: str, mend: str) -> None:
        """Notes a problem."""
        self.problems.append(Problem(self.name, line, what, mend))

    def toml(self) -> dict[str, Any]:
        """The parsed text; empty, with the problem noted, when it does not parse."""
        try:
            return tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as error:
            place = re.search(r"line (\d+)", str(error))
            line = int(place[1]) if place else self.text.count("\n") + 1
            self.wrong(line, f"not TOML: {error}", "write strings with a backslash in single quotes, each key once")
            return {}


def _written(value: str) -> tuple[str, ...]:
    """The forms in which a value may stand in a file: as it is, and with its backslashes and quotes escaped."""
    return (value, value.replace("\\", "\\\\").replace('"', '\\"'))


def read(folder: Path, name: str, problems: list[Problem]) -> File | None:
    """The file, or None with the problem noted when it is missing or not UTF-8."""
    try:
        return File(name, (folder / name).read_text(encoding="utf-8"), problems)
    except FileNotFoundError:
        problems.append(Problem(name, 0, "the file is missing", "add it; docs/pack.md says what stands in it"))
    except (OSError, UnicodeDecodeError) as error:
        problems.append(Problem(name, 0, f"cannot be read ({type(error).__name__})", "save it as UTF-8 text"))
    return None


class Table:
    """One TOML table, read key by key; `done` reports what nobody asked for. A wrong value is noted and a default given."""

    def __init__(self, file: File, data: Any, *place: str, start: int = 0) -> None:
        """`place`: strings that lead to the table in the file's text, such as "[concepts.chest]", from `start` on."""
        self.file, self.place, self.start = file, place, start
        self.data: Mapping[str, Any] = data if isinstance(data, Mapping) else {}
        self._asked: set[str] = set()
        if not isinstance(data, Mapping):
            self.wrong("", f"{place[-1] if place else 'this'} is no table", "write it as [name] with keys under it")

    def wrong(self, needle: str, what: str, mend: str) -> None:
        """Notes a problem at the line where the needle stands in this table."""
        where = (*self.place, needle) if needle else self.place
        self.file.wrong(self.file.line(*where, start=self.start), what, mend)

    def _get(self, key: str, kind: type | tuple[type, ...], default: Any, meaning: str) -> Any:
        self._asked.add(key)
        if key not in self.data:
            if default is None:
                self.wrong("", f"{self._name()}has no `{key}`", f"add `{key} = …` ({meaning})")
            return default
        value = self.data[key]
        if isinstance(value, kind) and not (isinstance(value, bool) and kind is not bool):
            return value
        self.wrong(key, f"{self._name()}`{key}` is not {meaning}", f"write `{key}` as {meaning}")
        return default

    def _name(self) -> str:
        return f"{self.place[-1]} " if self.place else ""

    def text(self, key: str, default: str | None = None, among: Collection[str] = ()) -> str:
        """A string, one of `among` if given; without a default it must be there and not be empty."""
        value: str = self._get(key, str, default, "a text in quotes") or ""
        if default is None and key in self.data and not value.strip():
            self.wrong(key, f"{self._name()}`{key}` is empty", "write it")
        elif among and key in self.data and value not in among:
            self.wrong(key, f"{self._name()}`{key}` is {value!r}", f"write one of: {', '.join(among)}")
        return value

    def texts(self, key: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """A list of strings."""
        value = self._get(key, (list, tuple), default, "a list of texts") or ()
        for item in value:
            if not isinstance(item, str) or not item.strip():
                self.wrong(
                    key,
                    f"{self._name()}`{key}` holds {item!r}, which is no text",
                    "write each item in quotes",
                )
        return tuple(item for item in value if isinstance(item, str) and item.strip())

    def number(self, key: str, default: float | None = None) -> float:
        """A whole or decimal number."""
        return self._get(key, (int, float), default, "a number") or 0

    def flag(self, key: str, default: bool | None = None) -> bool:
        """true or false."""
        return bool(self._get(key, bool, default, "true or false"))

    def any(self, key: str, kind: type, meaning: str, default: Any = None) -> Any:
        """A value of the given type."""
        return self._get(key, kind, default, meaning)

    def table(self, key: str, *place: str, needed: bool = True) -> Table:
        """A table inside this one; empty when it is missing."""
        value = self._get(key, dict, None if needed else {}, "a table")
        return Table(self.file, value or {}, *(place or (*self.place, f"[{key}]")), start=self.start)

    def tables(self, key: str, named_by: str) -> list[Table]:
        """A list of tables, each found in the file by the value of its key `named_by`."""
        found = []
        items = self._get(key, list, (), f"a list of [[{key}]]")
        starts = [header.start() + 1 for header in re.finditer(rf"^\[\[{key}\]\]", self.file.text, re.MULTILINE)]
        for index, item in enumerate(items):
            start = starts[index] if len(starts) == len(items) else self.start
            name = item.get(named_by) if isinstance(item, Mapping) else None
            if isinstance(name, str):
                place = f"{named_by} = {_quoted(self.file, name)}"
            else:
                place = f"[{key}]]"
                line = self.file.line(place, start=start)
                self.file.wrong(line, f"[[{key}]] number {index + 1} has no `{named_by}`", f"add `{named_by} = …`")
            found.append(Table(self.file, item, place, start=start))
        return found

    def done(self) -> None:
        """Reports each key that was not asked for."""
        for key in self.data:
            if key not in self._asked:
                near = get_close_matches(str(key), self._asked, n=1)
                mend = f"did you mean `{near[0]}`?" if near else f"known keys: {', '.join(sorted(self._asked))}"
                self.wrong(str(key), f"{self._name()}has the unknown key `{key}`", mend)


def _quoted(file: File, name: str) -> str:
    """The name in the quotes that the file uses for it."""
    return f"'{name}'" if f"= '{name}'" in file.text else f'"{name}"'
