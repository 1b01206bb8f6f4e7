// The message field: Enter sends, Arrow up edits the last message, "/" opens the menu of commands.

import { act } from "./wire.js";
import { avatar, byId, el, icon } from "./dom.js";
import { words } from "./bubble.js";

const form = byId("composer");

export class Composer {
  // `on` has: toast, spoken (somebody else speaks now)
  constructor(on) {
    this.on = on;
    this.context = null;
    this.commands = [];
  }

  async open(chat) {
    this.chat = chat;
    this.context = null;
    this.commands = [];
    this.draw();
    await this.refresh();
  }

  // What is typed stays; only the menu changes.
  async refresh() {
    const { chat } = this;
    try {
      const found = await chat.commands();
      if (this.chat === chat) this.commands = found;
    } catch (error) { this.on.toast(error.message); }
    if (this.menuButton) this.menuButton.hidden = !this.commands.length;
  }

  // Until the next chat is open nothing can be sent to the one before.
  close() {
    form.replaceChildren();
    byId("examples").replaceChildren();
  }

  draw() {
    const typed = this.field?.value && this.drawn === this.chat ? this.field.value : "";
    this.drawn = this.chat;
    form.dir = this.chat.direction;
    form.replaceChildren();
    if (this.chat.inGroup) form.append(this.speakers());
    if (!this.chat.messages.size && !this.chat.started && !this.chat.inGroup) {
      this.menuButton = null;
      const start = () => this.send(`/start ${this.chat.startWord || ""}`);
      form.append(el("button.start-button", { type: "button", id: "start", onclick: start }, this.chat.words.start));
      return;
    }
    if (this.context) form.append(this.contextLine());
    form.append(this.line(typed), ...this.replyKeys());
  }

  line(typed) {
    this.menuButton = el("button.icon-button", { type: "button", "aria-label": "Commands", "aria-expanded": "false", onclick: () => this.menu(this.commands), hidden: !this.commands.length }, icon("menu"));
    this.field = el("textarea", {
      id: "text", rows: 1, maxLength: 4096, dir: "auto", placeholder: this.chat.words.placeholder, value: typed,
      "aria-label": this.chat.words.placeholder, oninput: () => this.typed(), onkeydown: (event) => this.key(event),
    });
    this.sendButton = el("button.icon-button.send", { type: "submit", "aria-label": "Send", disabled: !typed.trim() }, icon("send"));
    return el("div.line", {}, this.menuButton, this.field, this.sendButton);
  }

  contextLine() {
    const label = this.context.kind === "edit" ? this.chat.words.edit : `${this.chat.words.reply}: ${this.context.message.from.first_name}`;
    const cancel = el("button.icon-button", { type: "button", "aria-label": "Cancel", onclick: () => this.cancel() }, icon("close"));
    return el("div.context", {}, el("div", {}, el("b", { dir: "auto" }, label), el("span", { dir: "auto" }, words(this.context.message))), cancel);
  }

  speakers() {
    const choose = (member) => { this.chat.speaker = member.id; this.draw(); this.on.spoken(); };
    const buttons = this.chat.members.map((member) =>
      el("button", { type: "button", "aria-pressed": String(member.id === this.chat.speaker), onclick: () => choose(member) },
        avatar(member.first_name, member.id, true), member.first_name));
    return el("div.speakers", { role: "group", "aria-label": "Who writes" }, "Write as", ...buttons);
  }

  replyKeys() {
    const rows = this.chat.keyboard?.keyboard;
    if (!rows) return [];
    const label = (button) => button.text || button;
    return [el("div.keys", {}, ...rows.map((row) => el("div.row", {}, ...row.map((button) =>
      el("button", { type: "button", onclick: () => this.send(label(button)) }, label(button))))))];
  }

  typed() {
    this.field.style.height = "auto";
    this.field.style.height = `${this.field.scrollHeight}px`;
    this.sendButton.disabled = !this.field.value.trim();
    const start = /^\/(\w*)$/.exec(this.field.value);
    const fitting = start ? this.commands.filter(({ command }) => command.startsWith(start[1].toLowerCase())) : [];
    this.menu(fitting, fitting.length > 0);
  }

  menu(commands, open = !form.querySelector(".menu")) {
    form.querySelector(".menu")?.remove();
    this.menuButton?.setAttribute("aria-expanded", String(open));
    if (!open) return;
    const item = ({ command, description }) => el("button", { type: "button", onclick: () => this.send(`/${command}`) },
      el("b", { dir: "ltr" }, `/${command}`), el("span", { dir: "auto" }, description));
    form.append(el("div.menu", { role: "group", "aria-label": "Commands" }, ...commands.map(item)));
  }

  key(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.send(this.field.value);
    } else if (event.key === "Escape") {
      this.menu([], false);
      this.cancel();
    } else if (event.key === "ArrowUp" && !this.field.value && !this.context) {
      const mine = [...this.chat.messages.values()].filter((m) => m.from.id === this.chat.speaker && m.text).at(-1);
      if (mine) { event.preventDefault(); this.edit(mine); }
    }
  }

  reply(message) { this.begin({ kind: "reply", message }, this.field?.value || ""); }

  edit(message) { this.begin({ kind: "edit", message }, message.text); }

  begin(context, text) {
    this.context = context;
    this.draw();
    this.field.value = text;
    this.typed();
    this.field.focus();
  }

  cancel() {
    if (!this.context) return;
    const wasEdit = this.context.kind === "edit";
    this.context = null;
    this.draw();
    if (wasEdit) { this.field.value = ""; this.typed(); }
    this.field.focus();
  }

  async send(text) {
    const said = text.trim();
    if (!said) return;
    const { chat, context } = this;
    chat.started = true;
    this.context = null;
    if (this.field) this.field.value = "";
    try {
      if (context?.kind === "edit") {
        if (said !== context.message.text) await act("edit", { chat_id: chat.id, user_id: chat.speaker, message_id: context.message.message_id, text: said });
      } else await chat.say(said, context?.message.message_id);
    } catch (error) { this.on.toast(error.message); }
    if (this.chat === chat) { this.draw(); this.field?.focus(); }
  }
}

form.addEventListener("submit", (event) => event.preventDefault());

export function listenToForm(composer) {
  form.addEventListener("submit", () => composer.send(composer.field?.value || ""));
  document.addEventListener("click", (event) => {
    if (!form.contains(event.target)) composer.menu([], false);
  });
}
