import { ask, byId, findingLine } from "./common.js";

const shown = (findings) => byId("findings").replaceChildren(...(findings ?? []).map((finding) => findingLine(finding)));

// What the console would not read is not sent: a browser that is cut off in the middle shows no answer.
function tooLarge(form) {
  const most = Number(byId("upload").dataset.mostBytes);
  const bytes = Array.from(form.querySelectorAll('input[type="file"]')).flatMap((input) => Array.from(input.files)).reduce((sum, file) => sum + file.size, 0);
  if (bytes <= most) return false;
  shown([{ severity: "ERROR", code: "TOO_LARGE_UPLOAD", path: "upload", message: "The upload is too large.", value: `${bytes} bytes`, limit: `≤ ${most}` }]);
  return true;
}

for (const [form, page] of [["upload", "cases"], ["judge", "judged"]]) {
  byId(form).addEventListener("submit", async (event) => {
    event.preventDefault();
    shown([]);
    if (tooLarge(byId(form))) return;
    const { ok, body } = await ask(`/api/${page}`, { method: "POST", body: new FormData(byId(form)) });
    if (ok) location.href = `/${page}/${encodeURIComponent(body.id)}`;
    else shown(body.findings);
  });
}

for (const button of document.querySelectorAll("button.remove")) {
  button.addEventListener("click", async (event) => {
    event.preventDefault();
    const { what, id } = button.dataset;
    if (!confirm(`Delete ${id}?`)) return;
    const { ok } = await ask(`/api/${what}/${encodeURIComponent(id)}`, { method: "DELETE" });
    if (ok) button.closest("tr").remove();
  });
}

const chosen = () => document.querySelectorAll('#runs input[name="run"]:checked').length;
byId("runs")?.addEventListener("change", () => { byId("compare-button").disabled = chosen() < 2; });
if (byId("runs")) byId("compare-button").disabled = chosen() < 2;
