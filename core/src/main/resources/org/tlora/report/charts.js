const palettes = {
  light: ["#1f6feb", "#c9372c", "#1f883d", "#9a6700", "#8250df", "#bf3989", "#0e7c86", "#57606a"],
  dark: ["#6cb0ff", "#ff8a80", "#5fcf80", "#e0b341", "#b794ff", "#ff8ac0", "#4fd0d8", "#aab6c4"] };
const short = v => v !== 0 && Math.abs(v) < 0.01 ? v.toExponential(1) : String(+v.toPrecision(4));
const paper = { ink: "#16202c", soft: "#56657a", line: "#d5dde6", paper: "#fff", colours: palettes.light };
const printable = 640; // pixels
const drawn = new Set();
let printing = false;

/** The colours of the page where a chart stands, which may be light or dark. */
function lookAt(host) {
  const style = getComputedStyle(host), ink = style.color;
  const [r, g, b] = ink.match(/[\d.]+/g).map(Number);
  const dark = 0.3 * r + 0.6 * g + 0.1 * b > 128;
  return { ink, soft: style.getPropertyValue("--soft").trim() || ink, line: dark ? "#35414f" : "#d5dde6",
           paper: style.getPropertyValue("--paper").trim() || (dark ? "#1a222c" : "#fff"), colours: dark ? palettes.dark : palettes.light };
}

/** A line across the chart at a value of its axis, with what it stands for; both on paper of their own, to be seen on bars. */
function drawMark(u, mark, look) {
  const x = u.valToPos(mark.at, "x", true), { left, top, width, height } = u.bbox, unit = devicePixelRatio, { ctx } = u;
  if (x < left || x > left + width) return;
  const line = (colour, thickness) => {
    ctx.strokeStyle = colour;
    ctx.lineWidth = thickness * unit;
    ctx.beginPath();
    ctx.moveTo(x, top);
    ctx.lineTo(x, top + height);
    ctx.stroke();
  };
  ctx.save();
  line(look.paper, 6);
  line(look.colours[1], 2);
  const text = ` ${mark.name} `, wide = ctx.measureText(text).width, before = x > left + width / 2;
  ctx.fillStyle = look.paper;
  ctx.fillRect(before ? x - wide - 3 * unit : x + 3 * unit, top + 2 * unit, wide, 18 * unit);
  ctx.fillStyle = look.colours[1];
  ctx.textAlign = before ? "right" : "left";
  ctx.fillText(text, before ? x - 3 * unit : x + 3 * unit, top + 15 * unit);
  ctx.restore();
}

/** The chart as uPlot draws it, this wide. */
function plotOf(host, chart, look, width) {
  const bars = chart.barWidth > 0, half = chart.barWidth / 2;
  const points = chart.look === "points", factors = chart.look === "logarithmic";
  const series = [{ label: chart.xLabel }];
  let next = 0;
  for (const s of chart.series) {
    const colour = look.colours[next % look.colours.length], few = s.y.filter(v => v != null).length < 40;
    if (!s.faint) next++;
    series.push({ label: s.name, stroke: s.faint ? colour + "99" : colour, width: bars ? 0 : s.faint ? 1 : 2, spanGaps: true,
      ...(bars ? { fill: colour, paths: uPlot.paths.bars({ size: [0.9, 200] }) } : points ? { paths: () => null } : {}),
      points: { show: !bars && !s.faint && (few || points), fill: points ? colour : look.paper, ...(points ? { size: 11 } : {}) }, value: (u, v) => v == null ? "" : v.toPrecision(4) });
  }
  const x = bars ? { time: false, range: (u, from, to) => [from - half, to + half] }
    : points ? { time: false, range: (u, from, to) => [Math.min(0, from), to * 1.08] }
    : factors ? { time: false, distr: 3 } : { time: false };
  const axis = { stroke: look.soft, grid: { stroke: look.line, width: 1 }, ticks: { stroke: look.line, width: 1 } };
  const plot = new uPlot({ width, height: width < 480 ? 220 : 280, series,
              scales: bars ? { x, y: { range: (u, from, to) => [0, Math.max(1, to * 1.05)] } } : { x },
              hooks: { draw: [u => (chart.marks || []).forEach(mark => drawMark(u, mark, look))] },
              axes: [{ ...axis, label: chart.xLabel, ...(factors ? { values: (u, ticks) => ticks.map(v => v == null ? "" : short(v)) } : {}) }, { ...axis, size: 64, values: (u, ticks) => ticks.map(short) }] },
            [chart.x, ...chart.series.map(s => s.y)], host);
  const canvas = plot.root.querySelector(".u-wrap");
  if (chart.description) {
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", chart.description);
  }
  return plot;
}

const room = host => Math.max(240, Math.floor(host.clientWidth));

/** Draws a chart anew, in the colours and the width that there are now. */
function redraw(one, look, width) {
  one.plot?.destroy();
  one.plot = plotOf(one.host, one.chart, look || lookAt(one.host), width || room(one.host));
}

function redrawAll(look, width) {
  for (const one of drawn) {
    if (one.host.isConnected) redraw(one, look, width);
    else drawn.delete(one);
  }
}

const widths = new ResizeObserver(changed => {
  if (printing) return;
  for (const { target } of changed) {
    for (const one of drawn) {
      const width = room(target);
      if (one.host === target && target.isConnected && one.plot.width !== width) redraw(one);
    }
  }
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => redrawAll());
addEventListener("beforeprint", () => {
  printing = true;
  redrawAll(paper, printable);
});
addEventListener("afterprint", () => {
  printing = false;
  redrawAll();
});

/** Draws a chart into an element, and again where its width or the page's colours change. */
function drawChart(host, chart) {
  for (const one of drawn) {
    if (!one.host.isConnected) {
      widths.unobserve(one.host);
      drawn.delete(one);
    }
  }
  const one = { host, chart };
  redraw(one);
  drawn.add(one);
  widths.observe(host);
}

/** Draws charts where the sections of a report have room for them. */
function fillCharts(root, charts) {
  for (const host of root.querySelectorAll("[data-chart]")) {
    const chart = charts[host.dataset.chart];
    if (chart) drawChart(host, chart);
  }
}

/**
 * Draws charts, each in a section of its own; tells them apart by colour and by the legend below. One with a barWidth has bars
 * of that width instead of lines, one with the look of points has no lines, one that is logarithmic an axis of equal factors, one with marks lines across, one with a description has it for those who do not see it; a
 * series that is faint is pale, in the colour of the next one.
 */
function drawCharts(host, charts) {
  for (const chart of charts) {
    const section = document.createElement("section");
    const heading = document.createElement("h2");
    heading.textContent = chart.title;
    const plot = document.createElement("div");
    plot.className = "r-plot";
    section.append(heading, plot);
    host.append(section);
    drawChart(plot, chart);
  }
}
