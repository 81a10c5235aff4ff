// Ctrl-K: search records, pages and actions; arrow keys choose, Enter goes.
import { isPlainClick } from "./page.js";

const host = document.getElementById("palette-host");

/** Open the palette. */
export async function openPalette() {
  if (!host || host.open) return;
  const address = document.body.dataset.paletteUrl;
  await htmx.ajax("GET", address, { target: "#palette", swap: "innerHTML" });
  host.showModal();
  choose(0);
  document.getElementById("palette-q")?.focus();
}

function hits() {
  return [...host.querySelectorAll("[role=option]")];
}

function choose(index) {
  const all = hits();
  all.forEach((hit, place) => hit.setAttribute("aria-selected", String(place === index)));
  const chosen = all[index];
  chosen?.scrollIntoView({ block: "nearest" });
  const input = document.getElementById("palette-q");
  if (chosen) input?.setAttribute("aria-activedescendant", chosen.id);
  else input?.removeAttribute("aria-activedescendant");
}

host?.addEventListener("keydown", (event) => {
  const all = hits();
  const now = all.findIndex((hit) => hit.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown") choose((now + 1) % all.length);
  else if (event.key === "ArrowUp") choose((now - 1 + all.length) % all.length);
  else if (event.key === "Enter" && !event.isComposing && all[now]) all[now].click();
  else return;
  event.preventDefault();
});
host?.addEventListener("click", (event) => {
  if (event.target === host || event.target.closest("a:not([data-dialog])")) host.close();
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.id === "palette-results") choose(0);
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-palette]") && isPlainClick(event)) {
    event.preventDefault();
    openPalette();
  }
});
