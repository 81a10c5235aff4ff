// The address says what is on the screen. Filters and pages push an address; an open side panel is its `panel` parameter.

const PANEL = "panel";

/** Address of the page without the panel, as text. */
export function pageAddress(address = location.href) {
  const url = new URL(address, location.href);
  url.searchParams.delete(PANEL);
  return url.pathname + url.search;
}

/** Record that the panel shows, '' when none does. */
export function panelAddress() {
  return new URL(location.href).searchParams.get(PANEL) ?? "";
}

let shown = pageAddress();

/** Put the panel's record into the address as a new step of the history. */
export function showPanelInAddress(record) {
  if (record === panelAddress()) return;
  const url = new URL(location.href);
  if (record) url.searchParams.set(PANEL, record);
  else url.searchParams.delete(PANEL);
  history.pushState(null, "", url);
}

// htmx's own history keeps snapshots of pages; ours only keeps addresses, and reads the page again on "back".
document.addEventListener("htmx:pushedIntoHistory", (event) => {
  history.pushState(null, "", event.detail.path);
  shown = pageAddress();
});
document.addEventListener("htmx:replacedInHistory", (event) => {
  history.replaceState(null, "", event.detail.path);
  shown = pageAddress();
});

addEventListener("popstate", () => {
  if (pageAddress() === shown) document.dispatchEvent(new CustomEvent("loudou:panel-address"));
  else location.reload();
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-back]");
  if (!button) return;
  if (history.length > 1) history.back();
  else location.assign("/");
});
