// Ticking rows, the bar that appears then, and handing the selection to a bulk dialog.
import { openDialog } from "./dialog.js";
import { isPlainClick } from "./page.js";

function boxes(form) {
  return [...form.querySelectorAll("input[data-select]")];
}

function refresh(form) {
  const all = boxes(form);
  const ticked = all.filter((box) => box.checked);
  if (ticked.length < all.length) delete form.dataset.everything;
  const everything = Boolean(form.dataset.everything);
  const bar = form.querySelector("[data-bulk-bar]");
  if (!bar) return;
  bar.hidden = !ticked.length;
  const count = everything ? Number(form.dataset.selectionCount) : ticked.length;
  bar.querySelector("[data-bulk-count]").textContent = count.toLocaleString(document.documentElement.lang);
  bar.querySelector("[data-select-all-pages]")?.setAttribute("aria-pressed", String(everything));
  const head = form.querySelector("[data-select-page]");
  head.checked = ticked.length === all.length && all.length > 0;
  head.indeterminate = ticked.length > 0 && ticked.length < all.length;
  all.forEach((box) => box.closest("tr").classList.toggle("is-selected", box.checked));
}

let last = null;

document.addEventListener("click", (event) => {
  const form = event.target.closest("[data-selection]");
  if (!form) return;
  const box = event.target.closest("input[data-select]");
  if (box) {
    const all = boxes(form);
    if (event.shiftKey && last && all.includes(last)) {
      const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
      all.slice(from, to + 1).forEach((one) => (one.checked = box.checked));
    }
    last = box;
  } else if (event.target.closest("[data-select-page]")) {
    boxes(form).forEach((one) => (one.checked = event.target.checked));
  } else if (event.target.closest("[data-select-none]")) {
    boxes(form).forEach((one) => (one.checked = false));
  } else if (event.target.closest("[data-select-all-pages]")) {
    boxes(form).forEach((one) => (one.checked = true));
    form.dataset.everything = "yes";
  } else if (event.target.closest("a[data-bulk]") && isPlainClick(event)) {
    event.preventDefault();
    const address = new URL(event.target.closest("a").href);
    if (form.dataset.everything) {
      address.searchParams.set("all", "1");
      address.searchParams.set("from", form.dataset.selectionFrom);
    } else {
      address.searchParams.set("ids", boxes(form).filter((one) => one.checked).map((one) => one.value).join(","));
    }
    openDialog(address.pathname + address.search);
    return;
  } else return;
  refresh(form);
});
document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-selection]")) event.preventDefault();
});
