"""What the documents say about the code is so: pages that a program writes are up to date, links and paths lead somewhere."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.settings import Settings
from llm4sweat import settings_page

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("core", "llm4sweat_model", "bot", "review", "llm4sweat")
AT_ROOT = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")
BY_HAND = (*AT_ROOT, "docs/telegram.md", "docs/log.md")
_TARGET = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
_PATH = re.compile(r"`([a-z_4]+(?:/[\w.-]+)+/?)`")
_MADE = ("docs/page.png", "benchmarks/results/", "benchmarks/results")
"""Made by a run, so they may be missing in a fresh tree."""


def _code() -> Iterator[Path]:
    for package in PRODUCT:
        yield from (ROOT / package).rglob("*.py")


@pytest.mark.parametrize(
    ("path", "content"),
    [(settings_page.PAGE, settings_page.page()), (settings_page.EXAMPLE, settings_page.example())],
    ids=["page", "example"],
)
def test_the_settings_are_written_down(path: Path, content: str) -> None:
    written = (ROOT / path).read_text(encoding="utf-8")
    assert written == content, "run: .venv/bin/python -m llm4sweat.settings_page"


def test_a_setting_is_used_or_said_to_be_unused() -> None:
    used = {
        node.attr
        for path in _code()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
    }
    assert set(Settings.model_fields) - used == settings_page.NOT_YET, "mend NOT_YET in llm4sweat/settings_page.py"


def test_who_needs_a_setting_is_said() -> None:
    required = set()
    for path in _code():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "require":
                required |= {a.value for a in node.args if isinstance(a, ast.Constant)}
    assert required == set(settings_page.NEEDED), "mend NEEDED in llm4sweat/settings_page.py"


@pytest.mark.parametrize("name", BY_HAND)
def test_links_and_paths_lead_somewhere(name: str) -> None:
    path = ROOT / name
    text = path.read_text(encoding="utf-8")
    linked = [path.parent / found for found in _TARGET.findall(text) if not found.startswith("http")]
    named = [ROOT / found for found in _PATH.findall(text)]
    made = {ROOT / one for one in _MADE}
    assert [str(p.relative_to(ROOT)) for p in {*linked, *named} - made if not p.resolve().exists()] == []


def test_every_test_named_exists() -> None:
    known = {
        name
        for path in (ROOT / "tests").rglob("*.py")
        for name in re.findall(r"def (test_\w+)", path.read_text("utf-8"))
    }
    for name in BY_HAND:
        named = set(re.findall(r"`(test_\w+)`", (ROOT / name).read_text(encoding="utf-8")))
        assert named <= known, name


def test_every_make_target_and_command_named_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    main = (ROOT / "llm4sweat/main.py").read_text(encoding="utf-8")
    commands = {"pack", *re.findall(r'command\("([\w-]+)"', main)}
    for name in BY_HAND:
        text = (ROOT / name).read_text(encoding="utf-8")
        assert set(re.findall(r"`(?:[A-Z_]+=\S+ )?make ([a-z-]+)", text)) <= targets, name
        assert set(re.findall(r"`llm4sweat ([a-z]+)", text)) <= commands, name


def test_the_tree_in_the_readme_names_every_folder() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = set(project["tool"]["importlinter"]["root_packages"])
    folders = {path.parent.parent.name for path in ROOT.glob("*/*/*.*")} | {
        path.parent.name for path in ROOT.glob("*/*.*")
    }
    wanted = {name for name in packages | folders if not name.startswith(".") and "." not in name} - {"build", "dist"}
    assert {name for name in wanted if f"\n{name}/" not in text} == set()
