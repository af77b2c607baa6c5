// One row a thing: what decides an output, scenarios against each other, observed against simulated.
import * as Plot from "@observablehq/plot";
import { accent, cut, ink, mark, paper, plot, quiet, rim, widthOf } from "./draw.js";
import { short, tick } from "./words.js";

const widest = (names, most, size = 12) => Math.min(most, Math.max(40, ...names.map((n) => widthOf(n, size))) + 14);

export function tornado(data, { width }) {
  const size = 11.5;
  const marginLeft = widest(data.rows.map((r) => r.key), width * 0.56, size);
  const all = data.rows.map((r) => r.correlation);
  const height = data.rows.length * 22 + 34;
  return plot({
    width, height, marginLeft, marginRight: 4, marginTop: 4, marginBottom: 28,
    // Room for the numbers at the bars' ends.
    x: { domain: [Math.min(0, ...all), Math.max(0, ...all)], insetLeft: 40, insetRight: 40, ticks: 3, label: null, grid: true, tickFormat: tick("") },
    y: { type: "band", domain: data.rows.map((r) => r.key), axis: null, padding: 0.3 },
    marks: [
      Plot.barX(data.rows, { x: "correlation", y: "key", fill: (d) => (d.correlation > 0 ? "var(--k1)" : "var(--k2)") }),
      Plot.ruleX([0], { stroke: ink }),
      Plot.text(data.rows, {
        frameAnchor: "left", y: "key", text: (d) => cut(d.key, marginLeft - 10, size), textAnchor: "end", dx: -8, fontSize: size, fill: ink }),
      ...[true, false].map((isMore) => Plot.text(data.rows.filter((r) => (r.correlation > 0) === isMore), {
        x: "correlation", y: "key", text: (d) => `${isMore ? "+" : "−"}${Math.abs(d.correlation).toFixed(2)}`,
        textAnchor: isMore ? "start" : "end", dx: isMore ? 4 : -4, fill: ink, fontSize: size })),
    ],
    color: { type: "identity" },
  }, `Rank correlations with ${data.label}`,
  data.rows.map((r) => `${r.key}: ${r.correlation.toFixed(2)}`).join("; ") + ".");
}

/** Dots with lines over a common scale, one row a scenario; `base`: a line down to compare with. */
export function dotsOverLines({ rows, unit, zero, base, label, description, width, outer, inner }) {
  const marginLeft = widest(rows.map((r) => r.name), width * 0.45);
  const values = rows.flatMap((r) => [r.low, r.high, r.value, ...(inner ? [r.lo, r.hi] : [])]).filter((v) => v !== null && Number.isFinite(v));
  const low = Math.min(...values, ...(zero ? [0] : [])), high = Math.max(...values, ...(zero ? [0] : []));
  const marginRight = 62;
  return plot({
    width, height: rows.length * 23 + 36, marginLeft, marginRight, marginTop: 6, marginBottom: 26,
    x: { domain: low === high ? [low - 1, high + 1] : [low, high], nice: true, ticks: Math.max(2, Math.round((width - marginLeft - marginRight) / 75)), tickFormat: tick(unit), label: null, grid: true },
    y: { type: "band", domain: rows.map((r) => r.name), axis: null, padding: 0.25 },
    marks: [
      ...(zero ? [Plot.ruleX([0], { stroke: ink })] : []),
      ...(base === undefined ? [] : [Plot.ruleX([base], { stroke: quiet, strokeDasharray: "4 3" })]),
      Plot.ruleY(rows.filter((r) => r.low !== null), { y: "name", x1: "low", x2: "high", stroke: outer, strokeWidth: 2.5, strokeOpacity: 0.7 }),
      ...(inner ? [Plot.ruleY(rows.filter((r) => r.lo !== null), { y: "name", x1: "lo", x2: "hi", stroke: mark, strokeWidth: 5 })] : []),
      Plot.dot(rows, { x: "value", y: "name", r: 4.5, fill: ink, stroke: paper, strokeWidth: 1.5 }),
      Plot.text(rows, { frameAnchor: "left", y: "name", text: (d) => cut(d.name, marginLeft - 10), textAnchor: "end", dx: -8, fill: ink }),
      Plot.text(rows, { frameAnchor: "right", y: "name", text: (d) => (zero && d.value > 0 ? "+" : "") + short(d.value, unit), textAnchor: "end", dx: marginRight - 2, fill: ink, fontWeight: 600 }),
    ],
  }, label, description);
}

