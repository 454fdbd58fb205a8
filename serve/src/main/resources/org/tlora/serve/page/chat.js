// One conversation, with one model or with two that are asked the same.
import { $, attempt, fill, json, make, send } from "./api.js";

const talks = [0, 1].map(i => ({ model: $("model-" + i), name: $("name-" + i), log: $("log-" + i), turns: [] }));
let running = null;

const shown = () => $("beside").checked ? talks : talks.slice(0, 1);

function names() {
  for (const talk of talks) talk.name.textContent = talk.model.value;
}

export async function models() {
  const list = (await json("/v1/models")).data;
  for (const talk of talks) fill(talk.model, list.map(m => [m.id]));
  if (talks[1].model.selectedIndex === 0 && list.length > 1 && !talks[1].turns.length) talks[1].model.selectedIndex = list.length - 1;
  $("base").textContent = list[0].id;
  names();
  return list;
}

function turn(talk, role, text) {
  const element = make("div", null, { class: "turn " + role });
  const words = make("span", text);
  element.append(make("b", role === "user" ? "You" : talk.model.value), words);
  talk.log.append(element);
  talk.log.scrollTop = talk.log.scrollHeight;
  return words;
}

async function* events(answer) {
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    rest += value;
    const parts = rest.split("\n\n");
    rest = parts.pop();
    for (const part of parts) {
      if (part.startsWith("data: ") && part !== "data: [DONE]") yield JSON.parse(part.slice(6));
    }
  }
}

async function answer(talk, signal) {
  const system = $("system").value.trim();
  const messages = [...(system ? [{ role: "system", content: system }] : []), ...talk.turns];
  const body = { model: talk.model.value, messages, stream: true, stream_options: { include_usage: true },
                 temperature: Number($("temperature").value), max_tokens: Number($("tokens").value) };
  const words = turn(talk, "assistant", "");
  let text = "";
  const begun = performance.now();
  let tokens = 0;
  try {
    for await (const event of events(await send("/v1/chat/completions", body, signal))) {
      if (event.error) throw new Error(event.error.message);
      text += event.choices?.[0]?.delta?.content ?? "";
      words.textContent = text;
      talk.log.scrollTop = talk.log.scrollHeight;
      if (event.usage) tokens = event.usage.completion_tokens;
    }
  } finally {
    talk.turns.push({ role: "assistant", content: text });
  }
  return tokens / ((performance.now() - begun) / 1000);
}

async function ask(event) {
  event.preventDefault();
  const message = $("message").value;
  if (!message.trim() || running) return;
  $("message").value = "";
  running = new AbortController();
  $("send").disabled = true;
  $("stop").disabled = false;
  $("pace").textContent = "";
  for (const talk of shown()) {
    talk.turns.push({ role: "user", content: message });
    turn(talk, "user", message);
  }
  const paces = await Promise.all(shown().map(talk => attempt(() => answer(talk, running.signal))));
  running = null;
  $("send").disabled = false;
  $("stop").disabled = true;
  const known = paces.filter(p => p > 0).map(p => p.toFixed(1));
  $("pace").textContent = known.length ? known.join(" and ") + " tokens a second" : "";
}

function clear() {
  for (const talk of talks) {
    talk.turns = [];
    talk.log.replaceChildren();
  }
  $("message").focus();
}

$("ask").addEventListener("submit", ask);
$("stop").addEventListener("click", () => running?.abort());
$("clear").addEventListener("click", clear);
$("message").addEventListener("keydown", e => {
  if (e.key === "Enter" && !e.shiftKey && !e.isComposing) {
    e.preventDefault();
    $("ask").requestSubmit();
  }
});
$("beside").addEventListener("change", () => {
  $("other").hidden = $("talk-1").hidden = !$("beside").checked;
  clear();
});
for (const talk of talks) talk.model.addEventListener("change", () => { names(); clear(); });
