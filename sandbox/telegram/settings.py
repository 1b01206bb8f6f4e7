"""What the sandbox can be told when it starts."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

DEFAULT_TOKEN = "424242:sandbox-token-of-the-local-telegram"


@dataclass(frozen=True, slots=True)
class Limits:
    """How fast a bot may write. Telegram's own figures are not public; these are those of its FAQ. A rate of 0 is no limit."""

    chat_per_second: float = 1.0
    chat_burst: int = 5
    overall_per_second: float = 30.0
    overall_burst: int = 30
    group_per_minute: int = 20


NO_LIMITS = Limits(chat_per_second=0, overall_per_second=0, group_per_minute=0)


@dataclass(frozen=True, slots=True)
class Settings:
    """Where to listen, who the bot is, where state is kept (nowhere when `data_dir` is None)."""

    host: str = "127.0.0.1"
    port: int = 0
    token: str = DEFAULT_TOKEN
    bot_name: str = "LLM4Sweat"
    bot_username: str = "llm4sweat_bot"
    data_dir: Path | None = None
    limits: Limits = field(default_factory=Limits)
    callback_seconds: float = 30.0
    webhook_retry_seconds: float = 1.0
    keep_messages: int = 2000
    keep_events: int = 50_000
    pedigree_url: str = ""
    scenes: Path | None = None

    @property
    def bot_id(self) -> int:
        """The number before the colon of a token is the bot's id."""
        return int(self.token.split(":", 1)[0])
