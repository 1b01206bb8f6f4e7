"""The house rules that a program can count: sizes of files and functions, docstrings, no word of a condition in code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LONGEST_FILE, LONGEST_FUNCTION = 300, 40
_MADE = {"build", "dist"}
PRODUCT = ("core", "llm4sweat_model", "bot", "review", "llm4sweat")
_WORDS = re.compile(
    r"sweat|hyperhidro|perspir|diaphor|deodorant|iontophor|botox|botulin|oxybutynin|glycopyrr|propanthel|sofpironium"
    r"|alumini|sympathectomy|propranolol|armpit|axilla|\bpalms?\b|\bfeet\b|sudor|schweiß|schweiss|schwitz|transpir|suor"
    r"|पसीना|عرق|تعرق|出汗|多汗|пот(?:ливость|ею|еть)|гипергидроз",
    re.IGNORECASE,
)
_NAMES = re.compile(r"llm4sweat|conditions/\w+", re.IGNORECASE)
"""The project's own name, and the folder of the pack that is the default."""


def _files(*folders: str) -> Iterator[Path]:
    """All Python files of these folders, or of the repository."""
    ours = [
        path for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".") and path.name not in _MADE
    ]
    starts = [ROOT / folder for folder in folders] or ours
    return (path for start in starts for path in sorted(start.rglob("*.py")))


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)))


@cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def test_files_are_short() -> None:
    sizes = {_name(path): len(path.read_text("utf-8").splitlines()) for path in _files()}
    assert {name: lines for name, lines in sizes.items() if lines > LONGEST_FILE} == {}


def test_functions_are_short() -> None:
    long = {
        f"{_name(path)}:{function.lineno} {function.name}": size
        for path in _files()
        for function in _functions(_parsed(path))
        if (size := (function.end_lineno or function.lineno) - function.lineno + 1) > LONGEST_FUNCTION
    }
    assert long == {}


def test_every_module_says_what_it_is_for() -> None:
    trees = {_name(path): _parsed(path) for path in _files()}
    assert [name for name, tree in trees.items() if tree.body and not ast.get_docstring(tree)] == []


@pytest.mark.parametrize("package", PRODUCT)
def test_no_word_of_a_condition_stands_in_code(package: str) -> None:
    found = {
        f"{_name(path)}:{number}": match.group()
        for path in _files(package)
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if (match := _WORDS.search(_NAMES.sub("", line)))
    }
    assert found == {}


def test_async_stands_only_where_it_may() -> None:
    # the doctor tries the bot's own client, which is asynchronous, and runs it to its end
    allowed = {"llm4sweat/doctor.py"}
    found = {
        _name(path)
        for path in _files("core", "llm4sweat_model", "llm4sweat")
        if any(isinstance(node, ast.AsyncFunctionDef) for node in ast.walk(_parsed(path)))
    }
    assert found <= allowed
