const colours = ["#1f6feb", "#e5484d", "#2da44e", "#bf8700", "#8250df", "#d6409f", "#0e7c86", "#6e7781"];
const short = v => v !== 0 && Math.abs(v) < 0.01 ? v.toExponential(1) : String(+v.toPrecision(4));

/** A line across the chart at a value of its axis, with what it stands for. */
function drawMark(u, mark) {
  const x = u.valToPos(mark.at, "x", true), { left, top, width, height } = u.bbox;
  if (x < left || x > left + width) return;
  u.ctx.save();
  u.ctx.strokeStyle = u.ctx.fillStyle = colours[1];
  u.ctx.setLineDash([6, 4]);
  u.ctx.beginPath();
  u.ctx.moveTo(x, top);
  u.ctx.lineTo(x, top + height);
  u.ctx.stroke();
  u.ctx.textAlign = x > left + width / 2 ? "right" : "left";
  u.ctx.fillText(` ${mark.name} `, x, top + 14 * devicePixelRatio);
  u.ctx.restore();
}

/**
 * Draws charts, each in a section of its own; tells them apart by colour and by the legend below. One with a barWidth has bars
 * of that width instead of lines, one with marks lines across, one with a description has it for those who do not see it.
 */
function drawCharts(host, charts) {
  for (const chart of charts) {
    const section = document.createElement("section");
    const heading = document.createElement("h2");
    heading.textContent = chart.title;
    section.append(heading);
    host.append(section);
    const bars = chart.barWidth > 0, half = chart.barWidth / 2;
    const series = [{ label: chart.xLabel }];
    chart.series.forEach((s, i) => series.push({
      label: s.name, stroke: colours[i % colours.length], width: bars ? 0 : 2, spanGaps: true,
      ...(bars ? { fill: colours[i % colours.length], paths: uPlot.paths.bars({ size: [0.9, 200] }) } : {}),
      points: { show: !bars && chart.x.length < 40 }, value: (u, v) => v == null ? "" : v.toPrecision(4) }));
    const x = bars ? { time: false, range: (u, from, to) => [from - half, to + half] } : { time: false };
    const plot = new uPlot({ width: Math.max(320, section.clientWidth - 42), height: 280, series,
                scales: bars ? { x, y: { range: (u, from, to) => [0, Math.max(1, to * 1.05)] } } : { x },
                hooks: { draw: [u => (chart.marks || []).forEach(mark => drawMark(u, mark))] },
                axes: [{ label: chart.xLabel }, { size: 70, values: (u, ticks) => ticks.map(short) }] },
              [chart.x, ...chart.series.map(s => s.y)], section);
    if (chart.description) {
      plot.root.setAttribute("role", "img");
      plot.root.setAttribute("aria-label", chart.description);
    }
  }
}
