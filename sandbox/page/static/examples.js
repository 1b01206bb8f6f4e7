// Questions to click, with a word on what they show.

import { byId, el } from "./dom.js";

const KINDS = { safe: "Everyday question", held: "A specialist decides", emergency: "Emergency · nobody is called" };

export function drawExamples(examples, onChoose) {
  byId("examples").replaceChildren(...examples.map(({ kind, text }) =>
    el(`button.${kind}`, { type: "button", title: text, onclick: () => onChoose(text) },
      el("span.kind", { dir: "ltr" }, KINDS[kind] || ""), el("span.question", { dir: "auto" }, text))));
}
