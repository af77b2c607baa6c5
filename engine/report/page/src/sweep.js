// How an output responds to what is varied, in the picture that engine/report/response.cc chose.
import * as Plot from "@observablehq/plot";
import { accent, cut, ink, paper, plot, quiet, rim, spread, widthOf } from "./draw.js";
import { dotsOverLines } from "./rows.js";
import { short, tick } from "./words.js";

const dashes = ["none", "7 3", "2 2", "9 3 2 3", "4 4", "12 3", "1 3"];
const colours = ["var(--k1)", "var(--k2)", "var(--k3)", "var(--k5)", "var(--k7)", "var(--k4)", "var(--k6)"];
const symbols = ["circle", "square", "triangle", "diamond", "cross", "star", "wye"];
const most = 8;  // series that can be told apart

const isNumeric = (data, k) => data.points.every((p) => typeof p.at[k] === "number");
const told = (data, p) => data.keys.map((key, k) => `${key.heading} = ${p.at[k]}`).join("\n");

/** Medians over the values of the first key, a line each of `series`; of one series P5 to P95, too. */
function lines(data, series, width) {
  const unit = data.unit, key = data.keys[0];
  const several = series.length > 1;
  const height = 230, marginTop = 10, marginBottom = 40, marginLeft = 46;
  const numeric = isNumeric(data, 0);
  const drawn = series.slice(0, most).map((one) => {
    const rows = one.points.map((p) => ({ ...p, name: one.name, x: numeric ? p.at[0] : String(p.at[0]) }));
    if (numeric) rows.sort((a, b) => a.x - b.x);
    return { name: one.name, rows };
  }).filter((one) => one.rows.length > 0);
  const rows = drawn.flatMap((one) => one.rows);
  const ends = drawn.map((one) => ({ name: one.name, value: one.rows[one.rows.length - 1].p50 }));
  const all = rows.flatMap((r) => (several ? [r.p50] : [r.p05, r.p95]));
  const low = Math.min(0, ...all), high = Math.max(...all);
  const span = height - marginTop - marginBottom;
  const placed = spread(ends.map((d) => ({ ...d, at: marginTop + span * (high - d.value) / (high - low || 1) })), 14, marginTop, height - marginBottom);
  const marginRight = several ? Math.min(width * 0.4, Math.max(...ends.map((d) => widthOf(d.name))) + 14) : 14;
  const lastX = numeric ? Math.max(...rows.map((r) => r.x)) : String(key.values[key.values.length - 1]);
  const room = width - marginLeft - marginRight;
  return plot({
    width, height, marginTop, marginBottom, marginLeft, marginRight,
    x: { type: numeric ? "linear" : "point", label: key.heading, labelAnchor: "center", labelArrow: "none", ticks: Math.max(2, Math.round(room / 80)), ...(numeric ? { tickFormat: tick("") } : { domain: key.values.map(String), tickFormat: (v) => cut(v, room / key.values.length) }) },
    y: { domain: low === high ? [low, low + 1] : [low, high], ticks: 4, tickFormat: tick(unit), label: null, grid: true },
    marks: [
      Plot.ruleY([0], { stroke: quiet }),
      ...(several ? [] : [Plot.areaY(rows, { x: "x", y1: "p05", y2: "p95", fill: accent, fillOpacity: 0.2 })]),
      ...drawn.flatMap((one, c) => {
        const stroke = several ? colours[c % colours.length] : ink;
        return [
          Plot.lineY(one.rows, { x: "x", y: "p50", stroke, strokeWidth: 2, strokeDasharray: dashes[c % dashes.length] }),
          Plot.dot(one.rows, { x: "x", y: "p50", r: 3, fill: stroke, stroke: paper }),
        ];
      }),
      ...(several ? [Plot.text(placed, { x: () => lastX, y: (d) => high - (d.at - marginTop) * (high - low) / span, text: (d) => cut(d.name, marginRight - 10), textAnchor: "start", dx: 8, fill: ink })] : []),
      Plot.tip(rows, Plot.pointer({ x: "x", y: "p50", fontSize: 12, maxRadius: 40,
        title: (r) => `${told(data, r)}${data.scenarios.length > 1 ? `\n${r.name}` : ""}\nP50  ${short(r.p50, unit)}\nP5 to P95  ${short(r.p05, unit)} to ${short(r.p95, unit)}` })),
    ],
  }, `Response of ${data.label} to ${data.shape === "grid" ? data.keys.map((k) => k.heading).join(" and ") : key.heading}`, data.told);
}

