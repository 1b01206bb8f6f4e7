// The list of messages of the open chat.

import { act } from "./wire.js";
import { byId, el } from "./dom.js";
import { messageElement, waitingElement } from "./bubble.js";

const list = byId("messages");

export class Messages {
  // `on` has: select, reply, edit, command, toast, about()
  constructor(on) {
    this.on = on;
    this.chat = null;
    this.shown = new Map();
  }

  view() {
    const { chat, on } = this;
    return {
      words: chat.words,
      inGroup: chat.inGroup,
      mine: (message) => message.from.id === chat.speaker,
      read: (message) => message.message_id <= chat.readUntil,
      reactions: (message) => chat.reactions.get(message.message_id),
      editedCounts: (message) => !message.from.is_bot || !message.reply_markup,
      onSelect: on.select, onReply: on.reply, onEdit: on.edit, onCommand: on.command,
      onCopy: async (text) => { await navigator.clipboard.writeText(text); on.toast("Copied"); },
      onPress: (message, button, element) => this.press(message, button, element),
    };
  }

  open(chat) {
    this.chat = chat;
    this.shown.clear();
    list.replaceChildren();
    if (!chat.messages.size) list.append(this.on.about());
    for (const message of chat.messages.values()) this.put(message, false);
    this.wait();
    this.down(true);
  }

  put(message, animate = true) {
    const id = message.message_id;
    const element = messageElement(message, this.view());
    const old = this.shown.get(id);
    if (!animate || old) element.style.animation = "none";
    element.classList.toggle("selected", this.chat.selected === id);
    if (old) old.replaceWith(element);
    else {
      list.querySelector(".intro")?.remove();
      if (!this.shown.size) list.append(el("li.day", {}, el("span", {}, day(message.date, this.chat.person.language_code))));
      const last = [...this.shown.values()].at(-1);
      if (last && last.classList.contains("mine") === element.classList.contains("mine")) element.classList.add("joined");
      const typing = list.querySelector(".typing");
      list.insertBefore(element, typing);
    }
    this.shown.set(id, element);
    if (animate) this.down(this.view().mine(message));
  }

  remove(id) {
    this.shown.get(id)?.remove();
    this.shown.delete(id);
  }

  refresh() {
    for (const id of this.shown.keys()) if (this.chat.messages.has(id)) this.put(this.chat.messages.get(id), false);
  }

  select(id) {
    this.chat.selected = id;
    for (const [number, element] of this.shown) element.classList.toggle("selected", number === id);
  }

  wait() {
    list.querySelector(".typing")?.remove();
    if (this.chat.waiting) {
      list.append(waitingElement(`${this.chat.title} ${this.chat.words.typing}`, this.chat.waiting.text));
      this.down();
    }
  }

  // Follows the conversation unless somebody is reading further up.
  down(always = false) {
    const far = list.scrollHeight - list.scrollTop - list.clientHeight;
    if (always || far < 320) requestAnimationFrame(() => { list.scrollTop = list.scrollHeight; });
  }

  async press(message, button, element) {
    element.classList.add("waiting");
    setTimeout(() => element.classList.remove("waiting"), 8000);
    try {
      const query = await act("press", { chat_id: this.chat.id, message_id: message.message_id, user_id: this.chat.speaker, data: button.callback_data });
      this.pressed = { id: query.id, element };
    } catch (error) {
      element.classList.remove("waiting");
      this.on.toast(error.message);
    }
  }

  answered(event) {
    if (this.pressed?.id === event.query_id) this.pressed.element.classList.remove("waiting");
    if (event.text) this.on.toast(event.text);
  }
}

function day(seconds, language) {
  const date = new Date(seconds * 1000);
  if (date.toDateString() !== new Date().toDateString()) return date.toLocaleDateString(language, { day: "numeric", month: "long" });
  const today = new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(0, "day");
  return today.charAt(0).toUpperCase() + today.slice(1);
}
