// Small builders of elements. Words of people and of the bot only ever become text nodes.

const ICONS = {
  send: '<path d="M3.400 20.400 21 12 3.400 3.600 3.400 10.200 15 12 3.400 13.800z" fill="currentColor"/>',
  menu: '<path d="M4 7h16M4 12h16M4 17h10" />',
  sun: '<circle cx="12" cy="12" r="4.200"/><path d="M12 2.500v2.600M12 18.900v2.600M2.500 12h2.600M18.900 12h2.600M5.300 5.300l1.800 1.800M16.900 16.900l1.800 1.800M18.700 5.300l-1.800 1.800M7.100 16.900l-1.800 1.800"/>',
  moon: '<path d="M20 14.500A8.500 8.500 0 0 1 9.500 4 8.500 8.500 0 1 0 20 14.500z"/>',
  close: '<path d="M6 6l12 12M18 6 6 18"/>',
  check: '<path d="M5 12.500l4.500 4.500L19 7.500"/>',
  eye: '<path d="M2.500 12S6 5.500 12 5.500 21.500 12 21.500 12 18 18.500 12 18.500 2.500 12 2.500 12z"/><circle cx="12" cy="12" r="3"/>',
  hand: '<path d="M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM9.800 9v6M14.200 9v6"/>',
  stop: '<path d="M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM6 6l12 12"/>',
  alarm: '<path d="M12 3.500 22 20.500H2zM12 10v4.500M12 17.300v.2"/>',
  file: '<path d="M6 3h8l4 4v14H6zM14 3v4h4"/>',
  place: '<path d="M12 21s-6.500-6-6.500-11a6.500 6.500 0 0 1 13 0c0 5-6.500 11-6.500 11z"/><circle cx="12" cy="10" r="2.200"/>',
};

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  for (const [key, value] of Object.entries({
    viewBox: "0 0 24 24", fill: "none", stroke: "currentColor", "stroke-width": "1.900",
    "stroke-linecap": "round", "stroke-linejoin": "round", "aria-hidden": "true",
  })) svg.setAttribute(key, value);
  svg.innerHTML = ICONS[name];
  return svg;
}

export function ticks(two) {
  const svg = icon("check");
  svg.setAttribute("viewBox", "0 0 24 17");
  svg.innerHTML = `<path d="M2 9l4.500 4.500L15.500 3.500"/>${two ? '<path d="M11 12.200l1.500 1.300L21.500 3.500"/>' : ""}`;
  svg.setAttribute("stroke-width", "2");
  return svg;
}

// el("p.note", {title: "x", onclick: f}, "text", child)
export function el(name, properties = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  const element = document.createElement(tag || "div");
  if (classes.length) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key.includes("-") || key === "role" || key === "for") element.setAttribute(key, value);
    else element[key] = value;
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function avatar(name, id, small = false) {
  const letters = [...new Intl.Segmenter().segment(name.trim())];
  const face = el(`span.avatar.tone-${Math.abs(id) % 6}${small ? ".small" : ""}`, { "aria-hidden": "true" });
  face.textContent = letters.length ? letters[0].segment.toUpperCase() : "?";
  return face;
}

export function clock(seconds) {
  return new Date(seconds * 1000).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
}

export const byId = (id) => document.getElementById(id);
