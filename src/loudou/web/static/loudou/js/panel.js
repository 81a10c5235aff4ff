// The side panel: a row opens its record beside the list; the address remembers it, and back closes it.
import { panelAddress, showPanelInAddress } from "./history.js";
import { isPlainClick } from "./page.js";

const host = document.getElementById("panel-host");
const body = document.getElementById("panel");
const PHONE = matchMedia("(max-width: 767px)");

function listAddress() {
  return document.getElementById("list")?.dataset.listAddress ?? "";
}

/** Shorten a record's address: where it was opened from is known as long as the list is on the screen. */
function short(address) {
  const url = new URL(address, location.href);
  if (url.searchParams.get("from") === listAddress()) url.searchParams.delete("from");
  return url.pathname + url.search;
}

function complete(address) {
  const url = new URL(address, location.href);
  if (!url.searchParams.has("from") && url.searchParams.has("at") && listAddress()) url.searchParams.set("from", listAddress());
  return url.pathname + url.search;
}

/** Read a record into the panel without touching the address. */
async function show(address) {
  if (new URL(address, location.href).origin !== location.origin) return;
  await htmx.ajax("GET", complete(address), { target: "#panel", swap: "innerHTML" });
  if (!body.childElementCount) return;
  if (!host.open) {
    if (PHONE.matches) host.showModal();
    else host.show();
  }
  markRow();
  document.getElementById("panel-title")?.focus({ preventScroll: true });
}

function hide() {
  if (host?.open) host.close();
  body?.replaceChildren();
  document.querySelector("tr.is-open")?.classList.remove("is-open");
}

function markRow() {
  document.querySelector("tr.is-open")?.classList.remove("is-open");
  const open = body.querySelector("[data-record-url]")?.dataset.recordUrl;
  if (!open) return;
  const path = new URL(open, location.href).pathname;
  for (const link of document.querySelectorAll("#list a[data-panel]")) {
    if (link.pathname === path) link.closest("tr, [data-card]")?.classList.add("is-open");
  }
}

/** Open a record in the panel; a page without a panel goes there instead. */
export function openPanel(address) {
  if (!host) {
    location.assign(address);
    return;
  }
  showPanelInAddress(short(address));
  show(address);
}

/** Close the panel and put the focus back on its row. */
export function closePanel() {
  if (!host?.open) return;
  const row = document.querySelector("tr.is-open a[data-panel], .is-open a[data-panel]");
  showPanelInAddress("");
  hide();
  row?.focus();
}

document.addEventListener("click", (event) => {
  if (event.defaultPrevented || !isPlainClick(event)) return;
  const link = event.target.closest("a[data-panel]");
  if (link) {
    event.preventDefault();
    openPanel(link.href);
    return;
  }
  if (event.target.closest("[data-close-panel]")) {
    event.preventDefault();
    closePanel();
    return;
  }
  const row = event.target.closest("tr[data-row]");
  if (row && !event.target.closest("a, button, input, select, label, [data-cell]") && !getSelection()?.toString()) {
    row.querySelector("a[data-panel]")?.click();
  }
});
host?.addEventListener("cancel", (event) => {
  event.preventDefault();
  closePanel();
});
document.addEventListener("loudou:panel-address", () => {
  if (panelAddress()) show(panelAddress());
  else hide();
});
document.addEventListener("loudou:changed", () => {
  const open = body?.querySelector("[data-record-url]")?.dataset.recordUrl;
  if (host?.open && open) htmx.ajax("GET", open, { target: "#panel", swap: "innerHTML" });
});
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id === "list") markRow();
});
if (host && panelAddress()) show(panelAddress());
