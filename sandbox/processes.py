"""Starts processes, remembers their ids on disk, and ends them: its own at the end, a killed predecessor's at the start.

An id is only ended when the process with that id started when the record says: ids are used again.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil


class Processes:
    """The processes of one run, recorded in `folder`/processes.json."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._record = folder / "processes.json"
        self._running: list[tuple[str, subprocess.Popen[bytes]]] = []
        self._known: list[dict[str, float]] = []

    def clean_up(self, patience: float = 5.0) -> int:
        """End what a killed run left behind. Returns how many processes that were."""
        left = [p for entry in self._read() if (p := _same(int(entry["pid"]), entry["started"])) is not None]
        _end(left, patience)
        self._record.unlink(missing_ok=True)
        return len(left)

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
        """Start one process in a session of its own; its output goes to `folder`/<name>.log."""
        with (self._folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                list(command), env={**os.environ, **environment}, stdout=log, stderr=log,
                stdin=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
        self._running.append((name, process))
        self.remember(process.pid)
        return process

    def remember(self, pid: int) -> None:
        """Record a process so that the next run can end it."""
        self._known.append({"pid": pid, "started": psutil.Process(pid).create_time()})
        self._record.write_text(json.dumps(self._known))

    def ended(self) -> str | None:
        """The name of a process that ended by itself, if any."""
        return next((name for name, process in self._running if process.poll() is not None), None)

    def stop(self, patience: float = 3.0) -> None:
        """End all, last started first: SIGTERM, then SIGKILL after `patience` seconds."""
        deadline = time.monotonic() + patience
        for _, process in reversed(self._running):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for _, process in reversed(self._running):
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(2)
        self._running.clear()

    def forget(self) -> None:
        """Everything recorded has ended."""
        self._record.unlink(missing_ok=True)

    def _read(self) -> list[dict[str, float]]:
        try:
            return list(json.loads(self._record.read_text()))
        except (OSError, ValueError):
            return []


def _same(pid: int, started: float) -> psutil.Process | None:
    try:
        process = psutil.Process(pid)
        return process if abs(process.create_time() - started) < 0.5 else None
    except psutil.NoSuchProcess:
        return None


def _end(processes: list[psutil.Process], patience: float) -> None:
    for process in processes:
        for one in (process, *process.children(recursive=True)):
            _signal(one, signal.SIGTERM)
    _, alive = psutil.wait_procs(processes, timeout=patience)
    for process in alive:
        _signal(process, signal.SIGKILL)


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(number)
