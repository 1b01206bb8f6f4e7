// Beside the chat: what the product says happened to a message. It shows what it is given and leaves out what is missing.

import { byId, el, icon } from "./dom.js";
import { words } from "./bubble.js";
import { CATEGORIES, CAUSES, DISPOSITIONS, GRADES, KINDS, MARKS, STATES, STEPS, milliseconds, readable } from "./meanings.js";

const body = byId("insight-body");

const PATH = [
  ["Received", "The message is written down before Telegram is told that it arrived."],
  ["Screened", "Rules look for emergencies, danger and personal medical questions."],
  ["Drafted", "An answer is put together from cited knowledge only."],
  ["Checked", "Every check can only make it more careful, never less."],
  ["Decided", "Said, said and reviewed, declined, or held for a specialist."],
];

function part(title, note, ...children) {
  return el("section.part", {}, el("h3", {}, title, note ? el("small", {}, note) : null), ...children);
}

function known(disposition) {
  return DISPOSITIONS[String(disposition || "").toUpperCase()];
}

function decision(data) {
  const meaning = known(data.disposition);
  if (!meaning && data.update?.state === "done") return el("div.working", {}, "Dealt with; there was nothing to answer or to check.");
  if (!meaning && data.update?.state === "aside") return el("div.working", {}, "Set aside after several attempts; a person has to look at it.");
  if (!meaning) return el("div.working", {}, el("span.dots", {}, el("i"), el("i"), el("i")), "Received, not decided yet");
  const facts = el("div.facts");
  if (data.category) facts.append(el("span", {}, CATEGORIES[data.category] || readable(data.category)));
  if (data.category !== String(data.disposition).toLowerCase()) facts.append(el("span", {}, readable(String(data.disposition).toLowerCase())));
  const total = inAll(data);
  if (total) facts.append(el("span", {}, `${milliseconds(total)} in all`));
  const title = el("h3", {}, icon(meaning.icon), meaning.title);
  return el(`div.decision.tone-${meaning.tone}`, {}, title, el("p", {}, meaning.text), facts);
}

function inAll({ timings, deliveries }) {
  const parts = Object.values(timings || {}).filter((value) => typeof value === "number");
  const said = (deliveries || []).find((one) => typeof one.ms === "number");
  return timings?.total ?? timings?.total_ms ?? parts.reduce((sum, value) => sum + value, said ? said.ms : 0);
}

function check(verdict) {
  const meaning = known(verdict.asks) || DISPOSITIONS.SEND;
  const name = readable(verdict.check);
  const row = el(`li.tone-${meaning.tone}`, {}, icon(meaning.icon), el("span", { title: verdict.version ? `version ${verdict.version}` : null }, name));
  row.append(el("span.chip", {}, readable(String(verdict.asks || "send").toLowerCase())));
  if (verdict.reason) row.append(el("span.reason", { dir: "auto" }, verdict.reason));
  return row;
}

function checks(verdicts) {
  if (!verdicts.length) return null;
  const calm = verdicts.filter((verdict) => String(verdict.asks || "SEND").toUpperCase() === "SEND");
  const strict = verdicts.filter((verdict) => !calm.includes(verdict));
  const content = [];
  if (strict.length) content.push(el("ul.checks", {}, ...strict.map(check)));
  if (calm.length) {
    const title = `${calm.length} ${calm.length === 1 ? "check" : "checks"} found nothing to object to`;
    content.push(el("details", { open: !strict.length && calm.length < 6 }, el("summary", {}, title), el("ul.checks", {}, ...calm.map(check))));
  }
  return part("Checks", `${verdicts.length}`, ...content);
}

