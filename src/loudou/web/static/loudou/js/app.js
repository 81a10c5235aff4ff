// Behaviour of the frame. Each module binds to `document`, so that content swapped in later works too.
import "./history.js";
import "./toasts.js";
import "./dialog.js";
import "./panel.js";
import "./palette.js";
import "./menus.js";
import "./filters.js";
import "./selection.js";
import "./inline.js";
import "./forms.js";
import "./choosers.js";
import "./keyboard.js";
import "./charts.js";
import "./board.js";
import "./rows.js";
import "./refresh.js";
import "./scrolling.js";
