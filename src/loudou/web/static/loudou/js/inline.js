// Editing a cell where it stands: click, Enter or F2 opens the field; Enter or leaving it saves; Esc takes it back.

// The link in a cell knows its place in the filtered list; a cell that comes back from the server does not.
const places = new Map();

function edit(cell) {
  const link = cell.querySelector("a.row-link");
  if (link) places.set(cell.dataset.cell, link.getAttribute("href"));
  htmx.ajax("GET", cell.dataset.cell, { target: cell, swap: "outerHTML" });
}

function restore(cell) {
  cell.dataset.leaving = "yes";
  htmx.ajax("GET", `${cell.dataset.cell}?cell=1`, { target: cell, swap: "outerHTML" });
}

function save(form) {
  const cell = form.closest("td");
  if (cell.dataset.leaving) return;
  cell.dataset.leaving = "yes";
  form.requestSubmit();
}

// Enter submits by itself; without this the field's farewell would submit the form once more, past htmx.
document.addEventListener("submit", (event) => {
  const cell = event.target.closest?.("form[data-cell-form]")?.closest("td");
  if (cell) cell.dataset.leaving = "yes";
}, true);
// A save that did not arrive may be tried again.
for (const failure of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
  document.addEventListener(failure, (event) => delete event.target.closest?.("td.editing")?.dataset.leaving);
}
document.addEventListener("click", (event) => {
  const cell = event.target.closest("td.editable[data-cell]");
  if (cell && !event.target.closest("a")) edit(cell);
});
document.addEventListener("keydown", (event) => {
  const cell = event.target.closest?.("td[data-cell]");
  if (!cell) return;
  const opensRecord = event.key === "Enter" && event.target.closest("a, button");
  if (cell.matches(".editable") && !opensRecord && (event.key === "Enter" || event.key === "F2")) {
    event.preventDefault();
    edit(cell);
  } else if (cell.matches(".editing") && event.key === "Escape") {
    event.preventDefault();
    event.stopPropagation();
    restore(cell);
  }
});
document.addEventListener("change", (event) => {
  const form = event.target.closest?.("form[data-cell-form]");
  if (form && event.target.matches("select, [type=checkbox], [type=radio]")) save(form);
});
document.addEventListener("focusout", (event) => {
  const form = event.target.closest?.("form[data-cell-form]");
  if (!form || form.contains(event.relatedTarget)) return;
  const field = event.target;
  const untouched = field.matches("select") ? true : field.value === field.defaultValue;
  if (untouched) restore(form.closest("td"));
  else save(form);
});
document.addEventListener("htmx:afterSettle", (event) => {
  const cell = event.detail.elt;
  if (!cell.matches?.("td[data-cell]")) return;
  const field = cell.querySelector("input:not([type=hidden]), select, textarea");
  if (cell.matches(".editing")) {
    field?.focus();
    if (field?.matches("input:not([type=date])")) field.select?.();
  } else {
    const link = cell.querySelector("a.row-link");
    if (link && places.has(cell.dataset.cell)) link.setAttribute("href", places.get(cell.dataset.cell));
    cell.focus();
  }
});
