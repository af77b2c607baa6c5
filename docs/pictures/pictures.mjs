// Parts of pages as pictures: node pictures.mjs MODULES CHROMIUM [PAGE.html#SECTION HEIGHT OUT.png]…
// Of each section the top HEIGHT pixels, on a laptop's screen; SECTION "" is the page from its top.
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [modules, chromium, ...shots] = process.argv.slice(2);
const playwright = createRequire(resolve(modules, "x.js"))("playwright-core");
const browser = await playwright.chromium.launch({ executablePath: chromium, args: ["--no-sandbox", "--disable-gpu"] });
const page = await browser.newPage({ viewport: { width: 1100, height: 900 }, offline: true });
for (let i = 0; i < shots.length; i += 3) {
  const [file, section] = shots[i].split("#");
  await page.goto(pathToFileURL(file).href);
  await page.waitForFunction(() => document.documentElement.classList.contains("drawn"));
  const box = section ? await page.locator(`#${section}`).boundingBox() : { x: 0, y: 0, width: 1100 };
  const margin = section ? 12 : 0;
  await page.screenshot({ path: shots[i + 2], fullPage: true, clip: {
    x: box.x - margin, y: box.y, width: box.width + 2 * margin, height: Number(shots[i + 1]) } });
}
await browser.close();