/** A cell for each pair of values, with its median written in it where there is room. */
function map(data, width) {
  const unit = data.unit;
  const xs = data.keys[0].values.map(String), ys = data.keys[1].values.map(String);
  const rows = data.points.map((p) => ({ ...p, x: String(p.at[0]), y: String(p.at[1]) }));
  const marginLeft = Math.min(width * 0.3, Math.max(...ys.map((y) => widthOf(y, 11))) + 18), marginBottom = 42;
  const cellWidth = (width - marginLeft - 8) / xs.length;
  const cellHeight = Math.max(12, Math.min(30, 420 / ys.length));
  const height = Math.max(160, ys.length * cellHeight) + marginBottom + 28;
  const medians = rows.map((r) => r.p50);
  const low = Math.min(...medians), high = Math.max(...medians);
  const share = (r) => (r.p50 - low) / (high - low || 1);
  const hasRoom = cellWidth >= 38 && ys.length <= 16;
  return plot({
    width, height, marginLeft, marginRight: 8, marginTop: 28, marginBottom,
    x: { type: "band", domain: xs, label: data.keys[0].heading, labelAnchor: "center", labelArrow: "none", padding: 0.03, ticks: xs.filter((_, i) => i % Math.ceil(40 / cellWidth) === 0), tickFormat: isNumeric(data, 0) ? (v) => tick("")(Number(v)) : (v) => cut(v, Math.max(38, cellWidth), 11) },
    y: { type: "band", domain: ys.slice().reverse(), label: data.keys[1].heading, labelAnchor: "top", labelArrow: "up", padding: 0.03, tickFormat: (v) => cut(v, marginLeft - 12, 11) },
    marks: [
      Plot.cell(rows, { x: "x", y: "y", fill: "var(--accent)", fillOpacity: (r) => 0.06 + 0.64 * share(r) }),
      ...(hasRoom ? [Plot.text(rows, { x: "x", y: "y", text: (r) => short(r.p50, unit), fill: ink, fontWeight: 600, ...rim, strokeWidth: 3 })] : []),
      Plot.tip(rows, Plot.pointer({ x: "x", y: "y", fontSize: 12,
        title: (r) => `${told(data, r)}\nP50  ${short(r.p50, unit)}\nP5 to P95  ${short(r.p05, unit)} to ${short(r.p95, unit)}` })),
    ],
    opacity: { type: "identity" },
  }, `Median of ${data.label} over ${data.keys[0].heading} and ${data.keys[1].heading}`, data.told);
}

/** One key at a time: a row a change, beside the scenario as it stands. */
function alone(data, width) {
  return dotsOverLines({
    rows: data.changes.map((r) => ({ name: r.name, value: r.p50, low: r.p05, high: r.p95 })),
    unit: data.unit, zero: false, inner: false, outer: accent, width, base: data.changes[0].p50,
    label: `Response of ${data.label}, one key at a time`, description: data.told,
  });
}

/** Medians of all points over one key; scenarios differ by colour and symbol. */
function scatter(data, k, width) {
  const unit = data.unit, key = data.keys[k];
  const numeric = isNumeric(data, k);
  const rows = data.points.filter((p) => p.scenario < most).map((p) => ({ ...p, x: numeric ? p.at[k] : String(p.at[k]) }));
  const several = data.scenarios.length > 1;
  return plot({
    width, height: 190, marginLeft: 46, marginRight: 12, marginTop: 10, marginBottom: 40,
    x: { type: numeric ? "linear" : "point", label: key.heading, labelAnchor: "center", labelArrow: "none", ticks: 4, ...(numeric ? { tickFormat: tick("") } : { tickFormat: (v) => cut(v, (width - 58) / key.values.length) }) },
    y: { ticks: 4, tickFormat: tick(unit), label: null, grid: true, nice: true },
    marks: [
      ...data.scenarios.slice(0, most).map((_, s) => Plot.dot(rows.filter((r) => r.scenario === s), { x: "x", y: "p50", r: 2.8, symbol: symbols[s % symbols.length], fill: several ? colours[s % colours.length] : accent, fillOpacity: 0.65 })),
      Plot.tip(rows, Plot.pointer({ x: "x", y: "p50", fontSize: 12, title: (r) => `${several ? `${data.scenarios[r.scenario]}\n` : ""}${told(data, r)}\nP50  ${short(r.p50, unit)}` })),
    ],
  }, `Medians of ${data.label} over ${key.heading}`, data.told);
}

/** Names of scenarios beside their symbols. */
function legend(data) {
  const list = document.createElement("ul");
  list.className = "legend";
  data.scenarios.slice(0, most).forEach((name, s) => {
    const item = document.createElement("li");
    const sign = Plot.plot({ width: 14, height: 14, margin: 0, axis: null, x: { domain: [0, 1] }, y: { domain: [0, 1] },
      marks: [Plot.dot([[0.5, 0.5]], { r: 4, symbol: symbols[s % symbols.length], fill: colours[s % colours.length] })] });
    sign.querySelectorAll("style").forEach((style) => style.remove());
    sign.querySelectorAll("[aria-label]").forEach((part) => part.removeAttribute("aria-label"));
    sign.setAttribute("aria-hidden", "true");
    item.append(sign, name);
    list.append(item);
  });
  return list;
}

export function sweep(data, { width }) {
  const by = (name, is) => ({ name, points: data.points.filter(is) });
  switch (data.shape) {
    case "lines": return lines(data, data.scenarios.map((name, s) => by(name, (p) => p.scenario === s)), width);
    case "grid": return lines(data, data.keys[1].values.map((v) => by(`${data.keys[1].name} = ${v}`, (p) => p.at[1] === v)), width);
    case "map": return map(data, width);
    case "alone": return alone(data, width);
    default: {
      const all = document.createElement("div");
      if (data.scenarios.length > 1) all.append(legend(data));
      for (const k of data.shown) all.append(scatter(data, k, width));
      return all;
    }
  }
}
