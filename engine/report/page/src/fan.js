// Quantiles by quarter: median, and bands of 50, 80 and 90 %.
import * as Plot from "@observablehq/plot";
import { accent, ink, mark, paper, plot, quiet, rim, spread, years } from "./draw.js";
import { middle, short, start, tick } from "./words.js";

export function fan(data, { width, chosen }) {
  const scenario = data.scenarios.find((s) => s.name === chosen) ?? data.scenarios[0];
  const base = data.scenarios[0];
  const rows = scenario.periods.map((period, i) => {
    const row = { period, at: middle(period) };
    for (const q of ["p05", "p10", "p25", "p50", "p75", "p90", "p95"]) row[q] = scenario[q][i];
    return row;
  }).filter((row) => row.p50 !== null);
  if (rows.length === 0) return null;
  const observed = data.observed.map((o) => ({ ...o, at: middle(o.period) }));
  const unit = data.unit;
  const height = 230;
  const marginTop = 12, marginBottom = 24;
  const last = rows[rows.length - 1];
  const baseRows = base === scenario ? [] : base.periods
    .map((period, i) => ({ at: middle(period), p50: base.p50[i] })).filter((row) => row.p50 !== null);
  const all = rows.flatMap((r) => [r.p05, r.p95]).concat(observed.flatMap((o) => [o.lo, o.hi]), baseRows.map((r) => r.p50));
  const low = Math.min(0, ...all), high = Math.max(...all) || 1;
  const y = (value) => marginTop + (height - marginTop - marginBottom) * (high - value) / (high - low || 1);
  const ends = spread(
    [["P95", last.p95], ["P50", last.p50], ["P5", last.p05]].map(([name, value]) => ({
      name, value, at: y(value) })), 14, marginTop, height - marginBottom);
  const marginRight = 78;
  const value = (at) => high - (at - marginTop) * (high - low) / (height - marginTop - marginBottom);
  const tip = (row) => `${row.period.replace("Q", " Q")}\n` +
    [["P95", "p95"], ["P75", "p75"], ["P50", "p50"], ["P25", "p25"], ["P5", "p05"]]
      .map(([name, q]) => `${name}  ${short(row[q], unit)}`).join("\n");
  const band = (low, high, opacity) =>
    Plot.areaY(rows, { x: "at", y1: low, y2: high, fill: accent, fillOpacity: opacity });
  return plot({
    width, height, marginTop, marginBottom, marginLeft: 46, marginRight,
    x: years(width - marginRight - 46, start(rows[0].period), last.at),
    y: { domain: [low, high], ticks: 4, tickFormat: tick(unit), label: null, grid: true },
    marks: [
      Plot.ruleY([0], { stroke: quiet }),
      band("p05", "p95", 0.16), band("p10", "p90", 0.16), band("p25", "p75", 0.3),
      Plot.lineY(rows, { x: "at", y: "p95", stroke: accent, strokeWidth: 0.75, strokeDasharray: "3 2" }),
      Plot.lineY(rows, { x: "at", y: "p05", stroke: accent, strokeWidth: 0.75, strokeDasharray: "3 2" }),
      Plot.lineY(rows, { x: "at", y: "p50", stroke: ink, strokeWidth: 2 }),
      Plot.lineY(baseRows, { x: "at", y: "p50", stroke: mark, strokeWidth: 1.5, strokeDasharray: "6 3" }),
      Plot.ruleX(observed, { x: "at", y1: "lo", y2: "hi", stroke: mark, strokeWidth: 1.5 }),
      Plot.dot(observed, { x: "at", y: "value", r: 4, fill: mark, stroke: paper }),
      Plot.text(ends, {
        x: () => last.at, y: (d) => value(d.at), text: (d) => `${d.name} ${short(d.value, unit)}`,
        textAnchor: "start", dx: 7, fill: (d) => d.name, fontWeight: 500, ...rim }),
      Plot.tip(rows, Plot.pointerX({ x: "at", y: "p50", title: tip, fontSize: 12 })),
    ],
    color: { type: "ordinal", domain: ["P95", "P50", "P5"], range: [quiet, ink, quiet] },
  }, data.label,
  `${scenario.name}, by quarter. In ${last.period}: median ${short(last.p50, unit)}, ` +
  `90 % of histories from ${short(last.p05, unit)} to ${short(last.p95, unit)}.` +
  (baseRows.length ? ` The broken line is the median of ${base.name}.` : ""));
}
