// Charts beside their tables: the numbers and the words are read from the table, so that both agree.
//
// Arrow keys move a cursor over the values, which are written below the chart and read out; `t`
// turns charts into their tables and back.
import { readTable } from "./charts_data.js";
import { optionsOf } from "./charts_drawing.js";
import { onSingleKeys } from "./keys.js";

const STEPS = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 5, PageDown: -5 };
const known = new WeakMap();

class Chart {
  constructor(figure) {
    this.figure = figure;
    this.asTable = false;
    this.plot = figure.querySelector("[data-chart-plot]");
    this.readout = figure.querySelector("[data-chart-readout]");
    this.toggle = figure.querySelector("[data-chart-toggle]");
    this.toggle.addEventListener("click", () => this.turn(!this.asTable));
    this.plot.addEventListener("keydown", (event) => this.onKey(event));
    new ResizeObserver(() => this.fit()).observe(this.plot);
    this.refresh();
  }

  get table() {
    return this.figure.querySelector("[data-chart-table]");
  }

  // Draws anew: after the table, the scheme or the direction of the page has changed.
  refresh() {
    this.data = readTable(this.figure);
    const last = this.data.lines.length - 1;
    this.at = Math.min(this.at ?? last, last);
    this.chart?.destroy();
    this.chart = null;
    const size = this.size();
    if (last >= 0 && size.width) {
      const options = optionsOf(this.figure, this.data, size, (at) => this.point(at));
      this.chart = new window.uPlot(options, this.data.columns, this.plot);
    }
    this.apply();
    this.say(this.at);
  }

  size() {
    return { width: this.plot.clientWidth, height: this.plot.clientHeight };
  }

  fit() {
    const size = this.size();
    if (!size.width) return; // shown as a table
    if (!this.chart) this.refresh();
    else if (size.width !== this.chart.width) this.chart.setSize(size);
  }

  turn(asTable) {
    const focused = [this.plot, this.table].includes(document.activeElement);
    this.asTable = asTable;
    this.apply();
    if (focused) (asTable ? this.table : this.plot).focus({ preventScroll: true });
  }

  apply() {
    const words = this.toggle.dataset;
    this.figure.classList.toggle("shows-table", this.asTable);
    this.toggle.querySelector("[data-chart-toggle-text]").textContent = this.asTable
      ? words.asChart
      : words.asTable;
  }

  onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const last = this.data.lines.length - 1;
    const step = STEPS[event.key];
    let at = null;
    if (event.key === "Home") at = 0;
    else if (event.key === "End") at = last;
    else if (step) at = this.at + step;
    if (at === null) return;
    event.preventDefault();
    this.say(Math.max(0, Math.min(last, at)));
    this.mark();
  }

  // The pointer is over a value: uPlot's own cursor is there already.
  point(at) {
    if (at !== null && at !== undefined && at !== this.at) this.say(at);
  }

  say(at) {
    this.at = at;
    const words = this.data.lines[at] ?? "";
    this.readout.textContent = words;
    this.plot.setAttribute("aria-valuemax", String(Math.max(0, this.data.lines.length - 1)));
    this.plot.setAttribute("aria-valuenow", String(Math.max(0, at)));
    this.plot.setAttribute("aria-valuetext", words);
  }

  mark() {
    const left = this.chart?.valToPos(this.data.columns[0][this.at], "x");
    if (left !== undefined) this.chart.setCursor({ left, top: this.chart.over.clientHeight / 2 });
  }
}

export function startCharts(root) {
  for (const figure of root.querySelectorAll("[data-chart]")) {
    if (!known.has(figure)) known.set(figure, new Chart(figure));
  }
}

function drawn() {
  const figures = [...document.querySelectorAll("[data-chart]")];
  return figures.map((figure) => known.get(figure)).filter(Boolean);
}

function turnThese(event) {
  const own = event.target.closest?.("[data-chart]");
  const charts = own ? [known.get(own)].filter(Boolean) : drawn();
  const asTable = !charts.every((chart) => chart.asTable);
  for (const chart of charts) chart.turn(asTable);
}

function redraw() {
  for (const chart of drawn()) chart.refresh();
}

if (!window.uPlot) document.documentElement.classList.add("no-charts"); // the tables are there
else {
  startCharts(document);
  onSingleKeys({ t: turnThese });
  document.addEventListener("desk:refreshed", (event) => {
    startCharts(event.target);
    for (const chart of drawn()) if (event.target.contains(chart.figure)) chart.refresh();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  const theme = { attributes: true, attributeFilter: ["data-theme", "dir"] };
  new MutationObserver(redraw).observe(document.documentElement, theme);
}
