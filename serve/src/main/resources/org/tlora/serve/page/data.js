// Files of rows: to send, and to see what would be learned from them.
import { $, ask, attempt, json, make } from "./api.js";

let looked = null;

function row(file, after) {
  const line = make("tr");
  const look = make("button", "Preview", { type: "button", "aria-label": "Preview " + file.filename });
  look.addEventListener("click", () => attempt(() => preview(file, true)));
  const remove = make("button", "Delete", { type: "button", "aria-label": "Delete " + file.filename });
  remove.addEventListener("click", () => attempt(async () => {
    await ask("/v1/files/" + file.id, { method: "DELETE" });
    if (looked?.id === file.id) $("preview").hidden = true;
    await after();
  }));
  const actions = make("td");
  actions.append(look, remove);
  line.append(make("td", file.filename), make("td", file.bytes.toLocaleString("en")), actions);
  return line;
}

export async function files(changed) {
  const all = (await json("/v1/files?purpose=fine-tune&limit=1000")).data;
  $("file-list").tBodies[0].replaceChildren(...all.map(f => row(f, changed)));
  return all;
}

async function preview(file, focus) {
  looked = file;
  const query = new URLSearchParams({ rows: "10", cutoff_length: $("cutoff").value || "512" });
  if ($("template").value) query.set("template", $("template").value);
  const seen = await json(`/v1/files/${file.id}/preview?${query}`);
  $("preview").hidden = false;
  $("preview-name").textContent = file.filename;
  $("rows").replaceChildren(...seen.rows.map(r => {
    const shown = make("div", null, { class: "shown" });
    shown.append(make("strong", `Row ${r.row}, ${r.format}: ${r.tokens} tokens, ${r.learned} learned`));
    for (const part of r.parts) shown.append(make(part.learned ? "mark" : "span", part.text));
    return shown;
  }));
  $("notes").replaceChildren(...seen.notes.map(n => make("li", n)));
  if (focus) $("preview-name").focus();
}

export function begin(changed) {
  $("upload").addEventListener("submit", e => {
    e.preventDefault();
    attempt(async () => {
      const form = new FormData();
      form.append("purpose", "fine-tune");
      form.append("file", $("file").files[0]);
      $("sent").textContent = "sending …";
      try {
        const file = await json("/v1/files", { method: "POST", body: form });
        $("sent").textContent = file.filename + " is there";
        $("upload").reset();
        await changed();
        await preview(file, true);
      } finally {
        if ($("sent").textContent === "sending …") $("sent").textContent = "";
      }
    });
  });
  for (const id of ["template", "cutoff"]) {
    $(id).addEventListener("change", () => looked && attempt(() => preview(looked, false)));
  }
}
