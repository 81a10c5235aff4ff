// Small tables that are edited as a whole: one more row, one row less. Fields of a new row get the next free number.

function renumber(row, number) {
  for (const field of row.querySelectorAll("[name], [id], [for]")) {
    for (const attribute of ["name", "id", "for"]) {
      const value = field.getAttribute(attribute);
      if (value?.endsWith("_new")) field.setAttribute(attribute, value.replace(/_new$/, `_${number}`));
    }
  }
}

document.addEventListener("click", (event) => {
  const add = event.target.closest("[data-add-row]");
  if (add) {
    const form = add.closest("form");
    const body = form.querySelector("[data-rows-form] tbody");
    const row = form.querySelector("template[data-blank-row]").content.firstElementChild.cloneNode(true);
    const number = Number(body.dataset.next ?? body.rows.length);
    body.dataset.next = String(number + 1);
    renumber(row, number);
    body.append(row);
    row.querySelector("input:not([type=hidden]), select")?.focus();
    form.dispatchEvent(new Event("input", { bubbles: true }));
  }
  const remove = event.target.closest("[data-remove-row]");
  if (remove) {
    const form = remove.closest("form");
    const body = form.querySelector("[data-rows-form] tbody");
    body.dataset.next ??= String(body.rows.length);
    remove.closest("tr").remove();
    form.dispatchEvent(new Event("input", { bubbles: true }));
  }
});
