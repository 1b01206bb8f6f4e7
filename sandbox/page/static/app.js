// Puts the page together: who is chosen, what comes in, what is shown.

import { get, listen } from "./wire.js";
import { avatar, byId, el, icon } from "./dom.js";
import { allChats } from "./chats.js";
import { Messages } from "./messages.js";
import { Composer, listenToForm } from "./composer.js";
import { show, showNothing, showUnknown, showWaiting } from "./insight.js";
import { theme } from "./theme.js";
import { drawExamples } from "./examples.js";

let start, chats, chat;
const narrow = matchMedia("(max-width: 820px)");
const messages = new Messages({ select, about, toast, reply: (m) => composer.reply(m), edit: (m) => composer.edit(m), command: (text) => composer.send(text) });
const composer = new Composer({ toast, spoken: () => messages.refresh() });

function toast(text) {
  const box = byId("toast");
  box.textContent = text;
  box.hidden = false;
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => { box.hidden = true; }, 4500);
}

function about() {
  const hint = el("div", {}, chat.about && !chat.inGroup ? el("p.own", { dir: "auto" }, chat.about) : null, el("p", { dir: "auto" }, chat.words.empty));
  return el("li.intro", {}, el("h3", {}, el("bdi", {}, chat.title)), el("div.for-narrow", {}, ...start.scenes.about.map((text) => el("p", {}, text))), hint);
}

function drawPeople() {
  const item = (one, name, detail) => {
    const badge = el("span.unread", { hidden: !one.unread }, String(one.unread), el("span.visually-hidden", {}, " new"));
    return el("li", {}, el("button", { type: "button", "data-chat": one.id, "aria-current": String(one === chat), title: `${name}: ${detail}`, onclick: () => open(one.id) },
      avatar(name, one.id), el("span.who", {}, el("strong", {}, el("bdi", {}, name)), el("span", {}, detail)), badge));
  };
  byId("people").replaceChildren(...[...chats.values()].map((one) => one.inGroup
    ? item(one, one.title, start.scenes.group.about)
    : item(one, one.person.first_name, `${one.person.language} · ${one.person.country}`)));
}

async function open(id) {
  chat = chats.get(id);
  chat.unread = 0;
  delete document.body.dataset.chat;
  composer.close();
  localStorage.setItem("chat", id);
  byId("chat").dir = chat.direction;
  byId("chat-title").textContent = chat.title;
  drawPeople();
  if (!chat.loaded) await Promise.all([chat.load(), chat.profile()]);
  if (chat.id !== id) return;
  messages.open(chat);
  status();
  await composer.open(chat);
  const scene = chat.inGroup ? start.scenes.group : chat.person;
  drawExamples(scene.example || [], (text) => { composer.send(text); });
  document.body.dataset.chat = id;
  const last = chat.messages.get(chat.selected) || [...chat.messages.values()].filter((m) => !m.from.is_bot).at(-1);
  if (last) select(last, false);
  else showNothing(start.asks);
}

function status() {
  const line = byId("chat-status");
  line.classList.toggle("active", Boolean(chat.waiting));
  line.textContent = chat.waiting ? `${chat.words.typing}…` : chat.inGroup ? start.scenes.group.about : chat.words.bot;
}

async function select(message, byHand = true) {
  const origin = chat.origin(message);
  if (!origin) return;
  const here = chat;
  messages.select(message.message_id);
  if (byHand && narrow.matches && message.from.is_bot) sheet(true);
  const known = chat.pedigrees.get(origin.message_id);
  if (known) show(origin, known);
  else showWaiting(origin, start.asks);
  const found = await chat.pedigree(origin).catch(() => null);
  if (here !== chat || chat.selected !== message.message_id) return;
  if (found) show(origin, found);
  else if (start.asks && Date.now() / 1000 - origin.date > 6) showUnknown(origin);
  else if (start.asks) setTimeout(() => { if (chat === here && chat.selected === message.message_id && !chat.pedigrees.has(origin.message_id)) showUnknown(origin); }, 6000);
}

function waiting(one, state) {
  clearTimeout(one.timer);
  one.waiting = state;
  if (state) one.timer = setTimeout(() => waiting(one, null), state.text ? 30000 : 5500);
  if (one === chat) { messages.wait(); status(); }
}

