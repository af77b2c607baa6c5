// What binds when: shares of histories by month, one patterned band a constraint.
import * as Plot from "@observablehq/plot";
import { ink, paper, plot, rim, svgElement, widthOf, years } from "./draw.js";
import { middle, percent, start } from "./words.js";

// Known constraints keep their colour and pattern in every chart; others take what is left.
const known = {
  plan: 0, orders: 0, npus: 0,
  memory: 2, immersion: 2, switches: 2,
  dies: 1, etch: 1, optics: 1,
  packaging: 3, deposition: 3, power: 3,
  io_dies: 5, dry: 4, clean: 5, metrology: 6, cmp: 7,
};
const patterns = [
  (g) => g, // plain
  (g) => (g.append(line("M0 8L8 0M-2 2L2 -2M6 10L10 6")), g),
  (g) => (g.append(dot(2, 2), dot(6, 6)), g),
  (g) => (g.append(line("M0 2H8M0 6H8")), g),
  (g) => (g.append(line("M2 0V8M6 0V8")), g),
  (g) => (g.append(line("M0 0L8 8M-2 6L2 10M6 -2L10 2M0 8L8 0")), g),
  (g) => (g.append(line("M0 4H8M4 0V8")), g),
  (g) => (g.append(dot(4, 4)), g),
];
const line = (d) => svgElement("path", { d, stroke: paper, "stroke-opacity": 0.55, "stroke-width": 1, fill: "none" });
const dot = (cx, cy) => svgElement("circle", { cx, cy, r: 1.1, fill: paper, "fill-opacity": 0.65 });

export function looksOf(constraints) {
  const taken = new Set();
  const looks = new Map();
  for (const name of constraints) {
    let look = known[name];
    if (look === undefined || taken.has(look)) {
      look = [0, 1, 2, 3, 4, 5, 6, 7].find((k) => !taken.has(k)) ?? 0;
    }
    taken.add(look);
    looks.set(name, look);
  }
  return looks;
}

function pattern(id, look) {
  const made = svgElement("pattern", { id, width: 8, height: 8, patternUnits: "userSpaceOnUse" },
    svgElement("rect", { width: 8, height: 8, fill: `var(--k${look})` }));
  return patterns[look](made);
}

let count = 0;

export function binding(data, { width, chosen, figure }) {
  const scenario = data.scenarios.find((s) => s.name === chosen) ?? data.scenarios[0];
  if (!scenario || scenario.periods.length === 0) return null;
  const looks = looksOf(scenario.constraints);
  const prefix = `binds-${++count}-`;
  const height = 180, marginLeft = 46, marginRight = 8, marginTop = 8, marginBottom = 24;
  const dates = scenario.periods.map(middle);
  const rows = [];
  const labels = [];
  const pixels = (width - marginLeft - marginRight) / Math.max(1, dates.length - 1);
  const base = new Array(dates.length).fill(0);
  scenario.constraints.forEach((constraint, c) => {
    const shares = scenario.shares[c];
    let best = -1, room = 0;
    shares.forEach((share, i) => {
      rows.push({ at: dates[i], period: scenario.periods[i], constraint, share, y1: base[i], y2: base[i] + share });
    });
    // Its name stands where the band is thick enough over the whole length of the name.
    const half = Math.ceil(widthOf(constraint) / 2 / pixels) + 1;
    for (let i = half; i + half < shares.length; ++i) {
      let top = 1, bottom = 0;
      for (let j = i - half; j <= i + half; ++j) {
        top = Math.min(top, base[j] + shares[j]);
        bottom = Math.max(bottom, base[j]);
      }
      if (top - bottom > room) [room, best] = [top - bottom, i], labels[c] = { at: dates[i], y: (top + bottom) / 2, constraint };
    }
    if (best < 0 || room * (height - marginTop - marginBottom) < 15) delete labels[c];
    shares.forEach((share, i) => { base[i] += share; });
  });
  const byPeriod = scenario.periods.map((period, i) => ({
    period, at: dates[i],
    words: scenario.constraints.map((name, c) => [scenario.shares[c][i], name])
      .filter(([share]) => share >= 0.005).sort((a, b) => b[0] - a[0])
      .map(([share, name]) => `${name}  ${percent(share)}`).join("\n"),
  }));
  const svg = plot({
    width, height, marginLeft, marginRight, marginTop, marginBottom,
    x: years(width - marginLeft - marginRight, start(scenario.periods[0]), dates[dates.length - 1]),
    y: { domain: [0, 1], ticks: [0, 0.25, 0.5, 0.75, 1], tickFormat: percent, label: null },
    marks: [
      Plot.areaY(rows, {
        x: "at", y1: "y1", y2: "y2", z: "constraint",
        fill: (d) => `url(#${prefix}${looks.get(d.constraint)})`, stroke: paper, strokeWidth: 0.75 }),
      Plot.text(labels.filter(Boolean), { x: "at", y: "y", text: "constraint", fill: ink, fontWeight: 600, ...rim }),
      Plot.tip(byPeriod, Plot.pointerX({ x: "at", y: () => 0.5, title: (d) => `${d.period}\n${d.words}`, fontSize: 12 })),
    ],
    color: { type: "identity" },
  }, `What binds ${data.label}`,
  `${scenario.name}. ` + scenario.constraints.map((name, c) => {
    const shares = scenario.shares[c];
    return `${name}: ${percent(shares.reduce((a, b) => a + b, 0) / shares.length)} on average`;
  }).join("; ") + ".");
  const defs = svgElement("defs", {});
  for (const look of new Set(looks.values())) defs.append(pattern(prefix + look, look));
  svg.prepend(defs);

  const legend = document.createElement("ul");
  legend.className = "legend";
  for (const name of scenario.constraints) {
    const item = document.createElement("li");
    const swatch = svgElement("svg", { width: 18, height: 12, "aria-hidden": "true" },
      svgElement("rect", { width: 18, height: 12, fill: `url(#${prefix}${looks.get(name)})` }));
    item.append(swatch, name.replace("_", " "));
    legend.append(item);
  }
  figure.dataset.drawn = scenario.name;
  const both = document.createElement("div");
  both.append(svg, legend);
  return both;
}
