// A message's text with its entities (offsets in UTF-16 units, as JavaScript counts) as elements.

import { el } from "./dom.js";

const PLAIN = {
  bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", pre: "pre",
  blockquote: "blockquote", expandable_blockquote: "blockquote",
};

function safe(url) {
  return /^(https?|tel|mailto):/i.test(url) ? url : null;
}

function link(url) {
  return el("a", { href: url, target: "_blank", rel: "noopener noreferrer" });
}

function wrapper(entity, words, onCommand) {
  if (PLAIN[entity.type]) return el(PLAIN[entity.type]);
  if (entity.type === "spoiler") return el("span.spoiler", { tabIndex: 0 });
  if (entity.type === "bot_command") {
    return el("button.command", { type: "button", onclick: (event) => { event.stopPropagation(); onCommand(words); } });
  }
  const target = { text_link: entity.url, url: words, email: `mailto:${words}`, phone_number: `tel:${words}` }[entity.type];
  return target && safe(target) ? link(safe(target)) : el("span");
}

export function formatted(text, entities = [], onCommand = () => {}) {
  const root = el("span.text", { dir: "auto" });
  const edges = new Set([0, text.length]);
  for (const { offset, length } of entities) edges.add(offset).add(Math.min(offset + length, text.length));
  const points = [...edges].sort((a, b) => a - b);
  let open = [];
  let top = root;
  for (let i = 0; i + 1 < points.length; i += 1) {
    const [start, end] = [points[i], points[i + 1]];
    const active = entities.filter((e) => e.offset <= start && e.offset + e.length >= end);
    if (active.length !== open.length || active.some((entity, at) => entity !== open[at])) {
      top = root;
      for (const entity of active) {
        const next = wrapper(entity, text.slice(entity.offset, entity.offset + entity.length), onCommand);
        top.append(next);
        top = next;
      }
      open = active;
    }
    top.append(text.slice(start, end));
  }
  return root;
}
