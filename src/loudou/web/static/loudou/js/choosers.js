// Long selects get a search box; choosers with `data-lookup` ask the server while the user types.
import { load, text, whenAdded } from "./page.js";

async function dress(select) {
  if (select.dataset.dressed) return;
  select.dataset.dressed = "yes";
  await load("tomSelect");
  if (!select.isConnected) return;
  const address = select.dataset.lookup;
  const label = select.getAttribute("aria-label") ?? document.querySelector(`label[for="${CSS.escape(select.id)}"]`)?.textContent.trim();
  const options = {
    plugins: select.multiple ? { remove_button: { title: text("remove") } } : {},
    maxOptions: 200,
    create: false,
    allowEmptyOption: !select.multiple && !address,
    render: {
      option: (row, escape) => `<div>${escape(row.text)}${row.hint ? ` <span class="text-secondary">${escape(row.hint)}</span>` : ""}</div>`,
      no_results: () => `<div class="no-results">${text("nothing")}</div>`,
      loading: () => `<div class="no-results">${text("loading")}</div>`,
    },
  };
  if (address) {
    options.searchField = [];
    options.preload = "focus";
    options.shouldLoad = () => true;
    options.load = async (query, callback) => {
      const url = new URL(address, location.href);
      url.searchParams.set("q", query);
      try {
        const response = await fetch(url, { headers: { Accept: "application/json" } });
        callback(response.ok ? (await response.json()).results : []);
      } catch {
        callback([]);
      }
    };
  }
  const chooser = new TomSelect(select, options);
  if (label) chooser.control_input.setAttribute("aria-label", label);
  // The select itself stays in the page, out of sight; its label now points at the chooser.
  select.setAttribute("aria-hidden", "true");
  if (address) chooser.on("type", () => chooser.clearOptions((option) => chooser.items.includes(option.value)));
}

whenAdded("select[data-lookup], select[data-choose]", dress);
