"""A small whole pack about nothing in particular, for tests of the engine and of the loader."""

from __future__ import annotations

import shutil
from pathlib import Path

HERE = Path(__file__).parents[1] / "data" / "tiny_pack"


def write(folder: Path) -> Path:
    """A copy of the pack in this folder, to be changed at will."""
    shutil.copytree(HERE, folder, dirs_exist_ok=True)
    return folder
