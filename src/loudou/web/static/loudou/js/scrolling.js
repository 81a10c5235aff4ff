// What is wider than its place can be scrolled by keyboard: while it is, one can go to it with Tab.
import { whenAdded } from "./page.js";

const sizes = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
  }
});

whenAdded(".table-responsive, .stage-bar", (element) => sizes.observe(element));
// Of tabs that do not fit, the current one is in sight.
whenAdded(".view-tab[aria-current]", (tab) => {
  const tabs = tab.parentElement;
  const [inside, whole] = [tab.getBoundingClientRect(), tabs.getBoundingClientRect()];
  if (inside.right > whole.right) tabs.scrollLeft += inside.left - whole.left - 24;
});