function source(item) {
  const grade = item.grade ? el("span.grade", { title: GRADES[item.grade] || item.grade }, item.grade) : null;
  const url = /^https?:/.test(item.url || "") ? item.url : null;
  const name = item.title || item.url || item.id;
  return el("li", {}, grade, url ? el("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, name) : name);
}

function passages(found) {
  if (!found.length) return null;
  const card = (passage) => el("article.card", {}, el("header", {}, el("b", { dir: "auto" }, passage.title || passage.id)),
    passage.text ? el("p", { dir: "auto" }, passage.text) : null,
    el("ul.sources", {}, ...(passage.sources || []).map(source)), el("div.fine", {}, passage.id));
  return part("Knowledge used", `${found.length} ${found.length === 1 ? "passage" : "passages"}`, el("div.cards", {}, ...found.map(card)));
}

function draft(data) {
  if (!data.draft?.text) return null;
  const held = String(data.disposition).toUpperCase() === "HOLD";
  const card = el(`article.card${held ? ".waiting" : ""}`, {},
    el("header", {}, el("b", {}, held ? "Waits for a specialist" : "As it was drafted"), data.draft.backend ? el("span.chip.tone-decline", {}, readable(data.draft.backend)) : null),
    el("p.words.long", { dir: "auto", tabIndex: 0 }, data.draft.text));
  return part("Draft", held ? "not said" : "", card);
}

function delivery(one) {
  const tone = { sent: "send", refused: "emergency", uncertain: "hold" }[one.state] || "decline";
  const mark = one.mark === "none" ? "" : MARKS[one.mark] || one.mark;
  const notes = [mark, one.ms !== undefined && one.ms !== null && milliseconds(one.ms)].filter(Boolean).join(" · ");
  return el("article.card", {},
    el("header", {}, el("b", {}, KINDS[one.kind] || readable(one.kind || "text")), el(`span.chip.tone-${tone}`, {}, STATES[one.state] || one.state || "")),
    notes ? el("p", { dir: "auto" }, notes) : null,
    el("p.words.long", { dir: "auto", tabIndex: 0 }, one.text || ""),
    one.hash ? el("div.fine", { title: "These very words are bound to this hash" }, String(one.hash).slice(0, 16)) : null);
}

function deliveries(list) {
  return list.length ? part("What was said", `${list.length}`, el("div.cards", {}, ...list.map(delivery))) : null;
}

function reviewCase(one) {
  if (!one) return null;
  const rows = [
    ["Why", CAUSES[one.cause] || readable(one.cause || "")],
    ["Whose eyes", (one.lenses || []).map(readable).join(", ")],
    ["Due", one.due_at ? new Date(one.due_at).toLocaleString([], { dateStyle: "medium", timeStyle: "short" }) : ""],
    ["State", readable(one.state || "")],
  ].filter(([, value]) => value);
  return part("Case for a specialist", "", el("article.card", {}, ...rows.map(([name, value]) => el("header", {}, el("span", {}, name), el("b", {}, value)))));
}

function times(timings) {
  const rows = Object.entries(timings).filter(([name, value]) => typeof value === "number" && !/^total/.test(name));
  if (!rows.length) return null;
  const longest = Math.max(...rows.map(([, value]) => value), 0.1);
  const row = ([name, value]) => el("li", {}, el("span", {}, STEPS[name] || readable(name.replace(/_ms$/, ""))),
    el("meter", { min: 0, max: longest, value, "aria-label": milliseconds(value) }), el("span", {}, milliseconds(value)));
  return part("Time", "", el("ul.times", {}, ...rows.map(row)));
}

function numbers(data) {
  const ids = ["update", "turn"].filter((name) => data[name]).map((name) => `${name} ${data[name].update_id ?? data[name].id ?? data[name]}`);
  return ids.length ? el("p.fine", {}, ids.join(" · ")) : null;
}

function asked(message) {
  return el("p.asked", { dir: "auto" }, words(message));
}

export function showNothing(asks) {
  const step = ([title, text], at) => el("li", {}, el("span.number", { "aria-hidden": "true" }, String(at + 1)), el("span", {}, el("b", {}, title), text));
  const text = asks
    ? "Send a message, or click an example question. Each step that it went through appears here, live."
    : "No product is connected to this page, so there is nothing to tell about a message.";
  body.replaceChildren(el("div.empty", {}, el("h3", {}, "Nothing yet"), el("p", {}, text), el("ol.path", {}, ...PATH.map(step))));
}

export function showWaiting(message, asks) {
  const dots = el("span.dots", { "aria-hidden": "true" }, el("i"), el("i"), el("i"));
  const state = asks ? el("div.working", {}, dots, "Waiting for word of this message") : el("div.working", {}, "No product is connected to this page.");
  body.replaceChildren(asked(message), state);
}

export function showUnknown(message) {
  body.replaceChildren(asked(message), el("div.working", {}, "Nothing is kept about this message. Commands, buttons and what is said before consent leave no trace here."));
}

export function show(message, data) {
  const top = body.dataset.message === String(message.message_id) ? body.scrollTop : 0;
  body.dataset.message = message.message_id;
  const parts = [asked(message), decision(data), reviewCase(data.case), checks(data.verdicts || []), passages(data.passages || []), draft(data), deliveries(data.deliveries || []), times(data.timings || {}), numbers(data)];
  body.replaceChildren(...parts.filter(Boolean));
  body.scrollTop = top;
}
