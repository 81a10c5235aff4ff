// The import wizard: dropping a file, saying early that it is too large, and taking up a suggestion.

const tooLarge = (form, file) => file && file.size > Number(form.dataset.limit);

const showFile = (form) => {
  const [file] = form.querySelector("input[type=file]").files;
  const name = form.querySelector("[data-drop-name]");
  const problem = form.querySelector("[data-upload-problem]");
  name.textContent = file ? file.name : name.dataset.empty;
  problem.hidden = !tooLarge(form, file);
  problem.textContent = problem.hidden ? "" : form.dataset.tooLarge;
  form.querySelector("[data-save-button]").disabled = !problem.hidden;
};

document.addEventListener("change", (event) => {
  const form = event.target.closest("[data-upload]");
  if (form && event.target.type === "file") showFile(form);
});

for (const kind of ["dragenter", "dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    const zone = event.target.closest?.("[data-drop]");
    if (!zone) return;
    event.preventDefault();
    zone.classList.toggle("is-over", kind === "dragenter" || kind === "dragover");
    if (kind !== "drop" || !event.dataTransfer.files.length) return;
    const form = zone.closest("[data-upload]");
    form.querySelector("input[type=file]").files = event.dataTransfer.files;
    showFile(form);
  });
}

const take = (button) => {
  const row = button.closest("tr");
  row.querySelector("[data-do]").value = "map";
  row.querySelector("[data-to]").value = button.dataset.use;
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-use]");
  if (button) take(button);
  if (event.target.closest("[data-use-all]")) {
    const waiting = event.target.closest("[data-values]").querySelectorAll("[data-use]");
    for (const each of waiting) if (!each.closest("tr").querySelector("[data-do]").value) take(each);
  }
});

document.addEventListener("input", (event) => {
  if (!event.target.matches?.("[data-to]") || !event.target.value) return;
  event.target.closest("tr").querySelector("[data-do]").value = "map";
});

// Choosing a person or a team says that this is the way of owning.
document.addEventListener("change", (event) => {
  const way = event.target.dataset?.ownedBy;
  if (way) event.target.form.querySelector(`input[name=owned_by][value=${way}]`).checked = true;
});
