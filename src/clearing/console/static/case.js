// One case: pages of its sheets, edits kept here until they are saved or run, findings at their cells.
import { ask, byId, element, findingLine, given, later, pager, post, say } from "./common.js";

const SIZE = 50;
const url = `/api/cases/${encodeURIComponent(given.id)}`;
const edits = new Map();
let findings = [];
let view = { sheet: given.sheets[0]?.name, series: "", find: "", offset: 0 };

const key = (sheet, field, row, period) => JSON.stringify([sheet, field, row, period]);

function heading(field, prefix) {
  const name = field.slice(prefix.length);
  const unit = /_(mw_per_minute|per_mwh|per_mw_hour|per_hour|mwh|mw|minutes|kv|pu|degrees)$/.exec(name);
  const words = (unit ? name.slice(0, unit.index) : name).replaceAll("_", " ");
  return unit ? [words, element("span", { class: "unit" }, unit[1].replaceAll("_", " ").replace("per", "/"))] : [words];
}

async function show() {
  if (!view.sheet) return;
  const query = new URLSearchParams({ series: view.series, find: view.find, offset: view.offset, limit: SIZE });
  const { ok, body: page } = await ask(`${url}/sheets/${view.sheet}?${query}`);
  if (!ok) return;
  for (const tab of document.querySelectorAll("#tabs button")) tab.setAttribute("aria-selected", tab.dataset.sheet === view.sheet);
  pager(byId("pager"), page, SIZE, (offset) => { view.offset = offset; show(); });
  byId("series-label").hidden = !page.series.length;
  byId("series").replaceChildren(element("option", { value: "" }, "–"), ...page.series.map((field) => element("option", { value: field, selected: field === view.series }, field)));
  draw(page);
}

function draw(page) {
  const heads = page.columns.map((column, k) => element("th", { scope: "col", class: k ? column.kind : "key" }, ...heading(column.field, page.prefix)));
  if (view.series) heads.push(...given.labels.map((label) => element("th", { scope: "col", class: "number" }, label)));
  const rows = page.rows.map(({ row, cells }) => element("tr", { "data-row": row }, ...cells.map((value, k) => cell(page, row, k, value))));
  byId("sheet").replaceChildren(element("thead", {}, element("tr", {}, ...heads)), element("tbody", {}, ...rows));
  mark();
}

function cell(page, row, k, value) {
  const column = page.columns[k];
  if (column?.field === page.key) return element("th", { scope: "row", class: "key" }, element("span", { class: "name", title: value }, value), ...rowButtons(page, row, value));
  const [field, period, kind] = column ? [column.field, null, column.kind] : [page.shown, k - page.columns.length, "number"];
  const id = key(page.sheet, field, row, period);
  const before = String(value);
  const input = element("input", {
    type: "text", "data-cell": id, "data-kind": kind, "data-before": before, autocomplete: "off", spellcheck: "false",
    "aria-label": `${field} ${row}`, value: edits.get(id)?.value ?? before,
    onchange: () => change(id, { sheet: page.sheet, field, row, period, value: input.value }, before),
  });
  return element("td", { class: "cell" }, input);
}

function rowButtons(page, row, value) {
  if (!page.rows_change) return [];
  const button = (sign, what, work) => element("button", { class: "quiet row", type: "button", title: `${what} row ${value}`, "aria-label": `${what} row ${row} ${value}`, "data-row-change": `${what.toLowerCase()} ${row}`, onclick: work }, sign);
  return [
    button("+", "Copy", () => {
      const id = page.named ? prompt(`Copy ${value} with its offers and start costs, and save. Name of the copy:`, "") : "";
      if (id !== null) changeRows({ change: "copy", row, id });
    }),
    button("×", "Remove", () => { if (confirm(`Remove ${value} and save?`)) changeRows({ change: "remove", row }); }),
  ];
}

// Rows move below their numbers, so a change of rows is saved at once, with whatever is edited.
async function changeRows(asked) {
  const { ok, body } = await post(`${url}/rows`, { ...asked, sheet: view.sheet, edits: changes(), as: byId("as").value });
  // Where it is refused nothing has moved on this page, so findings lead to no cell of it.
  if (body.findings) verdict(ok ? body : { ...body, findings: body.findings.map((finding) => ({ ...finding, cell: null })) }, ok ? "Saved" : "Not saved");
  if (!ok) return;
  edits.clear();
  if (body.id !== given.id) { location.href = `/cases/${encodeURIComponent(body.id)}`; return; }
  await show();
  for (const tab of document.querySelectorAll("#tabs button")) tab.querySelector(".count").textContent = body.rows[tab.dataset.sheet] ?? 0;
  say("Saved.");
}

