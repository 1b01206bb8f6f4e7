// What the page knows of each chat: messages, who speaks, what is typed, what was learnt of a message.

import { act, get } from "./wire.js";

export class Chat {
  constructor(id, title, members, words, direction) {
    Object.assign(this, { id, title, members, words, direction });
    this.speaker = members[0].id;
    this.messages = new Map();
    this.reactions = new Map();
    this.pedigrees = new Map();
    this.updates = new Map();
    this.readUntil = 0;
    this.waiting = null;
    this.keyboard = null;
    this.unread = 0;
    this.selected = null;
    this.loaded = false;
  }

  get inGroup() { return this.id < 0; }

  get person() { return this.members.find((member) => member.id === this.speaker); }

  async load() {
    const found = await act("messages", { chat_id: this.id });
    for (const message of found) this.messages.set(message.message_id, message);
    this.readUntil = Math.max(this.readUntil, ...this.messages.keys(), 0);
    this.loaded = true;
  }

  commands() {
    return act("commands", { chat_id: this.id, user_id: this.speaker, language: this.person.language_code });
  }

  async profile() {
    this.about = (await act("profile", { language: this.person.language_code })).description;
  }

  say(text, replyTo) {
    const reply = replyTo ? { reply_to: replyTo } : {};
    return act("say", { chat_id: this.id, user_id: this.speaker, text, ...reply });
  }

  // The message of a person that a message belongs to: itself, or the last one before it.
  origin(message) {
    if (!message.from.is_bot) return message;
    const answered = message.reply_to_message;
    if (answered && !answered.from.is_bot) return this.messages.get(answered.message_id) || answered;
    const before = [...this.messages.values()].filter((m) => !m.from.is_bot && m.message_id < message.message_id);
    return before.at(-1) || null;
  }

  async pedigree(message) {
    const id = message.message_id;
    const found = await get(`/page/pedigree?chat_id=${this.id}&message_id=${id}`);
    // an answer on its way may be older than what an event has told meanwhile
    if (found && (found.disposition || !this.pedigrees.get(id)?.disposition)) this.pedigrees.set(id, found);
    return this.pedigrees.get(id) || null;
  }
}

export function allChats(start) {
  const { persona, words, group } = start.scenes;
  const chats = persona.map((one) => new Chat(one.id, start.bot.first_name, [one], words[one.language_code] || words.en, one.direction || "ltr"));
  if (start.group_id) {
    const members = group.members.map((id) => persona.find((one) => one.id === id));
    chats.push(new Chat(start.group_id, group.title, members, words.en, "ltr"));
  }
  return new Map(chats.map((chat) => [chat.id, chat]));
}
