// What every page needs: elements without any HTML text, requests, numbers.

export const given = JSON.parse(document.getElementById("given")?.textContent ?? "{}");

// Text only ever becomes text: names of units and cases may hold anything.
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "class") made.className = value;
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.map((child) => (child instanceof Node ? child : String(child))));
  return made;
}

export function byId(id) { return document.getElementById(id); }

export function say(text) {
  const line = element("p", {}, text);
  byId("message").append(line);
  setTimeout(() => line.remove(), 6000);
}

// The answer as JSON with its status; a server that is not there is said, not thrown.
export async function ask(url, options = {}) {
  try {
    const answer = await fetch(url, options);
    const body = answer.status === 204 ? {} : await answer.json();
    if (!answer.ok && !body.findings) say(body.error ?? `Failed: ${answer.status}`);
    return { ok: answer.ok, status: answer.status, body };
  } catch {
    say("The console does not answer; is it still running?");
    return { ok: false, status: 0, body: {} };
  }
}

export function post(url, value) {
  return ask(url, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(value) });
}

const DIGITS = new Intl.NumberFormat("en", { maximumFractionDigits: 3 });
export function number(value) { return value === null || value === undefined ? "–" : typeof value === "number" ? DIGITS.format(value) : String(value); }

export function findingLine(finding, go) {
  const where = [finding.subject, finding.label].filter(Boolean).join(", ");
  const parts = [element("strong", {}, finding.code), " ", where ? `${where}: ` : "", finding.message];
  if (finding.value) parts.push(` — ${finding.value}`);
  if (finding.limit) parts.push(`, must be ${finding.limit}`);
  if (finding.path) {
    const path = element("code", {}, ` ${finding.path}`);
    parts.push(go && finding.cell ? element("a", { href: "#sheet", onclick: (event) => { event.preventDefault(); go(finding.cell); } }, path) : path);
  }
  return element("li", { class: finding.severity.toLowerCase() }, ...parts);
}

// First, last, and the buttons between them.
export function pager(place, page, size, go) {
  const last = Math.min(page.offset + size, page.total);
  const text = page.total ? `${page.offset + 1}–${last} of ${page.total}` : "nothing found";
  place.replaceChildren(
    element("button", { class: "quiet", "aria-label": "Previous rows", onclick: () => go(Math.max(0, page.offset - size)), disabled: page.offset === 0 }, "◀"),
    element("span", { class: "note" }, text),
    element("button", { class: "quiet", "aria-label": "Next rows", onclick: () => go(page.offset + size), disabled: last >= page.total }, "▶"),
  );
}

export function later(work, milliseconds) {
  let timer = 0;
  return (...given) => { clearTimeout(timer); timer = setTimeout(() => work(...given), milliseconds); };
}
