// The table of runs, and that of their options.
import { $, colour, dashed, make, number, time } from "./dom.js";

const last = path => path ? path.replace(/[/\\]+$/, "").split(/[/\\]/).pop() : "";

function cell(text, kind) {
  return make("td", text, kind ? { class: kind } : {});
}

function name(run, changed) {
  const head = make("th", null, { scope: "row" }), line = make("div", null, { class: "name" });
  const box = make("input", null, { type: "checkbox", "aria-label": "Draw " + run.name });
  box.checked = run.drawn;
  box.addEventListener("change", () => {
    run.drawn = box.checked;
    changed();
  });
  const swatch = make("span", null, { class: dashed(run.look) ? "swatch dashed" : "swatch" });
  swatch.style.setProperty("--own", colour(run.look));
  const link = make("a", run.name, { href: `/runs/${run.id}/report`, title: run.directory });
  line.append(box, swatch, link);
  head.append(line);
  if (run.problem) head.append(make("div", run.problem, { class: "wrong" }));
  return head;
}

function steps(run) {
  const td = cell(null, "steps");
  const skipped = run.skipped ? ` (${run.skipped} skipped)` : "";
  td.append(run.steps.toLocaleString("en") + (run.total ? ` of ${run.total.toLocaleString("en")}` : "") + skipped);
  if (run.total && run.state !== "finished") {
    const bar = make("progress", null, { "aria-label": "Steps of " + run.name });
    bar.max = run.total;
    bar.value = Math.min(run.steps, run.total);
    td.append(bar);
  }
  return td;
}

function row(run, changed) {
  const line = make("tr"), state = cell(null);
  state.append(make("span", run.state, { class: "state " + run.state }));
  line.append(name(run, changed), state, cell(run.method), make("td", last(run.base), { class: "base", title: run.base || "" }),
              cell(run.rank, "number"), cell(run.learning_rate === null ? "" : number(Number(run.learning_rate)) || run.learning_rate, "number"),
              steps(run), cell(number(run.loss), "number"), cell(number(run.best_held_out), "number"), cell(time(run.seconds_left), "number"));
  return line;
}

/** Fills the table of runs; the focus stays where it was. */
export function table(runs, changed) {
  const body = $("runs").tBodies[0], focused = document.activeElement;
  const key = body.contains(focused) ? focused.getAttribute("aria-label") || focused.getAttribute("href") : null;
  body.replaceChildren(...runs.map(run => row(run, changed)));
  if (key) [...body.querySelectorAll("input, a")].find(e => (e.getAttribute("aria-label") || e.getAttribute("href")) === key)?.focus();
  $("runs-scroll").hidden = !runs.length;
  $("empty").hidden = runs.length > 0;
}

/** Fills the table of options; those that are not the same everywhere are marked where they are not what most have. */
export function options(runs) {
  const names = [...new Set(runs.flatMap(r => Object.keys(r.options)))].sort();
  const differs = name => new Set(runs.map(r => r.options[name])).size > 1;
  const only = $("differing").checked && runs.length > 1;
  const shown = only ? names.filter(n => n !== "output" && differs(n)) : names;
  const head = make("tr");
  head.append(make("th", "option", { scope: "col" }), ...runs.map(r => make("th", r.name, { scope: "col" })));
  $("options").tHead.replaceChildren(...(shown.length ? [head] : []));
  $("options").tBodies[0].replaceChildren(...shown.map(option => {
    const line = make("tr"), counts = new Map();
    for (const r of runs) counts.set(r.options[option], (counts.get(r.options[option]) || 0) + 1);
    const most = Math.max(...counts.values()), usual = [...counts.keys()].filter(v => counts.get(v) === most);
    const other = value => option !== "output" && counts.size > 1 && (usual.length > 1 || value !== usual[0]);
    line.append(make("th", option, { scope: "row" }),
                ...runs.map(r => cell(r.options[option] ?? "–", other(r.options[option]) ? "other" : "")));
    return line;
  }));
  $("no-options").hidden = shown.length > 0;
  $("no-options").textContent = !runs.length ? "No run is drawn." : only ? "The runs that are drawn have the same options." : "There is no run.yaml.";
}
