// The page's parts, and what keeps them up to date.
import { $, attempt, json, tell } from "./api.js";
import * as chat from "./chat.js";
import * as data from "./data.js";
import * as jobs from "./jobs.js";

const LOOK_MILLIS = 2000;
const tabs = [...document.querySelectorAll("[role=tab]")];
let settings = { fine_tuning: false, methods: [] };

function choose(tab, focus) {
  for (const t of tabs) {
    const chosen = t === tab;
    t.setAttribute("aria-selected", chosen);
    t.tabIndex = chosen ? 0 : -1;
    $(t.getAttribute("aria-controls")).hidden = !chosen;
  }
  if (focus) tab.focus();
  history.replaceState(null, "", "#" + tab.getAttribute("aria-controls"));
  tell("");
  attempt(refresh, true);
}

async function refresh() {
  const models = await chat.models();
  if (!settings.fine_tuning) return;
  const files = await data.files(refresh);
  jobs.choices(models, files, settings.methods);
  await jobs.list();
}

async function watch() {
  if (!document.hidden && settings.fine_tuning && !$("jobs").hidden) await attempt(jobs.list, true);
  setTimeout(watch, LOOK_MILLIS);
}

for (const [i, tab] of tabs.entries()) {
  tab.addEventListener("click", () => choose(tab, false));
  tab.addEventListener("keydown", e => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
    if (step) choose(tabs[(i + step + tabs.length) % tabs.length], true);
  });
}
addEventListener("key", () => attempt(refresh));
data.begin(refresh);
await attempt(async () => {
  settings = await json("/page/settings.json");
  for (const part of ["jobs", "data"]) {
    $("no-" + part).hidden = settings.fine_tuning;
    $("with-" + part).hidden = !settings.fine_tuning;
  }
});
choose(tabs.find(t => "#" + t.getAttribute("aria-controls") === location.hash) || tabs[0], false);
watch();
