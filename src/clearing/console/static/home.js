import { ask, byId, findingLine } from "./common.js";

byId("upload").addEventListener("submit", async (event) => {
  event.preventDefault();
  byId("findings").replaceChildren();
  const form = new FormData(byId("upload"));
  const { ok, body } = await ask("/api/cases", { method: "POST", body: form });
  if (ok) location.href = `/cases/${encodeURIComponent(body.id)}`;
  else byId("findings").replaceChildren(...(body.findings ?? []).map((finding) => findingLine(finding)));
});

byId("judge").addEventListener("submit", async (event) => {
  event.preventDefault();
  const { ok, body } = await ask("/api/judged", { method: "POST", body: new FormData(byId("judge")) });
  if (ok) location.href = `/judged/${encodeURIComponent(body.id)}`;
});

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
