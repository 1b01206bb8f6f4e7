"""The bot's composition root: builds everything from the settings, runs until it is told to stop, stops cleanly.

Started with PostgreSQL away, it still answers emergencies and spools the rest.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from dataclasses import dataclass

from aiohttp import web
from telegram import Bot
from telegram.error import InvalidToken, TelegramError

from bot import menu, pedigree
from bot.alarm import Alarm
from bot.delivery import Sender
from bot.groups import Groups
from bot.intake import Intake
from bot.lanes import Lanes
from bot.limits import Limits
from bot.people import People
from bot.poller import poll
from bot.rescue import Rescue
from bot.spool import Spool
from bot.visit import Visitor
from bot.webhook import Webhook, announce
from bot.wire import make_bot
from core import logs
from core.settings import Settings, SettingsError, require
from core.store import Store, StoreError, origins, patients
from core.store.migrate import migrate
from llm4sweat_model import condition as packs
from llm4sweat_model.backends import backend
from llm4sweat_model.condition import Condition

_REMEMBERED = 20_000
_PATIENCE = 3.0


@dataclass(slots=True)
class App:
    """All parts of one bot process."""

    settings: Settings
    bot: Bot
    store: Store
    condition: Condition
    people: People
    alarm: Alarm
    lanes: Lanes
    intake: Intake
    rescue: Rescue


async def main(settings: Settings) -> None:
    """Run until SIGINT or SIGTERM. Raises SettingsError or PackError before anything is started."""
    require(settings, "telegram_token", "database_url", "patient_key")
    condition = packs.load(settings.condition_dir)
    bots = make_bot(settings), make_bot(settings, connections=2), make_bot(settings, connections=4)
    async with contextlib.AsyncExitStack() as stack:
        for one in bots:
            await _initialize(one)
            stack.push_async_callback(one.shutdown)
        bot, poller_bot, urgent_bot = bots
        app = _build(settings, condition, bot, urgent_bot, (bot.username, bot.id))
        stop = asyncio.Event()
        for name in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(name, stop.set)
        await _serve(app, poller_bot, stop)


async def _initialize(bot: Bot) -> None:
    """Open its connections and learn our own name; waits while Telegram cannot be reached."""
    while True:
        try:
            await bot.initialize()
            return
        except InvalidToken:
            raise SettingsError("TELEGRAM_TOKEN is refused by Telegram: get a new one from BotFather") from None
        except TelegramError as error:
            logs.failed("get_me", error)
            await asyncio.sleep(2.0)


def _build(settings: Settings, condition: Condition, bot: Bot, urgent_bot: Bot, who: tuple[str, int]) -> App:
    assert settings.database_url is not None and settings.patient_key is not None
    store, people = Store(settings.database_url), People()
    alarm = Alarm(urgent_bot, condition, people)  # connections of its own: it queues behind nothing
    limits = Limits(settings.send_per_second, settings.send_per_chat)
    sender = Sender(bot, store, condition, limits)
    complete = backend(settings, condition)
    visitor = Visitor(store, condition, complete, who=who, allow_unreviewed=settings.allow_unreviewed, free=limits.free)
    join = condition.threshold("joining_wait_seconds") if settings.join_seconds is None else settings.join_seconds
    lanes = Lanes(bot, visitor, sender, alarm, people, join=join, typing=settings.typing)
    secret = settings.patient_key.get_secret_value()
    taking = Intake(
        store,
        Spool(settings.state_dir),
        condition,
        people,
        alarm,
        lanes,
        Groups(condition, who[0]),
        who=who,
        secret=secret,
    )
    late = condition.threshold("late_emergency_minutes") * 60
    rescue = Rescue(store, taking, alarm, lanes, sender, who=who, late=late)
    return App(settings, bot, store, condition, people, alarm, lanes, taking, rescue)


async def _serve(app: App, poller_bot: Bot, stop: asyncio.Event) -> None:
    runners: list[web.AppRunner] = []
    ready = asyncio.Event()
    tasks = [
        asyncio.create_task(_prepare_then_rescue(app, ready)),
        asyncio.create_task(menu.publish(app.bot, app.condition)),
    ]
    if app.settings.pedigree_port is not None:
        runners.append(await pedigree.serve(app.store, app.settings.pedigree_port))
    with contextlib.suppress(TimeoutError):  # PostgreSQL gets a moment to answer; emergencies wait no longer than that
        await asyncio.wait_for(ready.wait(), _PATIENCE)
    if app.settings.telegram_mode == "webhook":
        runners.append(await _webhook(app))
    else:
        await app.bot.delete_webhook(drop_pending_updates=False)
        tasks.append(asyncio.create_task(poll(poller_bot, app.intake)))
    logs.info("bot_started", mode=app.settings.telegram_mode, pack=app.condition.version)
    await _until(stop, tasks)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await app.alarm.close()
    await app.lanes.close()
    for runner in runners:
        await runner.cleanup()
    app.store.close()
    logs.info("bot_stopped")


async def _until(stop: asyncio.Event, tasks: list[asyncio.Task[None]]) -> None:
    """Wait for the signal. A task that fails ends the process: its supervisor starts it anew."""
    waiting = asyncio.create_task(stop.wait())
    running: set[asyncio.Task[object]] = {waiting, *tasks}
    while not waiting.done() and running:
        done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        for task in done - {waiting}:
            if (error := task.exception()) is not None:
                waiting.cancel()
                if isinstance(error, InvalidToken):
                    raise SettingsError("TELEGRAM_TOKEN is refused by Telegram: get a new one from BotFather")
                raise error


async def _webhook(app: App) -> web.AppRunner:
    require(app.settings, "telegram_webhook_url", "telegram_webhook_secret")
    assert app.settings.telegram_webhook_secret is not None and app.settings.telegram_webhook_url is not None
    secret = app.settings.telegram_webhook_secret.get_secret_value()
    runner = await Webhook(app.intake, secret).serve("127.0.0.1", app.settings.telegram_webhook_port)
    await announce(app.bot, app.settings.telegram_webhook_url, secret)
    return runner


async def _prepare_then_rescue(app: App, ready: asyncio.Event) -> None:
    """Bring the database up to date as soon as it can be reached, learn who is known, then look after what was left."""
    while True:
        try:
            await asyncio.to_thread(_prepare, app)
            break
        except StoreError as error:
            logs.failed("store_prepare", error)
            await asyncio.sleep(1.0)
    ready.set()
    await app.rescue.run()


def _prepare(app: App) -> None:
    app.store.open(timeout=5.0)
    ran = migrate(app.store)
    with app.store.transaction() as db:
        origins.register(db, app.condition.origins, app.condition.version)
        for row in patients.remember(db, _REMEMBERED):
            app.people.learn(
                row.chat_id, language=row.patient.language, country=row.patient.country,
                consented=bool(row.patient.consent.chat),
            )  # fmt: skip
    logs.info("store_ready", migrations=len(ran))
