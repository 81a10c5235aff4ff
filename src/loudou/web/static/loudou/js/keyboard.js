// Keys. Letters only outside of fields, nothing that the browser uses itself.
import { openDialog } from "./dialog.js";
import { isTyping } from "./page.js";
import { openPalette } from "./palette.js";
import { closePanel } from "./panel.js";

const dialogHost = document.getElementById("dialog-host");
const panelHost = document.getElementById("panel-host");

function scope() {
  if (dialogHost?.open) return dialogHost;
  if (panelHost?.open) return panelHost;
  return document.getElementById("content");
}

function save() {
  const form = scope()?.querySelector("form[data-save]") ?? document.querySelector("form[data-save]");
  form?.requestSubmit(document.querySelector(`[data-save-button][form="${form.id}"]`) ?? undefined);
  return Boolean(form);
}

function edit() {
  const address = (panelHost?.open && panelHost.querySelector("[data-edit-url]")?.dataset.editUrl) || document.getElementById("content")?.dataset.editUrl;
  if (address) openDialog(address);
  return Boolean(address);
}

function move(direction) {
  const step = scope()?.querySelector(`[data-walk="${direction > 0 ? "next" : "previous"}"]`);
  if (step) {
    step.click();
    return true;
  }
  const rows = [...document.querySelectorAll("#list [data-rows] tr")];
  if (!rows.length) return false;
  const now = rows.findIndex((row) => row.contains(document.activeElement));
  const next = rows[Math.min(rows.length - 1, Math.max(0, now < 0 ? (direction > 0 ? 0 : rows.length - 1) : now + direction))];
  (next.querySelector(".row-link") ?? next.querySelector("[tabindex], input"))?.focus();
  next.scrollIntoView({ block: "nearest" });
  return true;
}

function click(selector) {
  const target = document.querySelector(selector);
  target?.click();
  return Boolean(target);
}

const LETTERS = {
  "/": () => (openPalette(), true),
  "?": () => (openDialog(document.body.dataset.helpUrl), true),
  n: () => click("#content [data-new]"),
  e: edit,
  l: () => {
    const log = scope()?.querySelector("[data-logs]");
    log?.click();
    return Boolean(log);
  },
  b: () => {
    const playbook = scope()?.querySelector("[data-playbook]");
    playbook?.click();
    return Boolean(playbook);
  },
  j: () => move(1),
  k: () => move(-1),
  x: () => {
    const box = document.activeElement?.closest("tr")?.querySelector("input[data-select]");
    box?.click();
    return Boolean(box);
  },
};

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.defaultPrevented) return;
  const control = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
  let handled = false;
  if (control && event.key.toLowerCase() === "k") handled = (openPalette(), true);
  else if (control && event.key.toLowerCase() === "s") handled = save();
  else if (control && event.key === "Enter") handled = save();
  else if (event.key === "Escape" && !dialogHost?.open && panelHost?.open && !isTyping(event.target)) handled = (closePanel(), true);
  else if (!event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(event.target) && !document.querySelector("dialog:modal[open]")) {
    handled = LETTERS[event.key]?.() ?? false;
  }
  if (handled) event.preventDefault();
});
