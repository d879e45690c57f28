"use strict";
// Draws the figures of the page when they come near the window, in the colours of the style sheet.
(function () {
  const COLOUR_KEYS = new Set(["color", "fgcolor", "bgcolor", "fillcolor"]);
  const STEPS = 7;

  function colour(role) {
    const value = getComputedStyle(document.documentElement).getPropertyValue("--" + role).trim();
    return value || role;
  }

  function sequence() {
    return Array.from({ length: STEPS }, (_, k) => [k / (STEPS - 1), colour("seq-" + k)]);
  }

  const main = document.querySelector("main");
  const words = JSON.parse(main.dataset.words || "{}");
  const chinese = document.getElementById("chinese");

  // Names of lines and titles of axes in the language that is chosen; ids of the case are under other keys.
  function spoken(text) {
    return chinese && chinese.checked && Object.hasOwn(words, text) ? words[text] : text;
  }

  // Roles stand only under colour keys, so a unit may be called "ink" without becoming one.
  function dressed(node, key) {
    if (typeof node === "string") {
      if (key === "name" || key === "text") return spoken(node);
      if (key === "colorscale" && node === "sequence") return sequence();
      return COLOUR_KEYS.has(key) ? colour(node) : node;
    }
    if (Array.isArray(node)) return node.map((item) => (typeof item === "object" ? dressed(item, "") : item));
    if (node === null || typeof node !== "object") return node;
    return Object.fromEntries(Object.entries(node).map(([k, v]) => [k, dressed(v, k)]));
  }

  function axis(given, extra) {
    return Object.assign(
      { gridcolor: colour("grid"), zerolinecolor: colour("muted"), linecolor: colour("rule"), automargin: true, tickfont: { size: 11 }, fixedrange: false },
      extra, given,
      given && given.tickwords ? { ticktext: given.tickwords.map(spoken) } : {},  // words of the page, not ids of the case
      given && given.title ? { title: { text: given.title.text, font: { size: 11 }, standoff: 6 } } : {}
    );
  }

  function layoutOf(given) {
    return Object.assign({}, given, {
      font: { family: getComputedStyle(document.body).fontFamily, color: colour("ink"), size: 12 },
      paper_bgcolor: colour("surface"),
      plot_bgcolor: colour("surface"),
      margin: { l: 48, r: 12, t: 8, b: given.showlegend ? 56 : 28 },
      legend: { orientation: "h", x: 0, y: 0, yref: "container", yanchor: "bottom", font: { size: 11 }, traceorder: "normal" },
      hoverlabel: { bgcolor: colour("surface"), bordercolor: colour("rule"), font: { color: colour("ink"), size: 12 }, namelength: 40 },
      modebar: { bgcolor: "rgba(0,0,0,0)", color: colour("muted"), activecolor: colour("accent") },
      xaxis: axis(given.xaxis, { showgrid: false, tickangle: 0, ticks: "outside", ticklen: 4, tickcolor: colour("rule") }),
      yaxis: axis(given.yaxis, {}),
    });
  }

  const CONFIG = {
    displaylogo: false,
    responsive: true,
    plotlyServerURL: "",
    modeBarButtons: [["toImage", "zoom2d", "pan2d", "resetScale2d"]],
  };

  const drawn = new Set();

  function draw(canvas) {
    const source = canvas.parentElement.querySelector("script.figure");
    const figure = JSON.parse(source.textContent);
    drawn.add(canvas);
    const layout = layoutOf(dressed(figure.layout, ""));
    // A sheet of paper does not resize: the width is the one that the canvas has now.
    if (document.documentElement.classList.contains("printing")) layout.width = canvas.clientWidth;
    return Plotly.react(canvas, dressed(figure.data, ""), layout, CONFIG);
  }

  const canvases = Array.from(document.querySelectorAll(".canvas"));
  const watcher = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (entry.isIntersecting && !drawn.has(entry.target)) draw(entry.target);
    }
  }, { rootMargin: "600px 0px" });
  canvases.forEach((canvas) => watcher.observe(canvas));

  if (chinese) {
    if (navigator.language.startsWith("zh")) chinese.checked = true;
    document.querySelectorAll("[name=language]").forEach((choice) => choice.addEventListener("change", () => drawn.forEach(draw)));
  }
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawn.forEach(draw));
  // Plots are as wide as the sheet while it is printed; all of them are drawn, seen before or not.
  function printing(on) {
    document.documentElement.classList.toggle("printing", on);
    (on ? canvases : Array.from(drawn)).forEach(draw);
  }
  window.addEventListener("beforeprint", () => printing(true));
  window.addEventListener("afterprint", () => printing(false));
})();
