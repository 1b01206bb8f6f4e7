"""A local Telegram: the Bot API, people who write to the bot, and switches to make things fail.

`server` speaks HTTP, `api` runs one method, `world` is the state, `people` what persons do, `updates` and `webhook` how
the bot learns of it, `control` and `client` how tests steer it. It knows nothing of the product.
"""

from sandbox.telegram.client import Client
from sandbox.telegram.launch import Running, start
from sandbox.telegram.server import TelegramServer
from sandbox.telegram.settings import DEFAULT_TOKEN, NO_LIMITS, Limits, Settings

__all__ = ["DEFAULT_TOKEN", "NO_LIMITS", "Client", "Limits", "Running", "Settings", "TelegramServer", "start"]