function change(id, edit, before) {
  if (edit.value === before) edits.delete(id);
  else edits.set(id, edit);
  findings = findings.filter((finding) => !finding.cell || key(finding.cell.sheet, finding.cell.field, finding.cell.row, finding.cell.series ? finding.cell.period : null) !== id);
  mark();
}

// What is edited and what is wrong, at the cells that are on the page.
function mark() {
  const count = edits.size;
  byId("edited").hidden = !count;
  byId("edited").textContent = `${count} ${count === 1 ? "cell is" : "cells are"} changed and not saved; validation and runs take them in.`;
  byId("save").disabled = !count && !byId("as").value;
  for (const why of document.querySelectorAll("#sheet .why")) why.remove();
  for (const input of document.querySelectorAll("#sheet input")) {
    input.classList.toggle("edited", edits.has(input.dataset.cell));
    input.classList.remove("error", "warning");
    input.removeAttribute("aria-invalid");
  }
  // Each goes right behind its field, so the gravest comes last.
  for (const finding of [...findings].reverse()) if (finding.cell) markCell(finding);
}

function markCell(finding) {
  const { sheet, field, row, period, series } = finding.cell;
  const input = document.querySelector(`#sheet input[data-cell="${CSS.escape(key(sheet, field, row, series ? period : null))}"]`);
  if (!input) return;
  const tone = finding.severity.toLowerCase();
  input.classList.add(tone);
  if (tone === "error") input.setAttribute("aria-invalid", "true");
  input.after(element("span", { class: `why ${tone}` }, finding.message + (finding.limit ? ` Must be ${finding.limit}.` : "")));
}

async function go(where) {
  view = { sheet: where.sheet, series: where.series ? where.field : "", find: "", offset: Math.floor(where.row / SIZE) * SIZE };
  byId("find").value = "";
  await show();
  const input = document.querySelector(`#sheet input[data-cell="${CSS.escape(key(where.sheet, where.field, where.row, where.series ? where.period : null))}"]`);
  input?.scrollIntoView({ block: "center", inline: "center" });
  input?.focus();
}

function verdict(body, title) {
  findings = (body.findings ?? []).map((finding) => ({ ...finding, label: finding.period >= 0 ? given.labels[finding.period] : "" }));
  byId("verdict").hidden = false;
  byId("verdict-title").textContent = title;
  byId("verdict-title").className = body.valid ? "good" : "bad";
  byId("findings").replaceChildren(...findings.map((finding) => findingLine(finding, go)));
  mark();
}

const changes = () => [...edits.values()];
const words = (body) => `${body.valid ? "Valid" : "Not valid"} · ${body.findings.length} ${body.findings.length === 1 ? "finding" : "findings"}`;

async function busy(button, work) {
  button.disabled = true;
  try { await work(); } finally { button.disabled = false; mark(); }
}

byId("check").addEventListener("click", () => busy(byId("check"), async () => {
  const { ok, body } = await post(`${url}/check`, { edits: changes(), rules: byId("rules").value });
  if (ok) verdict(body, words(body));
}));

byId("save").addEventListener("click", () => busy(byId("save"), async () => {
  const { ok, body } = await post(`${url}/save`, { edits: changes(), as: byId("as").value });
  if (body.findings) verdict(body, ok ? "Saved" : "Not saved");
  if (!ok) return;
  edits.clear();
  if (body.id !== given.id) location.href = `/cases/${encodeURIComponent(body.id)}`;
  else { say("Saved."); show(); }
}));

byId("run").addEventListener("click", () => busy(byId("run"), async () => {
  const { ok, body } = await post("/api/runs", {
    case: given.id, edits: changes(), rules: byId("rules").value, gap: byId("gap").value,
    time_limit_seconds: byId("seconds").value, reproducible: byId("reproducible").checked,
  });
  if (ok) { edits.clear(); location.href = `/runs/${encodeURIComponent(body.id)}`; }
  else if (body.findings) verdict(body, words(body));
}));

byId("tabs").addEventListener("click", (event) => {
  const tab = event.target.closest("button");
  if (!tab) return;
  view = { sheet: tab.dataset.sheet, series: "", find: "", offset: 0 };
  byId("find").value = "";
  show();
});
byId("find").addEventListener("input", later(() => { view.find = byId("find").value; view.offset = 0; show(); }, 200));
byId("series").addEventListener("change", () => { view.series = byId("series").value; show(); });
byId("as").addEventListener("input", mark);
window.addEventListener("beforeunload", (event) => { if (edits.size) event.preventDefault(); });
show().then(() => { document.documentElement.dataset.ready = "yes"; });
