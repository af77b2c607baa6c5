// What all charts have in common.
import * as Plot from "@observablehq/plot";

export const ink = "var(--ink)";
export const quiet = "var(--quiet)";
export const accent = "var(--accent)";
export const mark = "var(--mark)";
export const paper = "var(--paper)";

/** Text that stands on lines and areas keeps a rim of paper. */
export const rim = { stroke: paper, strokeWidth: 4, strokeLinejoin: "round", paintOrder: "stroke" };

/** A plot as an image with a name and a description. Plot's own style element is taken out: the
 * page's content policy would refuse it, and page.css has what it says. */
export function plot(options, name, description) {
  const svg = Plot.plot({ style: { fontSize: "12px", background: "none" }, ...options });
  svg.querySelectorAll("style").forEach((style) => style.remove());
  // An image's parts have no names of their own.
  svg.querySelectorAll("[aria-label]").forEach((part) => {
    part.dataset.mark = part.getAttribute("aria-label");
    part.removeAttribute("aria-label");
  });
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", name);
  const title = document.createElementNS(svg.namespaceURI, "desc");
  title.textContent = description;
  svg.prepend(title);
  return svg;
}

/** Year ticks, or every second year where it is narrow. */
export const years = (width, first, last) => ({
  type: "utc",
  domain: [first, last],
  ticks: width < 240 ? "2 years" : "year",
  tickFormat: (date) => String(date.getUTCFullYear()),
  label: null,
});

/** Moves labels apart that would stand on each other; `at` in pixels from the top, in place. */
export function spread(labels, gap, low, high) {
  labels.sort((a, b) => a.at - b.at);
  for (let i = 1; i < labels.length; ++i) {
    labels[i].at = Math.max(labels[i].at, labels[i - 1].at + gap);
  }
  const over = labels.length > 0 ? labels[labels.length - 1].at - high : 0;
  if (over > 0) {
    labels[labels.length - 1].at -= over;
    for (let i = labels.length - 2; i >= 0; --i) {
      labels[i].at = Math.min(labels[i].at, labels[i + 1].at - gap);
    }
  }
  for (const label of labels) label.at = Math.max(label.at, low);
  return labels;
}

/** An element of SVG with attributes. */
export function svgElement(name, attributes, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

/** The rough width of a text in pixels. */
export const widthOf = (text, size = 12) => [...text].length * size * 0.58;

/** A text cut to a width; of "key = value" the key is cut, so that values stay apart. */
export function cut(text, width, size = 12) {
  if (widthOf(text, size) <= width) return text;
  const equals = text.lastIndexOf(" = ");
  const end = equals > 0 && text.length - equals < 16 ? [...text.slice(equals)] : [];
  const room = Math.max(1, Math.floor(width / (size * 0.58)) - 1 - end.length);
  return [...text].slice(0, room).join("") + "…" + end.join("");
}
