// report.html in a browser: node page.mjs MODULES CHROMIUM PAGES [SHOTS]
// Loads each page of the folder PAGES from disk with the network off, at the widths of a phone, a
// laptop and paper, light and dark; saves pictures into SHOTS where that is given. Prints what is
// wrong; 1 where anything is.
import { mkdirSync, readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";

const [modules, chromium, pages, shots] = process.argv.slice(2);
const require = createRequire(join(modules, "x.js"));
const playwright = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
if (shots) mkdirSync(shots, { recursive: true });

const wrong = [];
const browser = await playwright.chromium.launch({
  executablePath: chromium, args: ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * 0.0.0.0"] });

/** What stands in the page, to be run in it. */
function look() {
  const empty = [], bad = [];
  for (const figure of document.querySelectorAll("figure[data-chart]")) {
    const name = `${figure.dataset.chart} ${figure.dataset.index}`;
    const svg = figure.querySelector(".chart svg[role=img]");
    const marks = svg ? [...svg.querySelectorAll("path, rect, circle, line")].filter((m) => {
      const box = m.getBBox();
      return !m.closest("defs") && box.width + box.height > 0;
    }) : [];
    // More than an axis: something that is drawn from data.
    const drawn = svg ? svg.querySelectorAll('[data-mark="area"] path, [data-mark="line"] path, [data-mark="bar"] rect, [data-mark="dot"] *, [data-mark="rule"] line, [data-mark="cell"] rect').length : 0;
    if (!svg || marks.length < 3 || drawn === 0) empty.push(name);
    if (svg && !(svg.getAttribute("aria-label") && svg.querySelector("desc")?.textContent)) bad.push(`${name} has no name`);
    if (svg && /NaN|undefined|Infinity/.test(svg.outerHTML)) bad.push(`${name} has no number somewhere`);
    if (!figure.querySelector("details table tbody td")) bad.push(`${name} has no table`);
  }
  const wide = document.documentElement.scrollWidth > document.documentElement.clientWidth;
  const styles = document.querySelectorAll("svg style").length;
  return { empty, bad, wide, styles, charts: document.querySelectorAll("figure[data-chart]").length };
}

for (const file of readdirSync(pages).filter((f) => f.endsWith(".html")).sort()) {
  const name = basename(file, ".html");
  for (const [kind, width, scheme] of [["phone", 390, "light"], ["laptop", 1280, "light"], ["dark", 1280, "dark"], ["narrow", 320, "dark"]]) {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: scheme, offline: true, reducedMotion: "reduce" });
    const page = await context.newPage();
    const say = (text) => wrong.push(`${name}, ${kind}: ${text}`);
    page.on("console", (m) => { if (["error", "warning"].includes(m.type())) say(`console: ${m.text()}`); });
    page.on("pageerror", (e) => say(`error: ${e.message}`));
    page.on("request", (r) => { if (!r.url().startsWith("file:")) say(`asked for ${r.url()}`); });
    await page.addInitScript(() => {
      window.violations = [];
      document.addEventListener("securitypolicyviolation", (e) => window.violations.push(`${e.violatedDirective} ${e.sample}`));
    });
    await page.goto(pathToFileURL(join(pages, file)).href);
    await page.waitForFunction(() => document.documentElement.classList.contains("drawn"));
    await page.waitForTimeout(300);
    const seen = await page.evaluate(look);
    if (seen.charts < 1) say("no charts");
    for (const one of seen.empty) say(`nothing drawn: ${one}`);
    for (const one of seen.bad) say(one);
    if (seen.wide) say("wider than the screen");
    if (seen.styles) say("a style element in a chart");
    // Each choice draws other charts.
    for (const select of await page.$$("select")) {
      const of = await select.getAttribute("data-choose");
      const before = await page.$eval(`figure[data-chart="${of}"] .chart`, (c) => c.innerHTML);
      const first = await select.evaluate((s) => s.value);
      const other = await select.evaluate((s) => [...s.options].map((o) => o.value).find((v) => v !== s.value));
      if (!other) continue;
      await select.selectOption(other);
      const after = await page.$eval(`figure[data-chart="${of}"] .chart`, (c) => c.innerHTML);
      if (before === after) say(`choosing ${other} changed nothing`);
      await select.selectOption(first);
    }
    for (const v of await page.evaluate(() => window.violations)) say(`content policy: ${v}`);
    if (shots) await page.screenshot({ path: join(shots, `${name}-${kind}.png`), fullPage: true });
    // Of accessibility all is looked at open, too. Scripts given by the driver stand above the policy.
    await page.evaluate(() => document.querySelectorAll("details").forEach((d) => { d.open = d.querySelectorAll("tr").length < 120; }));
    await page.waitForTimeout(100);
    if (await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth)) say("wider than the screen, opened");
    // Once in each scheme: it takes most of the time.
    if (kind === "phone" || kind === "dark") {
      await page.evaluate(axe);
      const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
      for (const v of found.violations) say(`accessibility: ${v.id}: ${v.help}: ${v.nodes.length} times, ${v.nodes[0].html.slice(0, 160)} ${v.nodes[0].failureSummary}`.replaceAll("\n", " "));
    }
    if (kind === "dark") {
      // On paper light, and nothing cut.
      await page.reload();
      await page.waitForFunction(() => document.documentElement.classList.contains("drawn"));
      await page.emulateMedia({ media: "print", colorScheme: "dark" });
      await page.setViewportSize({ width: 688, height: 1000 });  // A4 less its margins
      await page.waitForTimeout(300);
      const paper = await page.evaluate(() => [getComputedStyle(document.body).backgroundColor,
        [...document.querySelectorAll("figure, figure svg")].filter((f) => f.getBoundingClientRect().width > 0 && f.getBoundingClientRect().right > innerWidth + 1).length]);
      if (paper[0] !== "rgb(255, 255, 255)") say(`paper is ${paper[0]}`);
      if (paper[1] > 0) say(`${paper[1]} charts are cut on paper`);
      if (shots) await page.pdf({ path: join(shots, `${name}.pdf`), format: "A4", preferCSSPageSize: true });
    }
    await context.close();
  }
  // Without its script the page still has its numbers.
  const context = await browser.newContext({ javaScriptEnabled: false, offline: true, viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  await page.goto(pathToFileURL(join(pages, file)).href);
  const numbers = await page.locator("main td").count();
  if (numbers < 5) wrong.push(`${name}: no numbers without a script`);
  await context.close();
}

// The headline as a reader sees it, against the CSV files of the same name.
const rowsOf = (text) => text.trim().split("\n").map((line) => line.split(","));
for (const file of readdirSync(pages).filter((f) => f.endsWith(".summary.csv"))) {
  const [head, ...rows] = rowsOf(readFileSync(join(pages, file), "utf8"));
  const column = (name) => head.indexOf(name);
  const page = await browser.newPage();
  await page.goto(pathToFileURL(join(pages, file.replace(".summary.csv", ".html"))).href);
  const shown = await page.$$eval("table.headline tbody", (bodies) => bodies.map((body) => ({
    series: body.querySelector("code").textContent,
    values: [...body.querySelectorAll("td b")].map((b) => b.textContent) })));
  const years = await page.$$eval("table.headline thead th", (heads) => heads.map((h) => h.textContent));
  const number = (text) => {
    const scale = text.endsWith("bn") ? 1e9 : text.endsWith("M") ? 1e6 : text.endsWith("k") ? 1e3 : text.endsWith("%") ? 0.01 : 1;
    return Number(text.replace("−", "-").replace(/[^0-9.-]/g, "")) * scale;
  };
  let compared = 0;
  for (const { series, values } of shown) {
    const [variable, entity] = series.split(" ");
    values.forEach((text, i) => {
      const row = rows.find((r) => r[column("variable")] === variable && r[column("entity")] === entity && r[column("period")] === years[i]);
      const value = row ? Number(row[column("p50")]) : NaN;
      // Three figures are shown, of a share one decimal of a percent.
      const close = Math.abs(number(text) - value) <= Math.max(0.0051 * Math.abs(value), text.endsWith("%") ? 0.00051 : 0);
      if (!close) wrong.push(`${file}: ${series} ${years[i]} is ${value}, the page says ${text}`);
      ++compared;
    });
  }
  if (compared < 5) wrong.push(`${file}: only ${compared} numbers were compared`);
  // Fans as they are drawn and described, in the headline's order, at their last quarter.
  const fans = await page.$$eval('figure[data-chart="fan"] .chart svg', (svgs) => svgs.map((svg) => {
    const ends = [...svg.querySelectorAll('[data-mark="line"] path')].slice(0, 3)
      .map((path) => path.getPointAtLength(path.getTotalLength()).y);  // P95, P5, P50
    const points = [...svg.querySelector('[data-mark="area"] path').getAttribute("d").matchAll(/([\d.]+),([\d.]+)/g)]
      .map((point) => [Number(point[1]), Number(point[2])]);
    const right = Math.max(...points.map(([x]) => x));
    return { ends, band: points.filter(([x]) => x > right - 0.5).map(([, y]) => y).sort((a, b) => a - b),
      said: svg.querySelector("desc").textContent, words: [...svg.querySelectorAll("text")].map((text) => text.textContent) };
  }));
  shown.forEach(({ series }, i) => {
    const [variable, entity] = series.split(" ");
    const quarters = rows.filter((r) => r[column("scenario")] === rows[0][column("scenario")] &&
      r[column("variable")] === variable && r[column("entity")] === entity && /Q/.test(r[column("period")]));
    const [p05, p50, p95] = ["p05", "p50", "p95"].map((name) => Number(quarters.at(-1)[column(name)]));
    const { ends, band, said, words } = fans[i];
    const say = (text) => wrong.push(`${file}: the fan of ${series}: ${text}`);
    const is = (text, value) => Math.abs(number(text ?? "") - value) <= Math.max(0.0051 * Math.abs(value), text?.endsWith("%") ? 0.00051 : 0);
    const told = / median (.+), 90 % of histories from (.+) to (.+?)\.( The|$)/.exec(said) ?? [];
    if (!is(told[1], p50) || !is(told[2], p05) || !is(told[3], p95)) say(`${p05}, ${p50}, ${p95} is told as '${said}'`);
    for (const [name, value] of [["P95", p95], ["P50", p50], ["P5", p05]]) {
      const label = words.find((word) => word.startsWith(`${name} `));
      if (!is(label?.slice(name.length + 1), value)) say(`${name} is ${value}, its end says '${label}'`);
    }
    // Heights are the values', in pixels.
    const height = ends[1] - ends[0];
    if (Math.abs((ends[1] - ends[2]) - height * (p50 - p05) / (p95 - p05 || 1)) > 1) say("its median stands at another height");
    if (Math.abs(band[0] - ends[0]) > 1 || Math.abs(band.at(-1) - ends[1]) > 1) say("its widest band is not P5 to P95");
  });
  await page.close();
}
await browser.close();
for (const line of wrong) console.log(line);
console.log(wrong.length === 0 ? "the pages are right" : `${wrong.length} wrong`);
process.exit(wrong.length === 0 ? 0 : 1);
