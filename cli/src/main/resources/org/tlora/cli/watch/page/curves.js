// The curves of runs, one chart for each number, a line for each run.
import { $, colour, dark, dashed, make, number, time } from "./dom.js";

const MOST_POINTS = 2000;
const LABELS = { step: "step", tokens: "tokens", seconds: "time in steps" };
const charts = new Map(); // by title

/** The least and the greatest of each stretch are left where there are more points than can be seen. */
function thinned(x, y) {
  if (x.length <= MOST_POINTS) return [x, y];
  const size = Math.ceil(x.length / (MOST_POINTS / 2)), xs = [], ys = [];
  for (let from = 0; from < x.length; from += size) {
    let least = -1, most = -1;
    for (let i = from; i < Math.min(x.length, from + size); i++) {
      if (y[i] === null) continue;
      if (least < 0 || y[i] < y[least]) least = i;
      if (most < 0 || y[i] > y[most]) most = i;
    }
    for (const i of least < 0 ? [] : least === most ? [least] : [Math.min(least, most), Math.max(least, most)]) {
      xs.push(x[i]);
      ys.push(y[i]);
    }
  }
  return [xs, ys];
}

/** A running mean that weighs what is near; it is right from the first value on. */
function smoothed(y, weight) {
  if (!weight) return y;
  let mean = 0, power = 1;
  return y.map(v => {
    if (v === null) return null;
    mean = weight * mean + (1 - weight) * v;
    power *= weight;
    return mean / (1 - power);
  });
}

/** Values of a greater place on the axis each; a run that went back has some twice. */
function ascending(x, y) {
  const xs = [], ys = [];
  for (let i = 0; i < x.length; i++) {
    if (x[i] === null || (xs.length && x[i] <= xs[xs.length - 1])) continue;
    xs.push(x[i]);
    ys.push(y[i]);
  }
  return [xs, ys];
}

function ofSteps(run, across, column, change = v => v) {
  return ascending(run.columns[across], change(run.columns[column]));
}

function ofEvaluations(run, across, name) {
  const some = run.evaluations.filter(e => name in e.scalars);
  return ascending(some.map(e => e[across]), some.map(e => e.scalars[name]));
}

/** What there is to draw: titles, and the lines of each. */
function wanted(runs, across, weight) {
  const all = [];
  const add = (title, lines, options = {}) => {
    const some = lines.map(([x, y], i) => ({ run: runs[i], x, y })).filter(l => l.x.length);
    if (some.length) all.push({ title, lines: some, ...options });
  };
  add("Training loss", runs.map(r => ofSteps(r, across, "loss", y => smoothed(y, weight))), { loss: true });
  add("Held-out loss", runs.map(r => ofEvaluations(r, across, "eval_loss")), { loss: true });
  const scores = new Set(runs.flatMap(r => r.evaluations.flatMap(e => Object.keys(e.scalars))));
  for (const name of [...scores].sort()) {
    if (!name.endsWith("loss") && !name.endsWith("_stderr")) add(name, runs.map(r => ofEvaluations(r, across, name)));
  }
  add("Learning rate", runs.map(r => ofSteps(r, across, "learning_rate")));
  add("Tokens a second", runs.map(r => ofSteps(r, across, "tokens_per_second", y => smoothed(y, weight))));
  add("Peak resident memory (GiB)", runs.map(r => ofSteps(r, across, "memory", y => y.map(v => v === null ? null : v / 2 ** 30))));
  return all;
}

const style = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** With some room, also around a line that is level. */
const range = (u, least, most) =>
  least === most ? [least - (Math.abs(least) / 10 || 1), most + (Math.abs(most) / 10 || 1)] : uPlot.rangeNum(least, most, 0.1, true);

function plotted(host, chart, across, log) {
  const ink = style("--soft"), line = style("--line");
  const shown = v => across === "seconds" ? time(v) || "0 s" : number(v);
  const axis = { stroke: ink, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 }, font: "12px system-ui, sans-serif" };
  const series = [{ label: LABELS[across], value: (u, v) => v == null ? "" : shown(v) }];
  for (const l of chart.lines) {
    series.push({ label: l.run.name, stroke: colour(l.run.look), width: 2, spanGaps: true, dash: dashed(l.run.look) ? [6, 4] : undefined,
                  points: { show: l.x.length < 40, size: l.x.length < 4 ? 9 : 5 }, value: (u, v) => v == null ? "" : number(v) });
  }
  const options = {
    width: host.clientWidth, height: 240, series, cursor: { sync: { key: "runs" }, focus: { prox: 24 } }, focus: { alpha: 0.35 },
    scales: { x: { time: false }, y: log ? { distr: 3 } : { range } },
    axes: [{ ...axis, values: (u, ticks) => ticks.map(shown) },
           { ...axis, size: 64, values: (u, ticks) => ticks.map(v => v == null ? "" : number(v)) }],
  };
  return new uPlot(options, data(chart, log), host);
}

/** What has no logarithm is not drawn. */
const data = (chart, log) => uPlot.join(chart.lines.map(l => {
  const [x, y] = thinned(l.x, l.y);
  return [x, log ? y.map(v => v > 0 ? v : null) : y];
}));

function described(chart, across) {
  const ends = chart.lines.map(l => `${l.run.name} ${number(l.y.findLast(v => v !== null)) || "nothing"}`);
  return `${chart.title} by ${LABELS[across]}; at last: ${ends.join(", ")}`;
}

/** Draws the runs; lines that are there already only grow. */
export function draw(runs) {
  const across = $("across").value, all = wanted(runs, across, Number($("smooth").value));
  $("no-curves").hidden = all.length > 0;
  for (const [title, old] of charts) {
    if (!all.some(c => c.title === title)) {
      old.plot.destroy();
      old.host.remove();
      charts.delete(title);
    }
  }
  for (const chart of all) {
    const log = chart.loss && $("log").checked;
    const kind = JSON.stringify([across, log, dark.matches, chart.lines.map(l => [l.run.id, l.run.name, l.run.look, l.x.length < 40, l.x.length < 4])]);
    let one = charts.get(chart.title);
    if (!one) {
      one = { host: make("div", null, { class: "curve" }), kind: "" };
      one.host.append(make("h3", chart.title), make("div"));
      charts.set(chart.title, one);
    }
    $("curves").append(one.host); // in their order
    const box = one.host.lastElementChild;
    if (one.kind === kind) {
      one.plot.setData(data(chart, log));
    } else {
      one.plot?.destroy();
      one.plot = plotted(box, chart, across, log);
      one.kind = kind;
    }
    const [wrap, legend] = [".u-wrap", ".u-legend"].map(part => one.plot.root.querySelector(part));
    wrap.setAttribute("role", "img");
    wrap.setAttribute("aria-label", described(chart, across));
    legend.setAttribute("aria-hidden", "true"); // its numbers follow the mouse
  }
}

addEventListener("resize", () => {
  for (const { host, plot } of charts.values()) plot.setSize({ width: host.clientWidth, height: 240 });
});
