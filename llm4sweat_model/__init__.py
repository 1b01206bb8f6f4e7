"""From a question to a reply: importable without Telegram, Slack or a database. Read `respond.py` first."""
