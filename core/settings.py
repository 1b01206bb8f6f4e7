"""The one place that reads the environment. Every name and its meaning stands here and nowhere else.

A missing or wrong setting stops the process at start with the names of all that are wrong, never with their values.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class SettingsError(Exception):
    """A setting is missing or wrong. Set the named variables and start again; nothing was started."""


class Settings(BaseSettings):
    """What every process shares. Times are in seconds, rates a second."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True, env_ignore_empty=True)

    telegram_token: SecretStr | None = Field(None, description="the bot's token from BotFather")
    telegram_api_url: str = Field(
        "https://api.telegram.org/bot", description="base address of the Bot API, without the token; ends in /bot"
    )
    telegram_mode: Literal["polling", "webhook"] = Field("polling", description="how updates arrive")
    telegram_webhook_url: str | None = Field(None, description="public https address of the webhook")
    telegram_webhook_secret: SecretStr | None = Field(None, description="1 to 256 of A-Z a-z 0-9 _ -")
    telegram_webhook_port: int = Field(8443, description="local port of the webhook's server")
    slack_bot_token: SecretStr | None = Field(None, description="xoxb token of the review app")
    slack_app_token: SecretStr | None = Field(None, description="xapp token for Socket Mode")
    slack_signing_secret: SecretStr | None = Field(None, description="signs Slack's requests in HTTP mode")
    slack_api_url: str = Field("https://slack.com/api/", description="base address of Slack's Web API")
    slack_mode: Literal["socket", "http"] = Field("socket", description="how Slack's events arrive")
    vllm_url: str | None = Field(None, description="address of the OpenAI-compatible server; unset: grounded only")
    vllm_model: str = Field("llm4sweat", description="name of the base model or adapter asked for")
    vllm_api_key: SecretStr | None = Field(None, description="key of the model server")
    database_url: str | None = Field(None, repr=False, description="PostgreSQL, the truth and the queue")
    redis_url: str | None = Field(None, repr=False, description="Redis, the doorbell of the workers")
    condition_dir: Path = Field(Path("conditions/hyperhidrosis"), description="folder of the condition pack")
    allow_unreviewed: bool = Field(False, description="say what no clinician has signed (demo only)")
    patient_key: SecretStr | None = Field(None, description="key of the hash that names a patient; keep it for ever")
    state_dir: Path = Field(Path(".run/state"), description="folder of the spool, used while PostgreSQL is away")
    join_seconds: float | None = Field(
        None, ge=0, le=30, description="wait for more of the same patient; unset: the pack's"
    )
    send_per_second: float = Field(
        25, gt=0, description="messages a second to all chats; a very large number: no limit"
    )
    send_per_chat: float = Field(1, gt=0, description="messages a second to one chat")
    typing: bool = Field(True, description="show 'typing' while an answer is made")
    pedigree_port: int | None = Field(None, description="loopback port that tells what led to a text; unset: none")

    @field_validator("telegram_webhook_secret")
    @classmethod
    def _as_telegram_allows(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", value.get_secret_value()):
            raise ValueError("must be 1 to 256 of A-Z a-z 0-9 _ -")
        return value

    @field_validator("telegram_api_url")
    @classmethod
    def _ends_in_bot(cls, value: str) -> str:
        if not value.rstrip("/").endswith("/bot"):
            raise ValueError("must end in /bot, without the token")
        return value.rstrip("/")


def load() -> Settings:
    """Read the environment once. Raises SettingsError naming every wrong variable, without its value."""
    try:
        return Settings()
    except ValidationError as error:
        wrong = [f"{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors()]
        raise SettingsError("these settings are wrong: " + "; ".join(wrong)) from None


def require(settings: Settings, *names: str) -> None:
    """Stop unless every named setting is there."""
    missing = [n.upper() for n in names if getattr(settings, n) is None]
    if missing:
        raise SettingsError(f"set {', '.join(missing)} and start again (see docs/settings.md)")
