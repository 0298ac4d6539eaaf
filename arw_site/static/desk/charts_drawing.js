// How each kind of chart is drawn by uPlot: colours from the page's tokens, and never colour alone.
const DASHES = [[], [8, 4], [2, 3], [10, 3, 2, 3], [5, 3], [1, 4]];
const MARKER = 4; // half the size of a marker, in CSS pixels
const HOUR = 3600;
const DAY = 86400;

export function optionsOf(figure, data, size, onPoint) {
  const look = lookOf(figure);
  const kind = KINDS[figure.dataset.chart](figure, data, look);
  return {
    ...size,
    tzDate: (seconds) => window.uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
    legend: { show: false },
    padding: [12, 28, 0, 0], // half of the last label stands beyond the last value
    cursor: {
      y: false,
      drag: { x: false, y: false, setScale: false },
      points: { show: false },
    },
    ...kind,
    hooks: { ...kind.hooks, setCursor: [(chart) => onPoint(chart.cursor.idx)] },
  };
}

// The colours as they are now: `light-dark()` is resolved on elements only.
function lookOf(figure) {
  const probe = document.createElement("span");
  probe.hidden = true;
  figure.append(probe);
  const color = (name) => {
    probe.className = `chart-ink-${name}`;
    return getComputedStyle(probe).color;
  };
  const look = {
    ink: color("quiet"),
    line: color("line"),
    fill: color("fill"),
    surface: color("surface"),
    series: [1, 2, 3, 4, 5, 6].map((number) => color(`series-${number}`)),
    font: getComputedStyle(figure).fontFamily,
    locale: document.documentElement.lang || "en",
  };
  probe.remove();
  return look;
}

const KINDS = {
  lines: (figure, data, look) => ({
    ...overTime(figure, data, look),
    series: [{}, ...data.labels.map((label, at) => lineOf(label, look.series[at % 6], DASHES[at % 6]))],
    hooks: { drawSeries: [(chart, at) => at && markers(chart, at, look)] },
  }),
  band: (figure, data, look) => ({
    ...overTime(figure, data, look),
    series: [
      {},
      lineOf(data.labels[0], look.series[0], [4, 4], 1),
      lineOf(data.labels[1], look.series[0], [4, 4], 1),
      lineOf(data.labels[2], look.series[0], [], 2.5),
    ],
    bands: [{ series: [2, 1], fill: look.fill }],
    hooks: { drawSeries: [(chart, at) => at === 3 && markers(chart, at, look, 0)] },
  }),
  bars: (figure, data, look) => ({
    ...overTime(figure, data, look, Number(figure.dataset.step)),
    scales: { ...overTime(figure, data, look, Number(figure.dataset.step)).scales, y: { range: counted } },
    series: [
      {},
      {
        label: data.labels[0],
        stroke: look.series[0],
        fill: look.fill,
        width: 1,
        paths: window.uPlot.paths.bars({ size: [0.85, 48], align: 1 }),
        points: { show: false },
      },
    ],
  }),
  leanings: (figure, data, look) => ({
    scales: { x: { time: false, range: [-0.6, data.categories.length - 0.4] }, y: { range: [-1, 1] } },
    axes: [
      {
        ...axis(look, 40),
        grid: { show: false },
        splits: () => data.categories.map((_, at) => at),
        values: (chart, splits) => splits.map((at) => short(data.categories[at], splits.length)),
      },
      { ...axis(look, 44), splits: () => [-1, -0.5, 0, 0.5, 1], values: numbers(look, true) },
    ],
    series: [{}, barOf(look.series[0], look.fill), barOf(look.series[1], () => hatched(look))],
    hooks: { drawAxes: [(chart) => zeroLine(chart, look)] },
  }),
};

function overTime(figure, data, look, beyond = 0) {
  const x = data.columns[0];
  const step = Number(figure.dataset.step) || 60;
  const spare = beyond ? 0 : step / 2;
  const range = [x[0] - spare, (x.at(-1) ?? 0) + Math.max(beyond, spare)];
  return {
    scales: { x: { range }, y: { range: [0, 1] } },
    axes: [
      { ...axis(look, 34), space: 72, values: times(look) },
      { ...axis(look, 40), space: 28, values: numbers(look) },
    ],
  };
}

