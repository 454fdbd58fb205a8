// Jobs of fine-tuning: to begin, to watch, to end them.
import { $, ask, attempt, fill, json, make, send, tell } from "./api.js";

const JOBS = "/v1/fine_tuning/jobs";
let watched = null;
let drawn = "";

const open = status => status === "queued" || status === "running" || status === "paused";

function action(name, job, after) {
  const button = make("button", name, { type: "button", "aria-label": name + " " + job.id });
  button.addEventListener("click", () => attempt(async () => {
    await send(`${JOBS}/${job.id}/${name.toLowerCase()}`, {});
    await after();
  }));
  return button;
}

function row(job) {
  const line = make("tr");
  const watch = make("button", job.user_provided_suffix || job.id.slice(-8), { type: "button", "aria-label": "Watch " + job.id });
  watch.addEventListener("click", () => attempt(() => show(job.id, true)));
  const cells = [watch, job.method.type, job.fine_tuned_model || job.model, job.status, (job.trained_tokens ?? 0).toLocaleString("en")];
  for (const cell of cells) {
    const td = make("td");
    td.append(cell);
    line.append(td);
  }
  const actions = make("td");
  if (job.status === "queued" || job.status === "running") actions.append(action("Pause", job, list));
  if (job.status === "paused" || job.status === "failed") actions.append(action("Resume", job, list));
  if (open(job.status)) actions.append(action("Cancel", job, list));
  line.append(actions);
  return line;
}

export async function list() {
  const jobs = (await json(JOBS + "?limit=100")).data;
  const body = $("job-list").tBodies[0];
  const focused = document.activeElement?.getAttribute("aria-label");
  body.replaceChildren(...jobs.map(row));
  if (focused) body.querySelector(`[aria-label="${CSS.escape(focused)}"]`)?.focus();
  if (watched) await show(watched, false);
  return jobs.some(j => j.status === "running" || j.status === "queued");
}

/** The run's own report, its charts drawn here by the same script. */
async function report(id) {
  let text;
  try {
    text = await (await ask(`${JOBS}/${id}/report`)).text();
  } catch {
    $("report").replaceChildren(); // nothing is measured yet
    drawn = "";
    return;
  }
  if (text === drawn) return;
  drawn = text;
  const page = new DOMParser().parseFromString(text, "text/html");
  $("report").replaceChildren(...page.querySelectorAll(".tiles, main > section"));
  fillCharts($("report"), JSON.parse(page.getElementById("data").textContent).charts);
}

async function show(id, focus) {
  watched = id;
  const job = await json(`${JOBS}/${id}`);
  $("job").hidden = false;
  $("job-name").textContent = job.fine_tuned_model || job.user_provided_suffix || job.id;
  const left = job.estimated_finish ? `, done at about ${new Date(job.estimated_finish * 1000).toLocaleTimeString()}` : "";
  const state = job.status + left + (job.error ? ": " + job.error.message : "");
  if ($("job-state").textContent !== state) $("job-state").textContent = state;
  await report(id);
  const events = (await json(`${JOBS}/${id}/events?limit=200`)).data;
  $("events").replaceChildren(...events.map(e =>
    make("li", `${new Date(e.created_at * 1000).toLocaleTimeString()} ${e.level === "info" ? "" : e.level + ": "}${e.message}`)));
  if (focus) $("job-name").focus();
}

export function choices(models, files, methods) {
  fill($("job-model"), models.map(m => [m.id]));
  fill($("job-file"), files.map(f => [f.id, f.filename]));
  fill($("job-eval"), files.map(f => [f.id, f.filename]), [make("option", "nothing", { value: "" })]);
  fill($("job-method"), methods.map(m => [m]));
}

$("begin").addEventListener("submit", e => {
  e.preventDefault();
  attempt(async () => {
    let more = {};
    if ($("job-more").value.trim()) {
      try {
        more = JSON.parse($("job-more").value);
      } catch (fault) {
        tell("Other options: " + fault.message);
        throw fault;
      }
    }
    const method = $("job-method").value;
    const options = { rank: Number($("job-rank").value), epochs: Number($("job-epochs").value),
                      learning_rate: Number($("job-rate").value), batch_size: Number($("job-batch").value), ...more };
    if ("steps" in options) delete options.epochs;
    const body = { model: $("job-model").value, training_file: $("job-file").value, method: { type: method, [method]: options } };
    if ($("job-suffix").value) body.suffix = $("job-suffix").value;
    if ($("job-eval").value) body.validation_file = $("job-eval").value;
    const job = await (await send(JOBS, body)).json();
    $("new-job").open = false;
    await list();
    await show(job.id, true);
  });
});
