// Boards: cards are dragged between lanes, or moved with the keyboard; the server has the last word.
//   <div data-board data-field="stage"> <ol data-lane="3"> <li data-card data-move-url="…" tabindex="0"> …
// A drop posts `field=lane` (and the card's `data-version`) to its `data-move-url`; a refusal puts the card back. When
// the answer is a form (something is missing), it opens in the dialog. `<ol data-lane data-dialog-act="win">` puts the
// card back and opens that page of the card's record in the dialog; `data-no-drop` takes no cards.
import { openDialog, showDialog } from "./dialog.js";
import { load, whenAdded } from "./page.js";

async function move(card, from, before, board) {
  const lane = card.closest("[data-lane]");
  if (!lane || lane === from) return;
  const back = () => from.insertBefore(card, before);
  if (lane.dataset.dialogAct) {
    back();
    openDialog(`${card.dataset.recordUrl}${lane.dataset.dialogAct}/`);
    return;
  }
  const failed = (event) => {
    if (event.detail.requestConfig?.path !== card.dataset.moveUrl) return;
    document.removeEventListener("htmx:afterRequest", failed);
    // A form that comes back with what to mend counts as a success for htmx; the status tells.
    if (event.detail.xhr.status < 400) return;
    back();
  };
  document.addEventListener("htmx:afterRequest", failed);
  card.setAttribute("aria-busy", "true");
  try {
    const values = { [board.dataset.field]: lane.dataset.lane };
    if (card.dataset.version) values.version = card.dataset.version;
    await htmx.ajax("POST", card.dataset.moveUrl, { source: card, target: "#dialog", swap: "innerHTML", values });
    showDialog();
  } finally {
    card.removeAttribute("aria-busy");
  }
}

async function start(board) {
  if (board.dataset.started) return;
  board.dataset.started = "yes";
  if (!board.querySelector("[data-move-url]")) return;
  await load("sortable");
  for (const lane of board.querySelectorAll("[data-lane]")) {
    let next = null;
    Sortable.create(lane, {
      group: { name: "board", put: !("noDrop" in lane.dataset) },
      draggable: "[data-card]",
      sort: false,
      animation: 120,
      delay: 150,
      delayOnTouchOnly: true,
      onStart: (event) => {
        next = event.item.nextElementSibling;
        board.querySelectorAll("[data-while-dragging]").forEach((element) => (element.hidden = false));
      },
      onEnd: (event) => {
        board.querySelectorAll("[data-while-dragging]").forEach((element) => (element.hidden = true));
        move(event.item, event.from, next, board);
      },
    });
  }
}

// Without a mouse: Shift with an arrow key moves the focused card to the neighbouring lane.
document.addEventListener("keydown", (event) => {
  const card = event.target.closest?.("[data-card]");
  if (!card || event.target !== card || !event.shiftKey || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
  const board = card.closest("[data-board]");
  const lanes = [...board.querySelectorAll("[data-lane]:not([data-no-drop], [data-dialog-act])")];
  const from = card.closest("[data-lane]");
  const to = lanes[lanes.indexOf(from) + (event.key === "ArrowRight" ? 1 : -1)];
  if (!to) return;
  event.preventDefault();
  const next = card.nextElementSibling;
  to.prepend(card);
  card.focus();
  move(card, from, next, board);
});

whenAdded("[data-board]", start);
