// What keeps the page up to date: the server is asked for what is new, often while something runs.
import { $, dark, make } from "./dom.js";
import { draw } from "./curves.js";
import { options, table } from "./table.js";

const BUSY_MILLIS = 2000, IDLE_MILLIS = 6000, DRAWN_AT_FIRST = 8;
const runs = new Map(); // by id, in the server's order
let looks = 0;
let seen = ""; // of the options that are shown

function begun(summary) {
  return { look: looks++, drawn: [...runs.values()].filter(r => r.drawn).length < DRAWN_AT_FIRST, generation: "", columns: {}, evaluations: [],
           options: {}, ...summary };
}

function take(news) {
  const ids = new Set(news.runs.map(r => r.id));
  for (const id of [...runs.keys()]) if (!ids.has(id)) runs.delete(id);
  for (const summary of news.runs) {
    const run = runs.get(summary.id) || begun(summary);
    Object.assign(run, summary);
    runs.delete(summary.id);
    runs.set(summary.id, run);
  }
  for (const fresh of news.new) {
    const run = runs.get(fresh.id);
    if (fresh.options) {
      Object.assign(run, { generation: fresh.generation, options: fresh.options, evaluations: [],
                           columns: Object.fromEntries(news.columns.map(c => [c, []])) });
    }
    for (const row of fresh.rows) news.columns.forEach((c, i) => run.columns[c].push(row[i]));
    run.evaluations.push(...fresh.evaluations);
  }
  return news.new.length > 0;
}

const had = run => `${run.id}.${run.generation}.${run.columns.step.length}.${run.evaluations.length}`;

async function ask() {
  const have = [...runs.values()].filter(r => r.generation).map(had).join(",");
  const answer = await fetch("/news?have=" + have);
  if (!answer.ok) throw new Error((await answer.text()).trim() || answer.status + " " + answer.statusText);
  return answer.json();
}

const all = () => [...runs.values()];
const drawn = () => all().filter(r => r.drawn && r.generation);

function show() {
  draw(drawn());
  const now = JSON.stringify(drawn().map(r => [r.id, r.name, r.generation])) + $("differing").checked;
  if (now !== seen) options(drawn());
  seen = now;
}

function redraw() {
  table(all(), redraw);
  show();
}

function tell() {
  const running = all().filter(r => r.state === "running").length;
  const text = `${runs.size} ${runs.size === 1 ? "run" : "runs"}` + (runs.size ? `, ${running || "none"} running` : "");
  if ($("status").textContent !== text) $("status").textContent = text;
  document.title = (running ? `${running} running` : "TLoRA") + ": runs";
  return running > 0;
}

async function look() {
  let wait = IDLE_MILLIS;
  try {
    if (!document.hidden) {
      const news = await ask();
      const before = JSON.stringify(all().map(r => [r.id, r.drawn]));
      const changed = take(news);
      table(all(), redraw);
      $("notes").replaceChildren(...news.notes.map(n => make("li", n)));
      if (changed || before !== JSON.stringify(all().map(r => [r.id, r.drawn]))) show();
      if (tell()) wait = BUSY_MILLIS;
      if (news.more) wait = 0;
      $("problem").hidden = true;
    }
  } catch (e) {
    $("problem").textContent = "The server does not answer: " + e.message;
    $("problem").hidden = false;
  }
  setTimeout(look, wait);
}

for (const id of ["across", "smooth", "log", "differing"]) $(id).addEventListener("change", show);
$("how").addEventListener("submit", e => e.preventDefault());
for (const [id, value] of [["all", true], ["none", false]]) {
  $(id).addEventListener("click", () => {
    for (const run of runs.values()) run.drawn = value;
    redraw();
  });
}
dark.addEventListener("change", redraw);
look();
