// Forms: acts that stay on the page, confirmation, one submit per click.
import { confirmed } from "./dialog.js";

const RELEASE = 4000;

document.addEventListener("submit", async (event) => {
  const form = event.target;
  const button = event.submitter;
  if (form.dataset.confirm && !form.dataset.confirmed) {
    event.preventDefault();
    event.stopImmediatePropagation();
    if (await confirmed(form.dataset.confirm)) {
      form.dataset.confirmed = "yes";
      form.requestSubmit(button ?? undefined);
      delete form.dataset.confirmed;
    }
    return;
  }
  if (form.matches("[data-act]")) {
    event.preventDefault();
    const values = button?.name ? { [button.name]: button.value } : {};
    htmx.ajax("POST", form.action, { source: form, swap: "none", values });
  }
  if (button && form.method === "post") {
    // The server ignores a second click as well; this only shows that the first one counted.
    button.setAttribute("aria-busy", "true");
    setTimeout(() => button.removeAttribute("aria-busy"), RELEASE);
  }
}, true);

document.addEventListener("click", (event) => {
  if (event.target.closest("[aria-busy=true]")) event.preventDefault();
}, true);
document.addEventListener("htmx:afterRequest", () => {
  document.querySelectorAll("button[aria-busy=true]").forEach((button) => button.removeAttribute("aria-busy"));
});
document.addEventListener("htmx:afterSwap", (event) => {
  event.target.querySelector?.(".is-invalid, .conflict input")?.focus();
});
// A value that is one click away: `data-puts` names the field, `data-value` says what goes into it.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-puts]");
  const field = button?.closest("form")?.elements[button.dataset.puts];
  if (!field) return;
  field.value = button.dataset.value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new Event("change", { bubbles: true }));
});
