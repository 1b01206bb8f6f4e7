"""Python-telegram-bot's requests over aiohttp, which the bot has anyway: a third of the processor time of its default.

Knows HTTP and nothing of Telegram's methods. What an error says about whether a message was sent is `wire.py`; the cause of
each error raised here is aiohttp's own.
"""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.request import getproxies

import aiohttp
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

_KEPT = 5.0  # seconds that an idle connection is used again: shorter than servers keep theirs


class NotConnected(NetworkError):
    """No connection was made: what was to be sent surely was not."""


class Transport(BaseRequest):
    """Requests over one pool of connections. Times in seconds; the longest wait for an answer may be set a call."""

    def __init__(self, connections: int, *, read: float, connect: float = 5.0) -> None:
        self._connections, self._read, self._connect = connections, read, connect
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        """Seconds that an answer may take."""
        return self._read

    async def initialize(self) -> None:
        """Open the pool."""
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=_KEPT)
            self._session = aiohttp.ClientSession(
                connector=connector,
                headers={"User-Agent": self.USER_AGENT, "Content-Type": "application/x-www-form-urlencoded"},
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=bool({"http", "https"} & getproxies().keys()),  # looking for a proxy costs at each request
            )

    async def shutdown(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Status and body. Raises NotConnected (surely not sent), TimedOut or NetworkError (perhaps sent)."""
        if self._session is None:
            raise RuntimeError("initialize() was not called")
        if request_data is not None and request_data.contains_files:
            raise NotImplementedError("this bot sends no files")
        read = read_timeout if isinstance(read_timeout, int | float) else self._read
        timeout = aiohttp.ClientTimeout(connect=self._connect, sock_connect=self._connect, sock_read=read)
        data = request_data.url_encoded_parameters().encode() if request_data else None
        try:
            async with self._session.request(method, url, data=data, timeout=timeout) as answer:
                return answer.status, await answer.read()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise NotConnected(type(error).__name__) from error
        except TimeoutError as error:
            raise TimedOut from error
        except (aiohttp.ClientError, OSError, asyncio.IncompleteReadError) as error:
            raise NetworkError(type(error).__name__) from error
