"""`make demo` as a newcomer runs it: the conversation in the terminal; and after a kill the next start cleans up and goes on."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

COMMAND = [sys.executable, "-W", "ignore", "-m", "sandbox.demo", "--folder"]


@pytest.fixture
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="llm4sweat-demo-"))  # PostgreSQL's user must reach it
    yield made
    shutil.rmtree(made, ignore_errors=True)


def recorded(folder: Path) -> list[psutil.Process]:
    rows = json.loads((folder / "processes.json").read_text())
    return [psutil.Process(int(row["pid"])) for row in rows]


def test_a_killed_demo_is_cleaned_up_by_the_next_which_goes_on_and_ends(folder: Path) -> None:
    log = folder / "first.log"
    with log.open("wb") as out:
        first = subprocess.Popen([*COMMAND, str(folder)], stdout=out, stderr=out)
    deadline = time.monotonic() + 120
    while "Ctrl-C stops everything" not in log.read_text() and time.monotonic() < deadline:
        assert first.poll() is None, log.read_text()
        time.sleep(0.2)
    left = recorded(folder)
    first.send_signal(signal.SIGKILL)
    first.wait(10)
    assert len([p for p in left if p.is_running()]) == 3, "a killed demo leaves its processes behind"
    second = subprocess.run([*COMMAND, str(folder), "--once"], capture_output=True, text=True, timeout=150, check=False)
    assert second.returncode == 0, second.stdout + second.stderr
    assert "ended 3 processes of an earlier run" in second.stdout
    assert "911" in second.stdout, "the conversation has its emergency"
    gone, alive = psutil.wait_procs(left, timeout=5)
    assert (len(gone), alive) == (3, [])
    assert not (folder / "processes.json").exists()
