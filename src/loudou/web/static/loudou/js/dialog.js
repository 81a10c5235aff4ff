// Dialogs: any link with `data-dialog` opens its page in one; forms inside post into it.
import { isPlainClick, text } from "./page.js";
import { forgetChanges, hasChanges } from "./guard.js";

const host = document.getElementById("dialog-host");
const body = document.getElementById("dialog");

/** Show the dialog when something was put into it. */
export function showDialog() {
  if (body.childElementCount && !host.open) host.showModal();
}

/** Open the page at an address in the dialog. */
export async function openDialog(address) {
  await htmx.ajax("GET", address, { target: "#dialog", swap: "innerHTML" });
  showDialog();
  (body.querySelector("[autofocus], input:not([type=hidden]), select, textarea") ?? body.querySelector("button"))?.focus();
}

/** Close the dialog, after asking when something typed would be lost. */
export async function closeDialog({ ask = true } = {}) {
  if (!host?.open) return;
  if (ask && hasChanges(body) && !(await confirmed(text("unsaved")))) return;
  forgetChanges(body);
  host.close();
  body.replaceChildren();
}

/** Ask a yes-or-no question; resolves to the answer. */
export function confirmed(question) {
  const asking = document.createElement("dialog");
  asking.className = "dialog dialog-small";
  asking.setAttribute("role", "alertdialog");
  const words = document.createElement("p");
  words.textContent = question;
  words.id = "question";
  asking.setAttribute("aria-labelledby", words.id);
  const buttons = document.createElement("form");
  buttons.method = "dialog";
  buttons.className = "form-buttons";
  for (const [value, label, css] of [["yes", text("yes"), "btn btn-primary"], ["no", text("cancel"), "btn"]]) {
    const button = document.createElement("button");
    button.value = value;
    button.className = css;
    button.textContent = label;
    buttons.append(button);
  }
  asking.append(words, buttons);
  document.body.append(asking);
  asking.showModal();
  return new Promise((resolve) => {
    asking.addEventListener("close", () => {
      asking.remove();
      resolve(asking.returnValue === "yes");
    });
  });
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-dialog]");
  if (link && isPlainClick(event)) {
    event.preventDefault();
    const address = new URL(link.href);
    // A link may hand over what the list shows, as one parameter.
    if (link.dataset.withState) address.searchParams.set(link.dataset.withState, location.search.slice(1));
    document.getElementById("palette-host")?.close();
    openDialog(address.pathname + address.search);
  } else if (event.target.closest("[data-close-dialog]") || event.target === host) {
    closeDialog();
  }
});
host?.addEventListener("cancel", (event) => {
  event.preventDefault();
  closeDialog();
});
document.addEventListener("loudou:done", () => closeDialog({ ask: false }));
