const colours = ["#1f6feb", "#e5484d", "#2da44e", "#bf8700", "#8250df", "#d6409f", "#0e7c86", "#6e7781"];
const short = v => v !== 0 && Math.abs(v) < 0.01 ? v.toExponential(1) : String(+v.toPrecision(4));

/** Draws charts, each in a section of its own; tells them apart by colour and by the legend below. */
function drawCharts(host, charts) {
  for (const chart of charts) {
    const section = document.createElement("section");
    const heading = document.createElement("h2");
    heading.textContent = chart.title;
    section.append(heading);
    host.append(section);
    const series = [{ label: chart.xLabel }];
    chart.series.forEach((s, i) => series.push({
      label: s.name, stroke: colours[i % colours.length], width: 2, spanGaps: true,
      points: { show: chart.x.length < 40 }, value: (u, v) => v == null ? "" : v.toPrecision(4) }));
    new uPlot({ width: Math.max(320, section.clientWidth - 42), height: 280, series,
                scales: { x: { time: false } }, axes: [{ label: chart.xLabel }, { size: 70, values: (u, ticks) => ticks.map(short) }] },
              [chart.x, ...chart.series.map(s => s.y)], section);
  }
}
