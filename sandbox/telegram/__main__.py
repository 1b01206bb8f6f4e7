"""`python -m sandbox.telegram`: serves until SIGTERM or Ctrl-C; the first line of output is JSON with the address."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sqlite3
import sys
from pathlib import Path

from sandbox.telegram.server import TelegramServer
from sandbox.telegram.settings import DEFAULT_TOKEN, NO_LIMITS, Limits, Settings


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox.telegram", description="A local Telegram Bot API")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--token", default=DEFAULT_TOKEN)
    parser.add_argument("--data-dir", type=Path, help="where state is kept; without it nothing is")
    parser.add_argument("--no-limits", action="store_true", help="no flood control")
    parser.add_argument("--page", action="store_true", help="serve the page")
    parser.add_argument("--pedigree-url", default="", help="where the page asks what happened to a message")
    parser.add_argument("--scenes", type=Path, help="the page's title, explanation, personas and example questions")
    parser.add_argument("--webhook-retry", type=float, default=1.0, help="seconds before the second retry")
    return parser.parse_args()


async def _serve(options: argparse.Namespace) -> None:
    settings = Settings(
        host=options.host,
        port=options.port,
        token=options.token,
        data_dir=options.data_dir,
        limits=NO_LIMITS if options.no_limits else Limits(),
        webhook_retry_seconds=options.webhook_retry,
        pedigree_url=options.pedigree_url,
        scenes=options.scenes,
    )
    extend = None
    if options.page:
        from sandbox.page.app import add_page

        extend = add_page
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    async with TelegramServer(settings, extend) as server:
        print(json.dumps({"url": server.url, "api_url": server.api_url, "port": server.port}), flush=True)
        await stopping.wait()


def main() -> int:
    """Exit status 1 with one line when the port is taken, the data directory is in use, or the scenes are wrong."""
    try:
        asyncio.run(_serve(_arguments()))
    except OSError as error:
        print(
            f"the local Telegram cannot listen: {error.strerror or error}; choose another --port",
            file=sys.stderr,
        )
        return 1
    except sqlite3.OperationalError as error:
        print(f"the data directory cannot be used ({error}); is another local Telegram running on it?", file=sys.stderr)
        return 1
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
