// One message as an element: bubble, quote, ticks, keyboard.

import { clock, el, icon, ticks } from "./dom.js";
import { formatted } from "./text.js";

const KINDS = {
  photo: "Photo", voice: "Voice message", audio: "Audio", video: "Video", video_note: "Video message",
  animation: "Animation", document: "Document", sticker: "Sticker", contact: "Contact", location: "Location",
  venue: "Place", dice: "Dice", poll: "Poll",
};
const SERVICE = {
  group_chat_created: "The group was created", new_chat_members: "Somebody joined", left_chat_member: "Somebody left",
  migrate_to_chat_id: "The group became a supergroup", migrate_from_chat_id: "The group became a supergroup",
};

export function words(message) {
  const kind = Object.keys(KINDS).find((name) => name in message);
  return message.text || message.caption || (kind ? KINDS[kind] : "");
}

function quote(message) {
  const answered = message.reply_to_message;
  if (!answered) return null;
  const said = message.quote ? message.quote.text : words(answered);
  return el("span.quote", {}, el("b", { dir: "auto" }, answered.from.first_name), el("span", { dir: "auto" }, said));
}

function attachment(message) {
  const kind = Object.keys(KINDS).find((name) => name in message);
  if (!kind) return null;
  return el("span.attachment", {}, icon(kind === "location" || kind === "venue" ? "place" : "file"), KINDS[kind]);
}

function meta(message, view) {
  const line = el("span.meta");
  if (message.edit_date && view.editedCounts(message)) line.append(el("span", {}, view.words.edited));
  line.append(el("bdi", {}, clock(message.date)));
  if (view.mine(message)) {
    const read = view.read(message);
    line.append(ticks(read), el("span.visually-hidden", {}, read ? "received by the bot" : "sent"));
  }
  return line;
}

function actions(message, view) {
  const bar = el("span.actions");
  const button = (label, run) => bar.append(el("button", { type: "button", onclick: (e) => { e.stopPropagation(); run(); } }, label));
  button(view.words.reply, () => view.onReply(message));
  if (view.mine(message) && message.text) button(view.words.edit, () => view.onEdit(message));
  return bar;
}

function key(button, message, view) {
  const style = button.style ? `.${button.style}` : "";
  if (button.url) return el(`a${style}`, { href: button.url, target: "_blank", rel: "noopener noreferrer" }, button.text);
  const press = async (event) => {
    if (button.copy_text) return view.onCopy(button.copy_text.text);
    return view.onPress(message, button, event.currentTarget);
  };
  return el(`button${style}`, { type: "button", dir: "auto", onclick: press }, button.text);
}

function keyboard(message, view) {
  const rows = message.reply_markup?.inline_keyboard;
  if (!rows) return null;
  return el("div.keys", {}, ...rows.map((row) => el("div.row", {}, ...row.map((button) => key(button, message, view)))));
}

export function messageElement(message, view) {
  const service = Object.keys(SERVICE).find((name) => name in message);
  if (service) return el("li.service", {}, el("span", {}, SERVICE[service]));
  const mine = view.mine(message);
  const bubble = el("div.bubble", {
    tabIndex: 0, onclick: () => view.onSelect(message),
    onkeydown: (event) => { if (event.key === "Enter" && event.target === bubble) view.onSelect(message); },
  });
  if (!mine && view.inGroup) bubble.append(el("span.sender", { dir: "auto" }, message.from.first_name));
  const parts = [quote(message), attachment(message)];
  if (message.text || message.caption) {
    parts.push(formatted(message.text || message.caption, message.entities || message.caption_entities, view.onCommand));
  }
  bubble.append(...parts.filter(Boolean), meta(message, view), actions(message, view));
  const keys = keyboard(message, view);
  const item = el(`li.message${mine ? ".mine" : ""}`, {}, keys ? el("div.stack", {}, bubble, keys) : bubble);
  item.dataset.id = message.message_id;
  if (view.reactions(message)) item.append(el("span.reaction", {}, view.reactions(message)));
  return item;
}

export function waitingElement(label, text = "") {
  const dots = el("span.dots", { "aria-hidden": "true" }, el("i"), el("i"), el("i"));
  const content = text ? [formatted(text), " "] : [];
  return el("li.message.typing", {}, el("div.bubble", { "aria-label": label }, ...content, dots));
}