function axis(look, size) {
  return {
    size,
    stroke: look.ink,
    font: `12px ${look.font}`,
    grid: { stroke: look.line, width: 1 },
    ticks: { stroke: look.line, width: 1, size: 4 },
    border: { show: false },
  };
}

function lineOf(label, stroke, dash, width = 2) {
  return { label, stroke, dash, width, spanGaps: true, points: { show: false } };
}

function barOf(stroke, fill) {
  const paths = window.uPlot.paths.bars({ size: [0.6, 56] });
  return { stroke, fill, width: 1.5, paths, points: { show: false } };
}

function counted(_chart, _low, high) {
  return [0, Math.max(1, Math.ceil(high * 1.1))];
}

function numbers(look, signed = false) {
  const format = new Intl.NumberFormat(look.locale, {
    maximumFractionDigits: 2,
    signDisplay: signed ? "exceptZero" : "auto",
  });
  return (_chart, splits) => splits.map((one) => (one === null ? "" : format.format(one)));
}

// Hours within a day, days beyond; in UTC, as the table has them.
function times(look) {
  const clock = { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "UTC" };
  const day = { day: "numeric", month: "short", timeZone: "UTC" };
  const hours = new Intl.DateTimeFormat(look.locale, clock);
  const days = new Intl.DateTimeFormat(look.locale, day);
  return (_chart, splits, _axis, _space, increment) =>
    splits.map((seconds) => {
      const whole = increment >= DAY || (increment >= HOUR && seconds % DAY === 0);
      return (whole ? days : hours).format(new Date(seconds * 1000));
    });
}

function short(label, among) {
  const most = among > 6 ? 6 : 14;
  return label.length > most ? `${label.slice(0, most - 1)}…` : label;
}

// A marker of its own for each series, as in the legend (templates/desk/parts/series_mark.html).
function markers(chart, at, look, shape = at - 1) {
  const { ctx } = chart;
  const ratio = devicePixelRatio || 1;
  ctx.save();
  ctx.lineWidth = 1.5 * ratio;
  ctx.setLineDash([]);
  ctx.strokeStyle = chart.series[at].stroke();
  chart.data[at].forEach((value, place) => {
    if (value === null) return;
    const x = chart.valToPos(chart.data[0][place], "x", true);
    const y = chart.valToPos(value, "y", true);
    ctx.fillStyle = shape >= 4 ? look.surface : ctx.strokeStyle;
    ctx.beginPath();
    SHAPES[shape % SHAPES.length](ctx, x, y, MARKER * ratio);
    ctx.fill();
    ctx.stroke();
  });
  ctx.restore();
}

const circle = (ctx, x, y, r) => ctx.arc(x, y, r * 0.9, 0, 2 * Math.PI);
const square = (ctx, x, y, r) => ctx.rect(x - r * 0.8, y - r * 0.8, r * 1.6, r * 1.6);
const polygon = (...corners) => (ctx, x, y, r) => {
  for (const [dx, dy] of corners) ctx.lineTo(x + dx * r, y + dy * r);
  ctx.closePath();
};
const SHAPES = [
  circle,
  square,
  polygon([0, -1.1], [1.1, 0.9], [-1.1, 0.9]),
  polygon([0, -1.2], [1.2, 0], [0, 1.2], [-1.2, 0]),
  circle,
  square,
];

function zeroLine(chart, look) {
  const { ctx, bbox } = chart;
  const y = Math.round(chart.valToPos(0, "y", true)) + 0.5;
  ctx.save();
  ctx.strokeStyle = look.ink;
  ctx.lineWidth = devicePixelRatio || 1;
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.restore();
}

function hatched(look) {
  const ratio = devicePixelRatio || 1;
  const tile = document.createElement("canvas");
  tile.width = tile.height = 8 * ratio;
  const ctx = tile.getContext("2d");
  ctx.strokeStyle = look.series[1];
  ctx.lineWidth = 1.5 * ratio;
  for (const shift of [-8, 0, 8]) {
    ctx.moveTo(shift * ratio, 8 * ratio);
    ctx.lineTo((shift + 8) * ratio, 0);
  }
  ctx.stroke();
  return ctx.createPattern(tile, "repeat");
}
