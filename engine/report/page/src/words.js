// Numbers and dates as the page shows them.

/** "1.48M", of a share "17.5 %", "–" where there is none: as the page's tables have it
 * (engine/report/terminal.cc, short_number). */
export function short(value, unit) {
  if (value === null || !Number.isFinite(value)) return "–";
  if (unit === "share") return `${(100 * value).toFixed(1).replace("-", "−")} %`;
  const size = Math.abs(value);
  const sign = value < 0 ? "−" : "";
  for (const [from, per, suffix] of [[999.5e6, 1e9, "bn"], [999.5e3, 1e6, "M"], [999.5, 1e3, "k"]]) {
    if (size < from) continue;
    const scaled = size / per;
    return sign + scaled.toFixed(scaled >= 99.95 ? 0 : scaled >= 9.995 ? 1 : 2) + suffix;
  }
  if (Number.isInteger(size)) return sign + size;
  return sign + size.toFixed(size >= 99.95 ? 0 : size >= 9.995 ? 1 : size >= 0.1 ? 2 : 3);
}

/** The same on an axis, where trailing zeros say nothing: "1M", "20 %". */
export const tick = (unit) => (value) =>
  short(value, unit).replace(/(\.\d*?)0+(?=\D|$)/, "$1").replace(/\.(?=\D|$)/, "");

/** The middle of "2027Q3", "2027-03" or "2027". */
export function middle(period) {
  const year = Number(period.slice(0, 4));
  if (period[4] === "Q") return new Date(Date.UTC(year, 3 * (Number(period[5]) - 1) + 1, 15));
  if (period[4] === "-") return new Date(Date.UTC(year, Number(period.slice(5)) - 1, 15));
  return new Date(Date.UTC(year, 6, 1));
}

/** The first day of "2027Q3", "2027-03" or "2027". */
export function start(period) {
  const year = Number(period.slice(0, 4));
  if (period[4] === "Q") return new Date(Date.UTC(year, 3 * (Number(period[5]) - 1), 1));
  if (period[4] === "-") return new Date(Date.UTC(year, Number(period.slice(5)) - 1, 1));
  return new Date(Date.UTC(year, 0, 1));
}

/** The last day of "2027-03". */
export const end = (month) => new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)), 0));

export const percent = (value) => `${Math.round(100 * value)} %`;

/** As questions have it: "3.8 %", with "< 0.1 %" where it is rounded to none. */
export function chance(value) {
  if (value > 0 && value < 0.0005) return "< 0.1 %";
  if (value < 1 && value > 0.9995) return "> 99.9 %";
  return `${(100 * value).toFixed(1)} %`;
}
