"""A small bot with fixed answers, and what it would tell of each message: stands in for the product in tests of the page."""

from __future__ import annotations

import asyncio
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from telegram import BotCommand, InlineKeyboardButton, InlineKeyboardMarkup, Message, ReplyParameters, Update
from telegram.constants import ChatAction, ParseMode
from telegram.ext import Application, CallbackQueryHandler, CommandHandler, ContextTypes, MessageHandler, filters

SAFE = (
    "<b>It is put on dry skin in the evening.</b> It works while you sleep, and is washed off in the morning.\n\n"
    "Start with a thin layer on each night. When the skin stays dry, fewer nights are enough.\n\n"
    "<i>Not yet checked by a specialist</i>"
)
HELD = "Thank you for telling me. This depends on you as a person, so a specialist looks at it before I answer. Until then, please start nothing new."
EMERGENCY = "This can be an emergency. Call 911 now.\n\nSit down, stay still, and do not drive yourself. Unlock the door if you can."
SOURCE = {
    "title": "Hyperhidrosis: guideline of the specialist society",
    "url": "https://guideline.example.org/hyperhidrosis",
    "grade": "A",
}
LEAFLET = {"title": "Leaflet for patients", "url": "https://leaflet.example.org/antiperspirant", "grade": "B"}


def _verdicts(asks: str, check: str, reason: str) -> list[dict[str, str]]:
    calm = ["rules.boundaries", "rules.contraindications", "numbers.have_sources", "links.are_sources", "language"]
    rows = [{"check": name, "version": "1", "category": "routine", "asks": "SEND", "reason": ""} for name in calm]
    if asks != "SEND":
        rows.append({"check": check, "version": "3", "category": "routine", "asks": asks, "reason": reason})
    return rows


def pedigree(text: str, sent: Message, ms: float) -> dict[str, Any]:
    """What happened, in the form that the page reads."""
    kind = kind_of(text)
    delivery = {
        "kind": "cited",
        "state": "sent",
        "mark": "unchecked",
        "hash": "9f2b6c01d4e8aa17",
        "ms": 6.2,
    }
    delivery["text"] = sent.text
    data: dict[str, Any] = {
        "update": {"update_id": 1, "kind": "message", "state": "done"}, "turn": {"id": "0192f3a1"}, "category": "routine", "disposition": "REVIEW",
        "verdicts": _verdicts("REVIEW", "pack.reviewed", "No clinician has signed this passage yet"),
        "passages": [
            {"id": "aluminium.how_to_use", "title": "How to use aluminium chloride", "sources": [SOURCE, LEAFLET]},
            {"id": "aluminium.irritation", "title": "When the skin itches or burns", "sources": [LEAFLET]},
        ],
        "draft": {"text": sent.text, "backend": "grounded"}, "deliveries": [delivery],
        "case": {"cause": "sampled", "lenses": ["clinical"], "due_at": "2026-11-30T09:00:00Z", "state": "open"},
        "timings": {"intake": 1.4, "screen": 0.6, "retrieve": 2.1, "draft": 1.2, "check": 1.1, "write": 3.4, "send": 6.2, "total": 16.0},
    }  # fmt: skip
    if kind == "held":
        data |= {"category": "pregnancy_or_minor", "disposition": "HOLD"}
        data["verdicts"] = _verdicts("HOLD", "rules.screen", "The person says that she is pregnant")
        data["draft"] = {
            "text": "In pregnancy these tablets are usually avoided; creams and care of the skin come first.",
            "backend": "grounded",
        }
        data["case"] = {"cause": "flagged", "lenses": ["clinical"], "due_at": "2026-11-24T09:00:00Z", "state": "open"}
        delivery |= {"kind": "fixed", "mark": "none"}
    if kind == "emergency":
        data |= {"category": "emergency", "disposition": "EMERGENCY", "passages": [], "draft": None}
        data["verdicts"] = _verdicts("EMERGENCY", "rules.screen", "Chest pain may be a heart attack")
        data["case"] = {"cause": "flagged", "lenses": ["clinical"], "due_at": "2026-11-23T09:15:00Z", "state": "open"}
        data["timings"] = {"screen": 0.4, "send": 4.8, "total": 5.9}
        delivery |= {"kind": "fixed", "mark": "none"}
    return data


