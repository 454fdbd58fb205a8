// How the page asks the server; every fault is told in one place.
const $ = id => document.getElementById(id);
export { $ };

const key = $("key");
key.value = sessionStorage.getItem("key") || "";
$("key-form").addEventListener("submit", e => e.preventDefault());
key.addEventListener("change", () => {
  sessionStorage.setItem("key", key.value);
  dispatchEvent(new Event("key"));
});

export function tell(problem) {
  $("problem").textContent = problem || "";
  $("problem").hidden = !problem;
}

export async function ask(path, options = {}) {
  const headers = { ...(options.headers || {}) };
  if (key.value) headers.Authorization = "Bearer " + key.value;
  const answer = await fetch(path, { ...options, headers });
  if (!answer.ok) {
    let message = answer.status + " " + answer.statusText;
    try {
      message = (await answer.json()).error.message;
    } catch {
      // the status says it
    }
    throw new Error(message);
  }
  return answer;
}

export const json = async (path, options) => (await ask(path, options)).json();

export const send = (path, body, signal) =>
  ask(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), signal });

/** Runs something, and tells what goes wrong; what was wrong before stays where nobody has done anything. */
export async function attempt(what, unasked = false) {
  try {
    const done = await what();
    if (!unasked) tell("");
    return done;
  } catch (e) {
    if (e.name !== "AbortError") tell(e.message);
    return undefined;
  }
}

/** An element with text, which is never taken for markup. */
export function make(name, text, attributes = {}) {
  const element = document.createElement(name);
  if (text !== undefined && text !== null) element.textContent = text;
  for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value);
  return element;
}

export function fill(select, values, first = []) {
  const before = select.value;
  select.replaceChildren(...first, ...values.map(([value, text]) => {
    const option = make("option", text ?? value);
    option.value = value;
    return option;
  }));
  if ([...select.options].some(o => o.value === before)) select.value = before;
}
