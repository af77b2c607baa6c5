// Bundles src/ into dist/: node build.mjs MODULES, from ./dev page.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const modules = resolve(process.argv[2]);
const esbuild = createRequire(join(modules, "x.js"))("esbuild");
const dist = join(here, "dist");
mkdirSync(dist, { recursive: true });

// Licences of the libraries that end up in the bundle, each in full, before the code.
const licences = (inputs) => {
  const names = new Set();
  for (const file of Object.keys(inputs)) {
    const found = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file);
    if (found) names.add(found[1]);
  }
  const texts = new Map();  // by text: D3's modules share theirs
  for (const name of [...names].sort()) {
    const folder = join(modules, name);
    const file = readdirSync(folder).find((f) => /^licen[cs]e/i.test(f));
    if (!file) throw new Error(`${name} has no licence file`);
    const text = readFileSync(join(folder, file), "utf8").trim().replaceAll("*/", "* /");
    const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    texts.set(text, [...(texts.get(text) ?? []), `${name} ${version}`]);
  }
  return [...texts].map(([text, of]) => `/*! ${of.join(", ")}\n\n${text}\n*/\n`).join("");
};

const common = { bundle: true, minify: true, write: false, charset: "utf8", legalComments: "none",
  metafile: true, nodePaths: [modules], absWorkingDir: here, logLevel: "warning" };
const js = await esbuild.build({ ...common, entryPoints: ["src/main.js"], format: "iife", target: "es2020" });
const css = await esbuild.build({ ...common, entryPoints: ["src/page.css"], target: ["chrome100", "firefox100", "safari15"] });
const script = licences(js.metafile.inputs) + js.outputFiles[0].text;
if (/<\/script|<!--/i.test(script)) throw new Error("the script would end its own element");
const written = { "page.js": script, "page.css": css.outputFiles[0].text };
for (const [name, text] of Object.entries(written)) writeFileSync(join(dist, name), text);

// What it was made of, so that a test can tell a stale asset: sha256sum's own format, of files in
// this folder.
const sources = ["build.mjs", "package-lock.json", "package.json",
  ...readdirSync(join(here, "src")).map((f) => `src/${f}`), ...Object.keys(written).map((f) => `dist/${f}`)];
const sums = sources.sort().map((file) =>
  `${createHash("sha256").update(readFileSync(join(here, file))).digest("hex")}  ${file}\n`);
writeFileSync(join(dist, "SHA256SUMS"), sums.join(""));
for (const [name, text] of Object.entries(written)) console.log(`dist/${name}: ${text.length} bytes`);
