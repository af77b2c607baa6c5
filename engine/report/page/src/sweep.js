// How an output responds to what is varied: lines for one key, a map for two, dots for more.
import * as Plot from "@observablehq/plot";
import { accent, cut, ink, paper, plot, quiet, rim, spread, widthOf } from "./draw.js";
import { dotsOverLines } from "./rows.js";
import { short, tick } from "./words.js";

const dashes = ["none", "7 3", "2 2", "9 3 2 3", "4 4", "12 3", "1 3"];
const colours = ["var(--k1)", "var(--k2)", "var(--k3)", "var(--k5)", "var(--k7)", "var(--k4)", "var(--k6)"];

const isNumeric = (data, k) => data.points.every((p) => typeof p.at[k] === "number");
const values = (data, k) => {
  const all = [...new Set(data.points.map((p) => p.at[k]))];
  return isNumeric(data, k) ? all.sort((a, b) => a - b) : all;
};

/** Medians and P5 to P95 over the values of one key; one line a scenario. */
function lines(data, k, points, width) {
  const unit = data.unit;
  const several = data.scenarios.length > 1;
  const height = 230, marginTop = 10, marginBottom = 40, marginLeft = 46;
  const numeric = isNumeric(data, k);
  const rows = points.map((p) => ({ ...p, x: numeric ? p.at[k] : String(p.at[k]) }));
  if (numeric) rows.sort((a, b) => a.x - b.x);
  const ends = data.scenarios.map((name) => {
    const own = rows.filter((r) => r.scenario === name);
    return { name, value: own[own.length - 1]?.p50 };
  }).filter((d) => Number.isFinite(d.value));
  const all = rows.flatMap((r) => (several ? [r.p50] : [r.p05, r.p95]));
  const low = Math.min(0, ...all), high = Math.max(...all);
  const span = height - marginTop - marginBottom;
  const placed = spread(ends.map((d) => ({ ...d, at: marginTop + span * (high - d.value) / (high - low || 1) })), 14, marginTop, height - marginBottom);
  const marginRight = several ? Math.min(width * 0.36, Math.max(...ends.map((d) => widthOf(d.name))) + 14) : 14;
  const lastX = rows[rows.length - 1].x;
  return plot({
    width, height, marginTop, marginBottom, marginLeft, marginRight,
    x: { type: numeric ? "linear" : "point", label: data.keys[k], labelAnchor: "center", labelArrow: "none", ticks: Math.max(2, Math.round((width - marginLeft - marginRight) / 80)), ...(numeric ? { tickFormat: tick("") } : { tickFormat: (v) => cut(v, (width - marginLeft) / values(data, k).length) }) },
    y: { domain: [low, high], ticks: 4, tickFormat: tick(unit), label: null, grid: true },
    marks: [
      Plot.ruleY([0], { stroke: quiet }),
      ...(several ? [] : [Plot.areaY(rows, { x: "x", y1: "p05", y2: "p95", fill: accent, fillOpacity: 0.2 })]),
      ...data.scenarios.flatMap((name, c) => {
        const own = rows.filter((r) => r.scenario === name);
        const stroke = several ? colours[c % colours.length] : ink;
        return [
          Plot.lineY(own, { x: "x", y: "p50", stroke, strokeWidth: 2, strokeDasharray: dashes[c % dashes.length] }),
          Plot.dot(own, { x: "x", y: "p50", r: 3, fill: stroke, stroke: paper }),
        ];
      }),
      ...(several ? [Plot.text(placed, { x: () => lastX, y: (d) => high - (d.at - marginTop) * (high - low) / span, text: (d) => cut(d.name, marginRight - 10), textAnchor: "start", dx: 8, fill: ink })] : []),
      Plot.tip(rows, Plot.pointer({ x: "x", y: "p50", fontSize: 12, maxRadius: 40,
        title: (r) => `${data.keys[k]} = ${r.at[k]}${several ? `\n${r.scenario}` : ""}\nP50  ${short(r.p50, unit)}\nP5 to P95  ${short(r.p05, unit)} to ${short(r.p95, unit)}` })),
    ],
  }, `Response of ${data.label} to ${data.keys[k]}`,
  ends.map((d) => `${d.name}: median from ${short(rows.find((r) => r.scenario === d.name).p50, unit)} to ${short(d.value, unit)}`).join("; ") + ".");
}

