// One run: its progress while it lives, then its tables with a chart of the rows that are chosen.
import { ask, byId, element, given, later, number, pager, post } from "./common.js";

const SIZE = 50;
const MOST_LINES = 8;
const url = `/api/runs/${encodeURIComponent(given.id)}`;
const view = { table: given.tables[0]?.name, find: "", offset: 0, field: "" };
const chosen = new Map();

function watch() {
  const course = [];
  const last = {};
  let heard = performance.now();
  const source = new EventSource(`${url}/events`);
  source.onmessage = (message) => {
    const event = JSON.parse(message.data);
    Object.assign(last, event);
    heard = performance.now();
    course.push({ ...last });
    byId("stage").textContent = last.stage;
    byId("incumbent").textContent = number(last.incumbent);
    byId("bound").textContent = number(last.bound);
    byId("progress-gap").textContent = last.gap === undefined ? "–" : `${(100 * last.gap).toFixed(3)} %`;
    picture(course);
  };
  const clock = setInterval(() => { byId("clock").textContent = ((last.seconds ?? 0) + (performance.now() - heard) / 1000).toFixed(1); }, 200);
  source.addEventListener("over", () => { source.close(); clearInterval(clock); location.reload(); });
  byId("cancel").addEventListener("click", async () => { byId("cancel").disabled = true; await post(`${url}/cancel`, {}); });
}

// Steps of the best cost and of the bound over the seconds.
function picture(course) {
  const known = course.flatMap((event) => [event.incumbent, event.bound]).filter((value) => value !== undefined);
  if (known.length < 2) return;
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const end = Math.max(...course.map((event) => event.seconds), 1e-9);
  const x = (seconds) => 110 + (680 * seconds) / end;
  const y = (value) => 140 - (125 * (value - low)) / (high - low || 1);
  const line = (name, colour) => {
    const points = course.filter((event) => event[name] !== undefined).map((event) => [x(event.seconds), y(event[name])]);
    const path = points.map(([a, b], k) => (k ? `H${a.toFixed(1)}V${b.toFixed(1)}` : `M${a.toFixed(1)},${b.toFixed(1)}`)).join("");
    return shape("path", { d: path, fill: "none", stroke: `var(--series-${colour})`, "stroke-width": 2 });
  };
  byId("course").replaceChildren(line("incumbent", 2), line("bound", 1), text(4, 18, number(Math.round(high))), text(4, 140, number(Math.round(low))), text(740, 156, `${end.toFixed(1)} s`));
}

function shape(tag, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

function text(x, y, words) {
  const made = shape("text", { x, y });
  made.textContent = words;
  return made;
}

async function show() {
  if (!view.table) return;
  const query = new URLSearchParams({ find: view.find, offset: view.offset, limit: SIZE, field: view.field });
  const { ok, body: page } = await ask(`${url}/tables/${view.table}?${query}`);
  if (!ok) return;
  for (const tab of document.querySelectorAll("#tabs button")) tab.setAttribute("aria-selected", tab.dataset.table === view.table);
  byId("field-label").hidden = !page.fields.length;
  byId("field").replaceChildren(...page.fields.map((field) => element("option", { value: field, selected: field === page.field }, field)));
  byId("csv").href = `/runs/${encodeURIComponent(given.id)}/files/${view.table}.csv`;
  byId("hint").hidden = !page.keys;
  pager(byId("pager"), page, SIZE, (offset) => { view.offset = offset; show(); });
  draw(page);
}

function draw(page) {
  const heads = page.columns.map((name, k) => element("th", { scope: "col", class: k < page.keys && !k ? "key" : page.numeric[k] ? "number" : "" }, name.replaceAll("_", " ")));
  const rows = page.rows.map((row) => element("tr", {}, ...pick(page, row), ...row.map((value, k) =>
    element(k < page.keys && !k ? "th" : "td", { class: k < page.keys && !k ? "key" : page.numeric[k] ? "number" : "" }, page.numeric[k] ? number(value) : value))));
  byId("table").replaceChildren(
    element("thead", {}, element("tr", {}, ...(page.keys ? [element("th", {}, "")] : []), ...heads)), element("tbody", {}, ...rows));
}

function pick(page, row) {
  if (!page.keys) return [];
  const name = row.slice(0, page.keys).filter(Boolean).join(" · ");
  const box = element("input", { type: "checkbox", "aria-label": `Draw ${name}`, onchange: () => {
    if (box.checked) chosen.set(name, row.slice(page.keys));
    else chosen.delete(name);
    if (chosen.size > MOST_LINES) chosen.delete(chosen.keys().next().value);
    chart(page.columns.slice(page.keys));
  } });
  box.checked = chosen.has(name);
  return [element("td", {}, box)];
}

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const escaped = (words) => words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
let plotly = null;

function chart(labels) {
  byId("chart").hidden = !chosen.size;
  if (!chosen.size) return;
  plotly ??= new Promise((done) => document.head.append(element("script", { src: "/static/plotly.js", onload: done })));
  plotly.then(() => {
    const lines = [...chosen].map(([name, values], k) => ({
      type: "scatter", mode: "lines", name: escaped(name), x: labels, y: values, line: { shape: "hvh", width: 2, color: colour(`series-${k + 1}`) },
    }));
    const axis = { gridcolor: colour("grid"), linecolor: colour("rule"), automargin: true };
    window.Plotly.react(byId("chart"), lines, {
      paper_bgcolor: colour("surface"), plot_bgcolor: colour("surface"), font: { color: colour("ink"), family: getComputedStyle(document.body).fontFamily },
      margin: { l: 50, r: 12, t: 12, b: 30 }, hovermode: "x unified", showlegend: true, xaxis: { ...axis, type: "category", nticks: 13 }, yaxis: axis,
      hoverlabel: { bgcolor: colour("surface"), font: { color: colour("ink") } },
    }, { displaylogo: false, responsive: true, plotlyServerURL: "", modeBarButtons: [["toImage", "zoom2d", "pan2d", "resetScale2d"]] });
  });
}

if (byId("live")) watch();
else if (given.tables.length) {
  byId("tabs").addEventListener("click", (event) => {
    const tab = event.target.closest("button");
    if (!tab) return;
    Object.assign(view, { table: tab.dataset.table, find: "", offset: 0, field: "" });
    byId("find").value = "";
    chosen.clear();
    chart([]);
    show();
  });
  byId("find").addEventListener("input", later(() => { view.find = byId("find").value; view.offset = 0; show(); }, 200));
  byId("field").addEventListener("change", () => { view.field = byId("field").value; chosen.clear(); chart([]); show(); });
  show().then(() => { document.documentElement.dataset.ready = "yes"; });
}
