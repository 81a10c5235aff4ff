// What was typed into a form with `data-guard` is not lost without a question.

const changed = new WeakSet();

document.addEventListener("input", (event) => {
  const form = event.target.closest?.("form[data-guard]");
  if (form) changed.add(form);
});
document.addEventListener("submit", (event) => changed.delete(event.target));

/** Whether a form inside the element holds something unsaved. */
export function hasChanges(root) {
  return [...(root?.querySelectorAll("form[data-guard]") ?? [])].some((form) => changed.has(form));
}

/** Let the forms inside the element go without a question. */
export function forgetChanges(root) {
  root?.querySelectorAll("form[data-guard]").forEach((form) => changed.delete(form));
}

document.addEventListener("htmx:afterSwap", (event) => {
  // A form that came back with errors still holds what was typed.
  event.target.querySelectorAll?.("form[data-guard] .is-invalid, form[data-guard] .conflict").forEach((field) => changed.add(field.closest("form")));
});

addEventListener("beforeunload", (event) => {
  if (hasChanges(document)) event.preventDefault();
});
