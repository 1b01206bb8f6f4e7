// Light or dark: as the system says until the button is used.

import { icon } from "./dom.js";

const dark = matchMedia("(prefers-color-scheme: dark)");

function current() {
  return document.documentElement.dataset.theme || (dark.matches ? "dark" : "light");
}

export function theme(button) {
  const draw = () => button.replaceChildren(icon(current() === "dark" ? "sun" : "moon"));
  const kept = localStorage.getItem("theme");
  if (kept) document.documentElement.dataset.theme = kept;
  button.addEventListener("click", () => {
    const next = current() === "dark" ? "light" : "dark";
    document.documentElement.dataset.theme = next;
    localStorage.setItem("theme", next);
    draw();
  });
  dark.addEventListener("change", draw);
  draw();
}
