// Menus are <details class="menu">: they open without JavaScript; here they close like menus do, and stay on the screen.

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

function settle(menu) {
  const content = menu.querySelector(".menu-body");
  content.classList.remove("menu-end");
  if (content.getBoundingClientRect().right > document.documentElement.clientWidth - 8) content.classList.add("menu-end");
  menu.querySelector("[data-narrow]")?.focus();
}
document.addEventListener(
  "toggle",
  (event) => {
    const menu = event.target;
    if (menu instanceof HTMLDetailsElement && menu.open && menu.matches(".menu")) settle(menu);
  },
  true,
);
// Some menus get their content when they are opened; meanwhile the focus stays on their button.
document.addEventListener("htmx:load", (event) => {
  const menu = event.target.closest?.("details.menu[open]");
  if (menu && document.activeElement === menu.querySelector("summary")) settle(menu);
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details.menu[open]");
  if (!menu) return;
  event.preventDefault();
  menu.open = false;
  menu.querySelector("summary").focus();
});