export function difference(data, { width }) {
  const unit = data.unit;
  return dotsOverLines({
    rows: data.rows.map((r) => ({ name: r.scenario, value: r.mean, low: r.p05, high: r.p95, lo: r.lo, hi: r.hi })),
    unit, zero: true, inner: true, outer: accent, width, label: `Differences: ${data.label}`,
    description: data.rows.map((r) => `${r.scenario}: ${short(r.mean, unit)}, 90 % interval ${short(r.lo, unit)} to ${short(r.hi, unit)}`).join("; ") + ".",
  });
}

export function level(data, { width, chosen }) {
  const year = data.years.includes(chosen) ? chosen : data.years[data.years.length - 1];
  const rows = data.scenarios.map((s) => ({ name: s.name, value: s.p50[year], low: s.p05[year], high: s.p95[year] }))
    .filter((r) => r.value !== undefined && r.value !== null);
  if (rows.length === 0) return null;
  return dotsOverLines({
    rows, unit: data.unit, zero: false, inner: false, outer: accent, width,
    label: `Scenarios: ${data.label}, ${year}`,
    description: rows.map((r) => `${r.name}: median ${short(r.value, data.unit)}, P5 ${short(r.low, data.unit)}, P95 ${short(r.high, data.unit)}`).join("; ") + ".",
  });
}

export function observed(data, { width }) {
  const narrow = width < 620;
  const rows = data.rows.filter((r) => r.observed > 0).map((r, i) => {
    const over = (value) => (value > 0 ? value / r.observed : null);
    return {
      key: String(i), name: `${r.label} (${r.observer})`,
      lo: 1 / (1 + r.relative_error), hi: 1 + r.relative_error,
      a: over(r.prior_p05), b: over(r.prior_p95), c: over(r.p05), d: over(r.p95), m: over(r.p50),
      words: `observed ${short(r.observed, r.unit)}, simulated ${short(r.prior_p50, r.unit)} before and ${short(r.p50, r.unit)} after`,
    };
  });
  if (rows.length === 0) return null;
  const step = narrow ? 46 : 30, shift = narrow ? 9 : 0;
  const marginLeft = narrow ? 8 : widest(rows.map((r) => r.name), 390);
  const values = rows.flatMap((r) => [r.lo, r.hi, r.a, r.b, r.c, r.d]).filter((v) => v > 0.02);
  return plot({
    width, height: rows.length * step + 40, marginLeft, marginRight: 12, marginTop: 8, marginBottom: 30,
    x: { type: "log", domain: [Math.min(...values), Math.max(...values)], nice: false, clamp: true, ticks: [0.1, 0.2, 0.5, 1, 2, 5].filter((v) => v >= Math.min(...values) && v <= Math.max(...values)), tickFormat: (v) => `${v}×`, label: null, grid: true },
    y: { type: "band", domain: rows.map((r) => r.key), axis: null, padding: 0.2 },
    marks: [
      Plot.ruleX([1], { stroke: quiet }),
      narrow
        ? Plot.text(rows, { frameAnchor: "left", y: "key", text: (d) => cut(d.name, width - 16, 11), textAnchor: "start", dy: -11, fill: ink, fontSize: 11, ...rim })
        : Plot.text(rows, { frameAnchor: "left", y: "key", text: (d) => cut(d.name, marginLeft - 10), textAnchor: "end", dx: -8, fill: ink }),
      Plot.ruleY(rows.filter((r) => r.a && r.b), { y: "key", x1: "a", x2: "b", stroke: quiet, strokeWidth: 1.5, strokeDasharray: "3 2", dy: shift + 6 }),
      Plot.ruleY(rows.filter((r) => r.c && r.d), { y: "key", x1: "c", x2: "d", stroke: accent, strokeWidth: 4, dy: shift }),
      Plot.dot(rows.filter((r) => r.m), { x: "m", y: "key", r: 4, fill: ink, stroke: paper, strokeWidth: 1.5, dy: shift }),
      Plot.ruleY(rows, { y: "key", x1: "lo", x2: "hi", stroke: mark, strokeWidth: 1.5, dy: shift - 6 }),
      Plot.dot(rows, { x: () => 1, y: "key", r: 4, symbol: "diamond", fill: mark, dy: shift - 6 }),
    ],
  }, "Simulated over observed",
  rows.map((r) => `${r.name}: ${r.words}`).join("; ") + ".");
}
