// Charts: `<div data-chart="id">` draws the ECharts option in `<script type="application/json" id="id">` on a canvas.
// Strings such as "var(--tblr-primary)" take the theme's colour; a data item with `url` opens the rows behind it.
import { load, whenAdded } from "./page.js";

const drawn = new Map();

// Variables hold what canvases cannot read (`light-dark(oklch(…), …)`), so a pixel is painted with each and read back.
function pixel(element, colour) {
  const probe = element.appendChild(document.createElement("i"));
  probe.style.color = colour;
  const painted = getComputedStyle(probe).color;
  probe.remove();
  const brush = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  brush.fillStyle = painted;
  brush.fillRect(0, 0, 1, 1);
  const [red, green, blue, alpha] = brush.getImageData(0, 0, 1, 1).data;
  return `rgba(${red}, ${green}, ${blue}, ${alpha / 255})`;
}

function coloured(value, element) {
  if (typeof value === "string") return /^var\(--[\w-]+\)$/.test(value) ? pixel(element, value) : value;
  if (Array.isArray(value)) return value.map((item) => coloured(item, element));
  if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, coloured(item, element)]));
  return value;
}

function draw(element) {
  const chart = drawn.get(element);
  const option = coloured(JSON.parse(document.getElementById(element.dataset.chart).textContent), element);
  const words = { color: pixel(element, "var(--tblr-body-color)"), fontFamily: getComputedStyle(document.body).fontFamily };
  chart.setOption(
    {
      animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
      textStyle: words,
      ...option,
      tooltip: { renderMode: "richText", confine: true, ...option.tooltip },
    },
    { notMerge: true },
  );
}

async function show(element) {
  if (drawn.has(element)) return;
  await load("echarts");
  if (!element.isConnected || drawn.has(element)) return;
  const chart = echarts.init(element, null, { renderer: "canvas" });
  drawn.set(element, chart);
  draw(element);
  chart.on("click", (event) => {
    if (event.data?.url) location.assign(event.data.url);
  });
  new ResizeObserver(() => chart.resize()).observe(element);
}

whenAdded("[data-chart]", show);
new MutationObserver(() => drawn.forEach((_chart, element) => draw(element))).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
document.addEventListener("htmx:beforeCleanupElement", (event) => {
  drawn.get(event.target)?.dispose();
  drawn.delete(event.target);
});
