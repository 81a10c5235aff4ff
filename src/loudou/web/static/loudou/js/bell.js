// The bell: how many notifications are unread, and the latest ones when it is opened.
// It asks when a page opens and then at most once a minute, only while the page is visible and somebody works on it:
// a page that was left open must not keep its sign-in alive. It asks in silence, because nobody waits for the answer.

const EVERY = 60_000;
const IDLE = 5 * 60_000;
const bell = document.querySelector("[data-bell]");
let asked = 0;
let used = Date.now();

async function count() {
  asked = Date.now();
  let response;
  try {
    response = await fetch(bell.dataset.countUrl, { headers: { "X-Requested-With": "fetch" } });
  } catch {
    return; // the server is away, or the page is left: the next time tells
  }
  if (response.ok && !response.redirected) bell.querySelector("[data-bell-count]").innerHTML = await response.text();
}

function latest() {
  return htmx.ajax("GET", bell.dataset.latestUrl, { source: "#bell-latest", target: "#bell-latest", swap: "innerHTML" });
}

function markRead(link) {
  const token = document.querySelector("#session-form [name=csrfmiddlewaretoken]").value;
  const again = () => count();
  // `keepalive` lets it arrive although the page is left.
  fetch(link.dataset.notice, { method: "POST", keepalive: true, headers: { "X-CSRFToken": token, "HX-Request": "true" } }).then(again, again);
}

if (bell) {
  count();
  bell.addEventListener("toggle", () => bell.open && latest());
  for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, () => (used = Date.now()), { passive: true });
  setInterval(() => {
    const now = Date.now();
    if (!document.hidden && now - used < IDLE && now - asked >= EVERY) count();
  }, EVERY);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && Date.now() - asked >= EVERY) count();
  });
  document.addEventListener("loudou:changed", () => {
    if (bell.open) latest();
    if (document.querySelector(".notices")) count();
  });
  for (const kind of ["click", "auxclick"]) {
    document.addEventListener(kind, (event) => {
      const link = event.target.closest?.("[data-notice]");
      if (link && event.button < 2) markRead(link);
    });
  }
}
