// Reads a chart's numbers, and the sentence about each of them, from its table.

// Returns { columns, labels, lines, categories }: `columns` as uPlot takes them, x first.
export function readTable(figure) {
  const heads = [...figure.querySelectorAll("[data-chart-table] thead th")].slice(1);
  const rows = [...figure.querySelectorAll("[data-chart-table] tbody tr")];
  const places = heads.flatMap((head, at) => (Number(head.dataset.series) ? [at] : []));
  const shown = rows.filter((row) => places.some((at) => "value" in row.cells[at + 1].dataset));
  const series = places.map((at) => shown.map((row) => value(row.cells[at + 1])));
  const x = shown.map((row, at) => instant(row) ?? at);
  const labels = places.map((at) => words(heads[at]));
  return {
    columns: [x, ...(figure.dataset.chart === "leanings" ? bothWays(series[0] ?? []) : series)],
    labels,
    categories: shown.map((row) => words(row.cells[0])),
    lines: shown.map((row) => line(row, places, labels)),
  };
}

function line(row, places, labels) {
  const parts = places.flatMap((at, number) => {
    const cell = row.cells[at + 1];
    if (!("value" in cell.dataset)) return [];
    return [labels.length > 1 ? `${labels[number]} ${words(cell)}` : words(cell)];
  });
  return `${words(row.cells[0])}: ${parts.join(", ")}`;
}

function bothWays(values) {
  return [values.map((one) => (one >= 0 ? one : null)), values.map((one) => (one < 0 ? one : null))];
}

function instant(row) {
  const time = row.cells[0].querySelector("time");
  return time ? Date.parse(time.dateTime) / 1000 : null;
}

function value(cell) {
  return "value" in cell.dataset ? Number(cell.dataset.value) : null;
}

function words(cell) {
  return cell.textContent.trim();
}
