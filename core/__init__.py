"""The words of the system and where they are kept. Knows no Telegram, no Slack, no model."""
