// Groups of a list: their button shows and hides the rows, which htmx brings when it is pressed first.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-fold]");
  if (!button) return;
  const isOpen = button.getAttribute("aria-expanded") === "true";
  button.setAttribute("aria-expanded", String(!isOpen));
  document.getElementById(button.getAttribute("aria-controls")).hidden = isOpen;
});