def kind_of(text: str) -> str:
    """Which of the three answers a text gets."""
    lower = text.lower()
    if any(word in lower for word in ("chest", "pecho", "brust", "الصدر", "सीने")):
        return "emergency"
    return "held" if any(word in lower for word in ("pregnant", "حامل", "miligramos", "schrittmacher")) else "safe"


class ScriptedBot:
    """Polls the local Telegram in a thread and serves `pedigree` on loopback; slow enough for its typing to be seen."""

    def __init__(self, thinking: float = 0.3) -> None:
        self.thinking = thinking
        self.known: dict[int, dict[str, Any]] = {}
        bot = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                query = parse_qs(urlsplit(self.path).query)
                found = bot.known.get(int(query.get("update_id", ["0"])[0]))
                body = json.dumps(found).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.pedigree_url = f"http://127.0.0.1:{self._server.server_port}/pedigree"
        self._threads = [threading.Thread(target=self._server.serve_forever)]
        self._threads[0].start()
        self._stop = threading.Event()
        self._ready = threading.Event()

    def start(self, api_url: str, token: str) -> None:
        """Begins to poll, and returns when it does."""
        thread = threading.Thread(target=lambda: asyncio.run(self._run(api_url, token)))
        self._threads.append(thread)
        thread.start()
        assert self._ready.wait(20), "the scripted bot did not start"

    def stop(self) -> None:
        """Ends both threads."""
        self._stop.set()
        self._server.shutdown()
        for thread in self._threads:
            thread.join()
        self._server.server_close()

    async def _run(self, api_url: str, token: str) -> None:
        app = Application.builder().token(token).base_url(api_url).concurrent_updates(True).build()
        app.add_handlers(
            [
                CommandHandler("start", _greet),
                CallbackQueryHandler(_pressed),
                MessageHandler(filters.TEXT, self._answer),
            ]
        )
        async with app:
            for code, help_text in (("", "Get help"), ("es", "Ayuda"), ("ar", "مساعدة")):
                commands = [BotCommand("start", "Start"), BotCommand("help", help_text)]
                await app.bot.set_my_commands(commands, language_code=code)
            await app.bot.set_my_description("I answer questions about sweating. Doctors watch over me.")
            await app.start()
            assert app.updater is not None
            await app.updater.start_polling()
            self._ready.set()
            await asyncio.to_thread(self._stop.wait)
            await app.updater.stop()
            await app.stop()

    async def _answer(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        message = update.effective_message
        if message is None or message.text is None:
            return
        kind = kind_of(message.text)
        if kind != "emergency":
            await context.bot.send_chat_action(message.chat_id, ChatAction.TYPING)
            await asyncio.sleep(self.thinking)
        text = {"safe": SAFE, "held": HELD, "emergency": EMERGENCY}[kind]
        keyboard = InlineKeyboardMarkup(
            [
                [
                    InlineKeyboardButton("Sources", callback_data="sources"),
                    InlineKeyboardButton("Report", callback_data="report"),
                ]
            ]
        )
        if kind == "emergency":
            keyboard = InlineKeyboardMarkup(
                [[InlineKeyboardButton("I am safe", callback_data="safe", style="success")]]
            )
        reply = ReplyParameters(message.message_id) if kind == "held" else None
        sent = await context.bot.send_message(
            message.chat_id, text, ParseMode.HTML, reply_markup=keyboard, reply_parameters=reply
        )
        self.known[update.update_id] = pedigree(message.text, sent, 0.0)


async def _greet(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
    assert update.message is not None
    keyboard = InlineKeyboardMarkup(
        [
            [InlineKeyboardButton("I agree", callback_data="agree", style="primary")],
            [InlineKeyboardButton("Tell me more", callback_data="more")],
        ]
    )
    await update.message.reply_text(
        "Hello. I am a computer program, watched by specialists. May I keep what you write here, to answer you?",
        reply_markup=keyboard,
    )


async def _pressed(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
    query = update.callback_query
    assert query is not None
    await query.answer("Thank you" if query.data == "agree" else None)
    if query.data == "agree":
        await query.edit_message_text("Thank you. Ask me anything about sweating.")
    else:
        await query.edit_message_reply_markup(None)
