// The filter bar: short addresses, counts on the filters that are set, finding a choice in a long list.

document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.verb !== "get") return;
  const { parameters } = event.detail;
  for (const name of [...new Set(Object.keys(parameters))]) {
    if (parameters[name] === "") delete parameters[name];
  }
});

function showCount(menu) {
  const summary = menu.querySelector("summary");
  const ticked = menu.querySelectorAll("input:checked:not([value=''])").length;
  const typed = [...menu.querySelectorAll("input:not([type=checkbox]):not([type=radio]):not([data-narrow]), select")].filter(
    (input) => input.name && input.value,
  ).length;
  const count = ticked + typed;
  let mark = summary.querySelector(".filter-count");
  summary.classList.toggle("is-set", count > 0);
  if (!count) {
    mark?.remove();
    return;
  }
  if (!mark) {
    mark = document.createElement("span");
    mark.className = "filter-count";
    summary.append(mark);
  }
  mark.textContent = String(count);
}

document.addEventListener("change", (event) => {
  const menu = event.target.closest?.("details.filter");
  if (menu) showCount(menu);
});
document.addEventListener("input", (event) => {
  const narrow = event.target.closest?.("[data-narrow]");
  if (!narrow) return;
  event.stopPropagation();
  const wanted = narrow.value.trim().toLowerCase();
  for (const choice of narrow.parentElement.querySelectorAll(".choice-list .form-check")) {
    choice.hidden = !choice.textContent.toLowerCase().includes(wanted);
  }
});
document.addEventListener(
  "keydown",
  (event) => {
    if (event.key === "Enter" && event.target.closest?.("[data-narrow]")) event.preventDefault();
  },
  true,
);
document.addEventListener("click", (event) => {
  const apply = event.target.closest("[data-columns-apply]");
  if (!apply) return;
  const box = apply.closest("[data-columns]");
  const address = new URL(box.dataset.address, location.href);
  const chosen = [...box.querySelectorAll("input:checked")].map((input) => input.value);
  address.searchParams.set("cols", chosen.join(","));
  location.assign(address);
});
