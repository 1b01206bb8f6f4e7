"""Keeps what is derived from the triage files, so that only the first start after a change takes seconds.

A file in the user's cache folder, named after the hash of the triage files and of the code that reads them; written in
one step, and passed over when it cannot be read or written. Nothing else than the rules is kept, and no patient's word.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

from core.domain import Category
from llm4sweat_model import text
from llm4sweat_model.guardrails import family, lexicon, needs, prefilter, surface, triage_file
from llm4sweat_model.guardrails.prefilter import Index
from llm4sweat_model.guardrails.triage_file import Concept, Quantities, Rule, TriageFile

KEPT = 4
"""Files in the folder; older ones are removed when one is written."""

WORTH_KEEPING = 100_000
"""Bytes of triage files from which on reading them takes longer than reading what was kept."""

Derived = tuple[list[TriageFile], dict[str, Index]]


def folder() -> Path:
    """Where such files lie: the user's own cache."""
    return Path.home() / ".cache" / "llm4sweat"


class Cache:
    """What is kept for these files, as they are now and as this code reads them."""

    def __init__(self, files: Sequence[Path]) -> None:
        total = sha256()
        code = [
            Path(str(module.__file__)) for module in (text, family, lexicon, needs, prefilter, surface, triage_file)
        ]
        for path in [Path(__file__), *code, *files]:
            with suppress(OSError):
                total.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
        self._worth = sum(path.stat().st_size for path in files if path.exists()) >= WORTH_KEEPING
        self._name = f"rules-{total.hexdigest()[:32]}.json"

    def get(self) -> Derived | None:
        """What was kept; None when there is nothing that can be used."""
        try:
            data = json.loads((folder() / self._name).read_text(encoding="utf-8"))
            files = [_file(one) for one in data["files"]]
            return files, {name: Index.revived(index) for name, index in data["indexes"].items()}
        except (OSError, RuntimeError, ValueError, LookupError, TypeError):
            return None

    def put(self, files: Sequence[TriageFile], indexes: Mapping[str, Index]) -> None:
        """Keeps it, if the folder can be written."""
        if not self._worth:
            return
        kept = {name: index.kept() for name, index in indexes.items()}
        data = {"files": [asdict(file) for file in files], "indexes": kept}
        with suppress(OSError, RuntimeError):
            folder().mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, name = tempfile.mkstemp(dir=folder(), prefix="new-")
            with os.fdopen(handle, "w", encoding="utf-8") as out:
                json.dump(data, out, ensure_ascii=False, separators=(",", ":"))
            Path(name).replace(folder() / self._name)
            for old in sorted(folder().glob("rules-*.json"), key=lambda path: path.stat().st_mtime)[:-KEPT]:
                old.unlink(missing_ok=True)


def _file(data: dict[str, Any]) -> TriageFile:
    lists = {key: tuple(data[key]) for key in ("markers", "typos", "not_typos")}
    return TriageFile(
        language=data["language"],
        script=data["script"],
        reviewed=data["reviewed"],
        clause={kind: tuple(patterns) for kind, patterns in data["clause"].items()},
        concepts=tuple(
            Concept(one["name"], tuple(one["patterns"]), tuple(one["silenced_by"])) for one in data["concepts"]
        ),
        rules=tuple(_rule(one) for one in data["rules"]),
        quantities=Quantities(**data["quantities"]),
        name=data["name"],
        version=data["version"],
        **lists,
    )


def _rule(data: dict[str, Any]) -> Rule:
    tuples = {key: tuple(data[key]) for key in ("unless", "sources")}
    every = tuple(tuple(term) for term in data["all"])
    return Rule(**{**data, **tuples, "all": every, "category": Category(data["category"])})