const HANDLERS = {
  message(event, one) {
    const { message } = event;
    const first = !one.messages.size;
    one.messages.set(message.message_id, message);
    if (event.update_id) one.updates.set(event.update_id, message.message_id);
    if (message.from.is_bot) {
      waiting(one, null);
      one.readUntil = Math.max(one.readUntil, message.message_id);
      if (event.keyboard?.keyboard) one.keyboard = event.keyboard;
      if (event.keyboard?.remove_keyboard) one.keyboard = null;
    }
    if (one !== chat) {
      one.unread += message.from.is_bot ? 1 : 0;
      return drawPeople();
    }
    messages.put(message);
    if (first || event.keyboard?.keyboard || event.keyboard?.remove_keyboard) composer.draw();
    if (!message.from.is_bot && (message.text || message.caption)) select(message, false);
  },
  edit(event, one) {
    one.messages.set(event.message.message_id, event.message);
    if (one === chat) messages.put(event.message);
  },
  delete(event, one) {
    one.messages.delete(event.message_id);
    if (one === chat) messages.remove(event.message_id);
  },
  action(event, one) { waiting(one, event.action === "cancel" ? null : { text: "" }); },
  draft(event, one) { waiting(one, { text: event.text || `${one.words.draft}…` }); },
  reaction(event, one) {
    one.reactions.set(event.message_id, event.reaction.map((r) => r.emoji).join(" "));
    if (one === chat) messages.refresh();
  },
  pedigree(event, one) {
    one.pedigrees.set(event.message_id, event.data);
    const shown = one === chat && chat.messages.get(chat.selected);
    if (shown && chat.origin(shown)?.message_id === event.message_id) show(chat.messages.get(event.message_id), event.data);
  },
};

function onEvent(event) {
  if (event.kind === "answer") return messages.answered(event);
  if (event.kind === "read") return onRead(event.update_id);
  if (event.kind === "commands") {
    clearTimeout(onEvent.timer);
    onEvent.timer = setTimeout(() => composer.refresh(), 300);
    return undefined;
  }
  const one = chats.get(event.chat_id);
  if (one && HANDLERS[event.kind]) HANDLERS[event.kind](event, one);
}

function onRead(updateId) {
  for (const one of chats.values()) {
    const id = one.updates.get(updateId);
    if (!id) continue;
    one.readUntil = Math.max(one.readUntil, id);
    if (one === chat && chat.messages.has(id)) messages.put(chat.messages.get(id), false);
  }
}

// A link to the bot leads, as in Telegram, to one's own chat with it; the word after "start=" goes with the start button.
function catchLinks(username) {
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href^='https://t.me/']");
    const target = link && new URL(link.href);
    if (!target || target.pathname.slice(1).toLowerCase() !== username.toLowerCase()) return;
    event.preventDefault();
    event.stopPropagation();
    const own = chats.get(chat.speaker);
    own.startWord = target.searchParams.get("start") || "";
    open(own.id);
  }, true);
}

let broken = false;
async function onConnection(connected) {
  if (!connected) { broken = true; return toast("The connection to the sandbox is lost; trying again."); }
  if (!broken) return;
  broken = false;
  toast("Connected again.");
  for (const one of chats.values()) one.loaded = false;
  await open(chat.id);
}

function sheet(open) {
  byId("insight").classList.toggle("open", open);
  byId("show-insight").setAttribute("aria-expanded", String(open));
  byId(open ? "hide-insight" : "show-insight").focus();
}

async function main() {
  start = await get("/page/start");
  const { scenes } = start;
  document.title = scenes.title;
  for (const id of ["title", "tagline", "notice"]) byId(id).textContent = scenes[id];
  byId("about").append(...scenes.about.map((text) => el("span", {}, `${text} `)));
  catchLinks(start.bot.username);
  chats = allChats(start);
  theme(byId("theme"));
  byId("hide-insight").append(icon("close"));
  byId("hide-insight").addEventListener("click", () => sheet(false));
  byId("show-insight").addEventListener("click", () => sheet(!byId("insight").classList.contains("open")));
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && byId("insight").classList.contains("open")) sheet(false); });
  listenToForm(composer);
  const last = Number(localStorage.getItem("chat"));
  await open(chats.has(last) ? last : [...chats.keys()][0]);
  listen(onEvent, onConnection);
  document.body.dataset.ready = "yes";
}

main().catch((error) => toast(`The page could not start: ${error.message}`));
