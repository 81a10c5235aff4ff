// Charts: `<div data-chart="id">` draws the ECharts option in `<script type="application/json" id="id">` on a canvas.
// Strings such as "var(--tblr-primary)" take the theme's colour; a data item with `url` opens the rows behind it.
import { load, whenAdded } from "./page.js";

const drawn = new Map();

function coloured(value, style) {
  if (typeof value === "string") {
    const variable = /^var\((--[\w-]+)\)$/.exec(value);
    return variable ? style.getPropertyValue(variable[1]).trim() : value;
  }
  if (Array.isArray(value)) return value.map((item) => coloured(item, style));
  if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, coloured(item, style)]));
  return value;
}

function draw(element) {
  const chart = drawn.get(element);
  const style = getComputedStyle(document.documentElement);
  const option = coloured(JSON.parse(document.getElementById(element.dataset.chart).textContent), style);
  const words = { color: style.getPropertyValue("--tblr-body-color").trim(), fontFamily: getComputedStyle(document.body).fontFamily };
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
