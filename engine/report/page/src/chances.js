// Chances: values exceeded, and dates by which something has happened.
import * as Plot from "@observablehq/plot";
import { accent, cut, ink, mark, paper, plot, quiet, rim, spread, widthOf, years } from "./draw.js";
import { chance, end, percent, short, start, tick } from "./words.js";

// Lines that stand in one chart differ in dash as well as in colour.
const dashes = ["none", "7 3", "2 2", "9 3 2 3", "4 4", "12 3", "1 3"];
const colours = ["var(--k1)", "var(--k2)", "var(--k3)", "var(--k5)", "var(--k7)", "var(--k4)", "var(--k6)"];

const description = (parts) => `${parts.join("; ")}.`;

export function exceedance(data, { width }) {
  const height = 240, marginLeft = 46, marginRight = 46, marginTop = 12, marginBottom = 34;
  const unit = data.unit;
  const points = data.curves.flatMap((curve, c) => curve.values.map((value, i) => ({
    year: curve.year, c, value, chance: curve.chances[i] })));
  const low = Math.min(...points.map((p) => p.value));
  const high = Math.max(...points.filter((p) => p.chance >= 0.01).map((p) => p.value), ...data.marks.map((m) => m.threshold));
  const reach = (width - marginLeft - marginRight) / (high - low || 1);
  const span = height - marginTop - marginBottom;
  // What is written keeps off what is written already: boxes in pixels.
  const boxes = [];
  const isFree = (box) => boxes.every((b) =>
    box.x + box.w < b.x || b.x + b.w < box.x || Math.abs(box.y - b.y) >= 14);
  const place = (candidates) => {
    const found = candidates.find((c) => isFree(c.box)) ?? candidates[0];
    boxes.push(found.box);
    return found;
  };
  const marks = data.marks.filter((m) => m.comparison.startsWith(">")).map((m) => {
    const x = (m.threshold - low) * reach, y = span * (1 - m.chance);
    const words = `${m.year}: ${chance(m.chance)}`;
    const w = widthOf(words);
    boxes.push({ x: x - 5, y, w: 10 });
    const at = (isLate, dy) => ({ isLate, dy, box: { x: isLate ? x - w - 7 : x + 7, y: y + dy, w } });
    const isLate = x + w > width - marginLeft - marginRight;
    const candidates = [at(isLate, -8), at(!isLate, -8), at(isLate, 8), at(isLate, -22), at(isLate, 22)];
    return { ...m, words, ...place(candidates.filter((c) => c.box.x >= 0 && c.box.y <= span - 4)) };
  });
  // Each curve is named where it crosses a height of its own.
  const names = data.curves.map((curve, c) => {
    const wanted = 0.9 - 0.8 * (c + 0.5) / data.curves.length;
    const near = [0, 0.08, -0.08, 0.16, -0.16, 0.24, -0.24].map((d) => wanted + d);
    return place(near.filter((p) => p > 0.06 && p < 0.97).map((p) => {
      let best = 0;
      curve.chances.forEach((q, i) => {
        if (Math.abs(q - p) < Math.abs(curve.chances[best] - p)) best = i;
      });
      const value = curve.values[best], share = curve.chances[best];
      return { year: curve.year, value, chance: share,
        box: { x: (value - low) * reach - 16, y: span * (1 - share), w: 32 } };
    }));
  });
  return plot({
    width, height, marginLeft, marginRight, marginTop, marginBottom,
    x: { domain: [Math.min(0, low), high], ticks: Math.max(2, Math.round(width / 90)), tickFormat: tick(unit), label: null, grid: true },
    y: { domain: [0, 1], ticks: [0, 0.25, 0.5, 0.75, 1], tickFormat: percent, label: null, grid: true },
    marks: [
      ...data.curves.map((curve, c) => Plot.line(points.filter((p) => p.c === c), {
        x: "value", y: "chance", stroke: colours[c % colours.length], strokeWidth: 2,
        strokeDasharray: dashes[c % dashes.length] })),
      Plot.text(names, { x: "value", y: "chance", text: "year", fill: ink, fontWeight: 650, ...rim }),
      Plot.ruleX(marks, { x: "threshold", y1: 0, y2: "chance", stroke: mark, strokeWidth: 1 }),
      Plot.dot(marks, { x: "threshold", y: "chance", r: 4.5, fill: mark, stroke: paper, strokeWidth: 1.5 }),
      ...marks.map((m) => Plot.text([m], {
        x: "threshold", y: "chance", text: "words", fill: mark, fontWeight: 600,
        textAnchor: m.isLate ? "end" : "start", dx: m.isLate ? -7 : 7, dy: m.dy, ...rim })),
      Plot.tip(points, Plot.pointer({ x: "value", y: "chance", fontSize: 12, maxRadius: 30,
        title: (p) => `${p.year}\n${short(p.value, unit)} or more: ${percent(p.chance)}` })),
    ],
  }, `Chance to reach or exceed: ${data.label}`,
  description([...data.curves.map((curve) => {
    const i = curve.chances.findIndex((p) => Math.abs(p - 0.5) < 0.006);
    return `${curve.year}: with 50 % at least ${short(curve.values[Math.max(i, 0)], unit)}`;
  }), ...data.marks.map((m) => m.words)]));
}

