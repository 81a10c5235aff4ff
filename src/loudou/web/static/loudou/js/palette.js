// Ctrl-K: search records, pages and actions; arrow keys choose, Enter goes. The field is part of the page, so that it
// takes the first letter typed; only what it finds comes from the server.
import { isPlainClick } from "./page.js";

const host = document.getElementById("palette-host");
const input = document.getElementById("palette-q");
const results = document.getElementById("palette-results");
let isBehind = false; // what is listed does not answer what the field says
let goes = false; // Enter was pressed meanwhile: go to the first hit when it comes

/** Open the palette. */
export function openPalette() {
  if (!host || host.open) return;
  input.value = "";
  results.replaceChildren();
  goes = false;
  host.showModal();
  input.focus();
  ask();
}

function ask() {
  isBehind = true;
  htmx.trigger(input, "palette:ask");
}

function hits() {
  return [...results.querySelectorAll("[role=option]")];
}

function choose(index) {
  const all = hits();
  all.forEach((hit, place) => hit.setAttribute("aria-selected", String(place === index)));
  const chosen = all[index];
  chosen?.scrollIntoView({ block: "nearest" });
  if (chosen) input.setAttribute("aria-activedescendant", chosen.id);
  else input.removeAttribute("aria-activedescendant");
}

function enter(chosen) {
  if (isBehind) goes = true;
  else chosen?.click();
}

input?.addEventListener("input", () => {
  isBehind = true;
  goes = false;
});
host?.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  const all = hits();
  const now = all.findIndex((hit) => hit.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown") choose((now + 1) % all.length);
  else if (event.key === "ArrowUp") choose((now - 1 + all.length) % all.length);
  else if (event.key === "Enter") enter(all[now]);
  else return;
  event.preventDefault();
});
host?.addEventListener("click", (event) => {
  if (event.target === host || event.target.closest("a:not([data-dialog])")) host.close();
});
host?.addEventListener("close", () => input.blur()); // at once: the next key belongs to the page
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target !== results) return;
  isBehind = new URLSearchParams(event.detail.pathInfo.finalRequestPath.split("?")[1]).get("q") !== input.value;
  choose(0);
  if (goes && !isBehind) enter(hits()[0]);
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-palette]") && isPlainClick(event)) {
    event.preventDefault();
    openPalette();
  }
});
