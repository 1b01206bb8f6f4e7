"""The connection pool, transactions, and psycopg's errors mapped once into ours.

Leaves the SQL to its siblings. No transaction stays open across a call to a model, Telegram or Slack: callers keep the
`with` block short.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from psycopg import errors
from psycopg.rows import DictRow, dict_row
from psycopg_pool import ConnectionPool, PoolTimeout, TooManyRequests

Connection = psycopg.Connection[DictRow]


class StoreError(Exception):
    """PostgreSQL failed. Nothing of this transaction was kept."""


class StoreDown(StoreError):
    """PostgreSQL cannot be reached just now. What arrived is in the spool; it is tried again."""


class StoreRefused(StoreError):
    """PostgreSQL refused a row: a constraint would have been broken. Nothing of this transaction was kept."""


_DOWN = (
    PoolTimeout,
    TooManyRequests,
    psycopg.OperationalError,
    psycopg.InterfaceError,
    errors.AdminShutdown,
    errors.CannotConnectNow,
)
_REFUSED = (errors.IntegrityError, errors.RaiseException)
_FRESH = 0.5  # seconds after which a connection is checked before it is used again
_OPTIONS = "-c statement_timeout=5000 -c lock_timeout=2000 -c idle_in_transaction_session_timeout=10000"


_checked: WeakKeyDictionary[Connection, float] = WeakKeyDictionary()


def _check(connection: Connection) -> None:
    """Ask the server whether it is still there, unless it was a moment ago: a check is a round trip."""
    now = time.monotonic()
    if now - _checked.get(connection, -_FRESH) >= _FRESH:
        ConnectionPool.check_connection(connection)
    _checked[connection] = now


class Store:
    """A pool of connections to one database; opened after a fork, closed at the end of its process."""

    def __init__(self, url: str, *, max_size: int = 8, timeout: float = 5.0) -> None:
        self._pool: ConnectionPool[Connection] = ConnectionPool(
            url,
            open=False,
            min_size=2,  # more idle connections make the check after a restart slow
            max_size=max_size,
            timeout=timeout,
            max_waiting=200,
            max_lifetime=1800,
            max_idle=300,
            reconnect_timeout=30,
            check=_check,
            kwargs={
                "row_factory": dict_row,
                "connect_timeout": 3,
                "keepalives_idle": 10,
                "tcp_user_timeout": 5000,
                "options": _OPTIONS,
                "application_name": "llm4sweat",
            },
        )

    def open(self, timeout: float | None = 30.0) -> None:
        """Open the pool and wait for a first connection. Raises StoreDown."""
        with mapped():
            self._pool.open(wait=timeout is not None, timeout=timeout or 0)

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One short transaction. Raises StoreDown or StoreRefused; then nothing of it was kept."""
        with mapped(), self._pool.connection() as connection:
            yield connection

    def reachable(self) -> bool:
        """Whether a statement can be run now."""
        try:
            with self.transaction() as connection:
                connection.execute("SELECT 1")
        except StoreError:
            return False
        return True


@contextmanager
def mapped() -> Iterator[None]:
    """Map psycopg's errors. The message names the condition only: a server's detail may quote a row."""
    try:
        yield
    except _REFUSED as error:
        raise StoreRefused(_name(error)) from None
    except _DOWN as error:
        raise StoreDown(_name(error)) from None
    except psycopg.Error as error:
        raise StoreError(_name(error)) from None


def _name(error: Exception) -> str:
    constraint: Any = getattr(getattr(error, "diag", None), "constraint_name", None)
    return f"{type(error).__name__}{f' ({constraint})' if constraint else ''}"
