// Draws each figure of the page from the data that stand in it, and again when its width or what is
// chosen changes.
import { binding } from "./binding.js";
import { crossing, dates, exceedance } from "./chances.js";
import { fan } from "./fan.js";
import { difference, level, observed, tornado } from "./rows.js";
import { sweep } from "./sweep.js";

const drawings = { fan, binding, exceedance, dates, crossing, tornado, difference, level, observed, sweep };
const data = JSON.parse(document.getElementById("data").textContent);

function draw(figure) {
  const place = figure.querySelector(".chart");
  const width = Math.floor(place.clientWidth);
  if (width === 0) return;
  figure.dataset.width = width;
  const kind = figure.dataset.chart;
  const chosen = document.querySelector(`[data-choose="${kind}"]`)?.value;
  const drawn = drawings[kind](data[kind][Number(figure.dataset.index)], { width, chosen, figure });
  if (drawn) {
    place.replaceChildren(drawn);
  } else {
    const empty = document.createElement("p");
    empty.className = "empty";
    empty.textContent = "Nothing to show here.";
    place.replaceChildren(empty);
  }
}

const figures = [...document.querySelectorAll("figure[data-chart]")];
document.documentElement.classList.add("drawn");
figures.forEach(draw);

let asked = 0;
new ResizeObserver(() => {
  cancelAnimationFrame(asked);
  asked = requestAnimationFrame(() => {
    for (const figure of figures) {
      const width = Math.floor(figure.querySelector(".chart").clientWidth);
      if (width !== Number(figure.dataset.width) && !matchMedia("print").matches) draw(figure);
    }
    reachable();
  });
}).observe(document.querySelector("main"));

for (const select of document.querySelectorAll("[data-choose]")) {
  select.addEventListener("change", () => {
    figures.filter((figure) => figure.dataset.chart === select.dataset.choose).forEach(draw);
  });
}

// A table that is wider than its place can be moved with the keyboard.
function reachable() {
  for (const box of document.querySelectorAll(".scroll")) {
    const isWide = box.scrollWidth > box.clientWidth + 1;
    if (isWide) {
      box.tabIndex = 0;
      box.setAttribute("role", "group");
      box.setAttribute("aria-label", box.querySelector("caption")?.textContent ?? "Table");
    } else {
      box.removeAttribute("tabindex");
      box.removeAttribute("role");
      box.removeAttribute("aria-label");
    }
  }
}
reachable();
document.addEventListener("toggle", reachable, true);

// The contents show where the reader is.
const links = new Map([...document.querySelectorAll("nav a")].map((a) => [a.hash.slice(1), a]));
const seen = new Set();
const watcher = new IntersectionObserver((entries) => {
  for (const entry of entries) seen[entry.isIntersecting ? "add" : "delete"](entry.target.id);
  const first = [...links.keys()].find((id) => seen.has(id));
  for (const [id, link] of links) {
    if (id === first) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}, { rootMargin: "-10% 0px -60% 0px" });
document.querySelectorAll("main > section").forEach((section) => watcher.observe(section));

// A link to a row in a closed table opens it.
function openTarget() {
  const target = location.hash ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null;
  for (let box = target?.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
}
addEventListener("hashchange", openTarget);
openTarget();