/** A cell for each pair of values, with its median written in it where there is room. */
function map(data, width) {
  const unit = data.unit;
  const xs = values(data, 0).map(String), ys = values(data, 1).map(String);
  const rows = data.points.filter((p) => p.scenario === data.scenarios[0])
    .map((p) => ({ ...p, x: String(p.at[0]), y: String(p.at[1]) }));
  const marginLeft = Math.min(width * 0.3, Math.max(...ys.map((y) => widthOf(y, 11))) + 18), marginBottom = 42;
  const cellWidth = (width - marginLeft - 8) / xs.length;
  const height = Math.max(160, Math.min(420, ys.length * 30)) + marginBottom + 28;
  const medians = rows.map((r) => r.p50);
  const low = Math.min(...medians), high = Math.max(...medians);
  const share = (r) => (r.p50 - low) / (high - low || 1);
  const hasRoom = cellWidth >= 38 && ys.length <= 16;
  return plot({
    width, height, marginLeft, marginRight: 8, marginTop: 28, marginBottom,
    x: { type: "band", domain: xs, label: data.keys[0], labelAnchor: "center", labelArrow: "none", padding: 0.03, ticks: xs.filter((_, i) => i % Math.ceil(40 / cellWidth) === 0), tickFormat: (v) => cut(v, Math.max(38, cellWidth), 11) },
    y: { type: "band", domain: ys.slice().reverse(), label: data.keys[1], labelAnchor: "top", labelArrow: "up", padding: 0.03, tickFormat: (v) => cut(v, marginLeft - 12, 11) },
    marks: [
      Plot.cell(rows, { x: "x", y: "y", fill: "var(--accent)", fillOpacity: (r) => 0.06 + 0.64 * share(r) }),
      ...(hasRoom ? [Plot.text(rows, { x: "x", y: "y", text: (r) => short(r.p50, unit), fill: ink, fontWeight: 600, ...rim, strokeWidth: 3 })] : []),
      Plot.tip(rows, Plot.pointer({ x: "x", y: "y", fontSize: 12,
        title: (r) => `${data.keys[0]} = ${r.at[0]}\n${data.keys[1]} = ${r.at[1]}\nP50  ${short(r.p50, unit)}\nP5 to P95  ${short(r.p05, unit)} to ${short(r.p95, unit)}` })),
    ],
    opacity: { type: "identity" },
  }, `Median of ${data.label} over ${data.keys[0]} and ${data.keys[1]}`,
  `From ${short(low, unit)} to ${short(high, unit)}; darker is more.`);
}

/** Where each point but the first differs from it in one key alone: that key. */
function aloneIn(data) {
  const points = data.points.filter((p) => p.scenario === data.scenarios[0]);
  const [base, ...others] = points;
  const rows = others.map((p) => {
    const keys = data.keys.map((_, k) => k).filter((k) => p.at[k] !== base.at[k]);
    return { ...p, keys };
  });
  return rows.length > 0 && rows.every((r) => r.keys.length === 1) ? { base, rows } : null;
}

/** One key at a time: a row a point, beside the scenario as it stands. */
function alone(data, { base, rows }, width) {
  const unit = data.unit;
  const told = (name, p) => ({ name, value: p.p50, low: p.p05, high: p.p95 });
  const shown = [told("as it stands", base), ...rows.slice(0, 60).map((r) => told(`${data.keys[r.keys[0]]} = ${r.at[r.keys[0]]}`, r))];
  return dotsOverLines({
    rows: shown, unit, zero: false, inner: false, outer: accent, width, base: base.p50,
    label: `Response of ${data.label}, one key at a time`,
    description: shown.map((r) => `${r.name}: median ${short(r.value, unit)}`).join("; ") + ".",
  });
}

/** Each key on its own: medians of all points over its values. */
function scatter(data, k, width) {
  const unit = data.unit;
  const numeric = isNumeric(data, k);
  const rows = data.points.map((p) => ({ ...p, x: numeric ? p.at[k] : String(p.at[k]) }));
  return plot({
    width, height: 190, marginLeft: 46, marginRight: 12, marginTop: 10, marginBottom: 40,
    x: { type: numeric ? "linear" : "point", label: data.keys[k], labelAnchor: "center", labelArrow: "none", ticks: 4, ...(numeric ? { tickFormat: tick("") } : { tickFormat: (v) => cut(v, (width - 58) / values(data, k).length) }) },
    y: { ticks: 4, tickFormat: tick(unit), label: null, grid: true, nice: true },
    marks: [
      Plot.dot(rows, { x: "x", y: "p50", r: 2.5, fill: accent, fillOpacity: 0.65 }),
      Plot.tip(rows, Plot.pointer({ x: "x", y: "p50", fontSize: 12, title: (r) => data.keys.map((key, i) => `${key} = ${r.at[i]}`).join("\n") + `\nP50  ${short(r.p50, unit)}` })),
    ],
  }, `Medians of ${data.label} over ${data.keys[k]}`, `${rows.length} points.`);
}

export function sweep(data, { width }) {
  if (data.points.length === 0) return null;
  if (data.keys.length === 1) return lines(data, 0, data.points, width);
  const xs = values(data, 0).length, ys = data.keys.length > 1 ? values(data, 1).length : 0;
  const isGrid = data.keys.length === 2 && xs * ys * data.scenarios.length === data.points.length && xs > 1 && ys > 1;
  if (isGrid) return map(data, width);
  const each = aloneIn(data);
  if (each) return alone(data, each, width);
  const all = document.createElement("div");
  data.keys.slice(0, 12).forEach((_, k) => all.append(scatter(data, k, width)));
  return all;
}