/** A line from P5 to P95 and a dot at P50 for each row; what comes after the run is an arrow. */
export function dates(data, { width }) {
  const narrow = width < 620;
  const size = narrow ? 11 : 11.5;
  const names = data.rows.map((row) => `${row.group}, ${row.label}`);
  const marginLeft = narrow ? 16 : Math.min(width * 0.5, Math.max(...names.map((n) => widthOf(n, size))) + 16);
  const marginRight = 24, step = narrow ? 56 : 28;
  const first = start(data.first), last = end(data.last);
  const at = (month) => (!month || month.startsWith("after") ? null : end(month));
  const rows = data.rows.map((row, i) => ({
    ...row, name: names[i], key: String(i), a: at(row.p05), b: at(row.p50), c: at(row.p95) }));
  const reached = rows.filter((row) => row.a);
  const shift = narrow ? 16 : 0;
  const name = narrow
    ? { x: () => first, y: "key", text: "name", textAnchor: "start", lineAnchor: "bottom", dy: 8, lineWidth: (width - 20) / size }
    : { frameAnchor: "left", y: "key", text: (d) => cut(d.name, marginLeft - 14, size), textAnchor: "end", dx: -10 };
  const months = narrow ? [] : [
    Plot.text(rows.filter((row) => row.b), { x: "b", y: "key", text: "p50", dy: -11, fill: quiet, fontSize: 10.5, ...rim }),
    Plot.text(rows.filter((row) => !row.b), { x: () => last, y: "key", text: () => "later in half of them", textAnchor: "end", dx: -4, dy: -11, fill: quiet, fontSize: 10.5, ...rim }),
  ];
  return plot({
    width, height: rows.length * step + 40, marginLeft, marginRight, marginTop: 8, marginBottom: 26,
    x: { ...years(width - marginLeft - marginRight, first, last), grid: true },
    y: { type: "band", domain: rows.map((row) => row.key), axis: null, padding: 0.2 },
    marks: [
      Plot.ruleY(reached, { y: "key", x1: "a", x2: (d) => d.c ?? last, stroke: accent, strokeWidth: 3, strokeOpacity: 0.75, dy: shift }),
      Plot.dot(rows.filter((row) => row.b), { x: "b", y: "key", r: 5, fill: ink, stroke: paper, strokeWidth: 1.5, dy: shift }),
      Plot.text(rows.filter((row) => !row.c), { x: () => last, y: "key", text: () => "▶", textAnchor: "start", fill: accent, dx: 2, dy: shift }),
      ...months,
      Plot.text(rows, { ...name, fill: ink, fontSize: size, ...rim }),
    ],
  }, "First month in which each holds",
  description(rows.map((row) => `${row.name}: P5 ${row.p05}, P50 ${row.p50}, P95 ${row.p95}`)));
}

export function crossing(data, { width }) {
  const height = 220, marginTop = 10, marginBottom = 24, marginLeft = 46;
  const labels = data.lines.map((line, c) => ({ c, label: line.label, value: line.cumulative[line.cumulative.length - 1] }));
  const marginRight = Math.min(width * 0.36, Math.max(...labels.map((l) => widthOf(l.label, 11.5))) + 34);
  const rows = data.lines.flatMap((line, c) => line.months.map((month, i) => ({
    c, label: line.label, month, at: end(month), value: line.cumulative[i], lo: line.lo[i], hi: line.hi[i] })));
  const span = height - marginTop - marginBottom;
  const placed = spread(labels.map((l) => ({ ...l, at: marginTop + span * (1 - l.value) })), 14, marginTop, height - marginBottom);
  const last = rows[rows.length - 1].at;
  return plot({
    width, height, marginTop, marginBottom, marginLeft, marginRight,
    x: years(width - marginLeft - marginRight, start(data.lines[0].months[0]), last),
    y: { domain: [0, 1], ticks: [0, 0.25, 0.5, 0.75, 1], tickFormat: percent, label: null, grid: true },
    marks: [
      ...data.lines.flatMap((_, c) => {
        const own = rows.filter((r) => r.c === c);
        const stroke = colours[c % colours.length];
        return [
          Plot.areaY(own, { x: "at", y1: "lo", y2: "hi", fill: stroke, fillOpacity: 0.2 }),
          Plot.lineY(own, { x: "at", y: "value", stroke, strokeWidth: 2, strokeDasharray: dashes[c % dashes.length] }),
        ];
      }),
      Plot.text(placed, {
        x: () => last, y: (d) => 1 - (d.at - marginTop) / span, text: (d) => cut(d.label, marginRight - 28, 11.5),
        textAnchor: "start", dx: 27, fontSize: 11.5, fill: ink }),
      // Beside each name a piece of its line.
      ...placed.map((d) => Plot.ruleY([d], {
        x1: () => last, x2: () => last, y: 1 - (d.at - marginTop) / span, insetLeft: 4, insetRight: -23,
        stroke: colours[d.c % colours.length], strokeWidth: 2, strokeDasharray: dashes[d.c % dashes.length] })),
      Plot.tip(rows, Plot.pointer({ x: "at", y: "value", fontSize: 12, maxRadius: 30,
        title: (r) => `${r.month}\n${r.label}: ${chance(r.value)}` })),
    ],
  }, `Chance by month: ${data.label}`,
  description(data.lines.map((line) => `${line.label}: ${chance(line.cumulative[line.cumulative.length - 1])} by ${line.months[line.months.length - 1]}`)));
}
