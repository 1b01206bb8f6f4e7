"""What the pack knows that it does not know: `gaps.toml`, how people ask for what no passage answers. Strictly read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from llm4sweat_model.condition_files import Problem, Table, read

_ENGLISH, _OTHER = 4, 2  # the fewest ways of asking


def read_gaps(folder: Path, languages: Iterable[str], problems: list[Problem]) -> Mapping[str, tuple[str, ...]]:
    """Ways of asking, in all languages, by the gap's id. A pack without the file has no gaps."""
    if not (folder / "gaps.toml").exists():
        return {}
    file = read(folder, "gaps.toml", problems)
    if file is None:
        return {}
    top = Table(file, file.toml())
    top.text("reviewed")
    found = {}
    for table in top.tables("gap", "id"):
        name = table.text("id")
        table.text("reason")
        asks = table.table("asks", *table.place, "[gap.asks]")
        found[name] = tuple(text for code in languages for text in _asked(asks, code, name))
        asks.done()
        table.done()
    top.done()
    return found


def _asked(asks: Table, code: str, name: str) -> tuple[str, ...]:
    texts = asks.texts(code)
    least = _ENGLISH if code == "en" else _OTHER
    if len(texts) < least:
        asks.wrong(code, f"the gap {name!r} is asked for in {len(texts)} ways in {code}", f"write at least {least}")
    return texts
