// Short messages: they leave by themselves, except refusals, which stay until they are closed.
import { text } from "./page.js";

const LASTS = 5000;
const host = document.getElementById("toasts");

function keepOnTop() {
  // The top layer is a stack: showing it again puts the messages above an open dialog.
  if (!host.showPopover) return;
  if (host.matches(":popover-open")) host.hidePopover();
  if (host.childElementCount) host.showPopover();
}

function leaveLater(toast) {
  if (toast.dataset.timed) return;
  toast.dataset.timed = "yes";
  if (!toast.classList.contains("toast-error")) setTimeout(() => remove(toast), LASTS);
}

function remove(toast) {
  toast.remove();
  if (!host.childElementCount && host.matches(":popover-open")) host.hidePopover();
}

/** Show a message; `level` is success, info, warning or error. */
export function toast(message, level = "info") {
  const item = document.createElement("div");
  item.className = `toast-item toast-${level}`;
  item.dataset.toast = "";
  if (level === "error") item.setAttribute("role", "alert");
  const words = document.createElement("span");
  words.textContent = message;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "btn-close";
  close.dataset.dismiss = "";
  close.setAttribute("aria-label", text("close"));
  item.append(words, close);
  host.append(item);
}

new MutationObserver(() => {
  host.querySelectorAll("[data-toast]").forEach(leaveLater);
  keepOnTop();
}).observe(host, { childList: true });

host.querySelectorAll("[data-toast]").forEach(leaveLater);
keepOnTop();
host.addEventListener("click", (event) => {
  const close = event.target.closest("[data-dismiss]");
  if (close) remove(close.closest("[data-toast]"));
});
document.addEventListener("loudou:toast", (event) => toast(event.detail.message, event.detail.level));
document.addEventListener("htmx:sendError", () => toast(text("failed"), "error"));
document.addEventListener("htmx:timeout", () => toast(text("failed"), "error"));
document.addEventListener("htmx:responseError", (event) => {
  toast(text(event.detail.xhr.status === 503 ? "unavailable" : "broken"), "error");
});
