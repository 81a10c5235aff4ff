// A page about one record reads itself again when something on it was changed (`data-refreshes`, with an id).
import { pageAddress } from "./history.js";

document.addEventListener("loudou:changed", () => {
  const whole = document.querySelector("#page[data-refreshes]");
  const parts = whole ? [whole] : [...document.querySelectorAll("[data-refreshes]")];
  for (const part of parts) {
    const itself = `#${part.id}`;
    htmx.ajax("GET", pageAddress(), { target: itself, select: itself, swap: "outerHTML" });
  }
});
