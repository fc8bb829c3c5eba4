#!/usr/bin/env node
// hullmark-componentize ENTRY -o PLUGIN.wasm [--wit DIR]: makes a plugin of a module that exports `plugin`. TypeScript is
// bundled by esbuild first, which the project has to install.

import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { componentize } from "componentize-qjs";

import { releaseBorrows } from "./release-borrows.js";

/** The interface: a published package carries it, a checkout has it at its root. */
const INTERFACE = ["../wit", "../../../wit"].map((path) => fileURLToPath(new URL(path, import.meta.url))).find(existsSync);

/** The nearest folder above a file that is a package: what the module may import lies below it. */
function packageOf(/** @type {string} */ file) {
  let folder = dirname(file);
  while (!existsSync(join(folder, "package.json"))) {
    if (folder === dirname(folder)) {
      return dirname(file);
    }
    folder = dirname(folder);
  }
  return folder;
}

/** What the component is made of: the module as it is written, or what esbuild makes of TypeScript and all that it imports. */
async function source(/** @type {string} */ entry) {
  if (!entry.endsWith(".ts")) {
    return readFile(entry, "utf8");
  }
  let esbuild;
  try {
    // From the project, which may have it where this package does not see it.
    esbuild = createRequire(entry)("esbuild");
  } catch {
    console.error("TypeScript needs esbuild; run `npm install --save-dev esbuild`");
    process.exit(1);
  }
  const options = { bundle: true, format: "esm", target: "es2023", external: ["hullmark:*"], write: false, logLevel: "error" };
  // It has told its errors itself.
  const { outputFiles } = await esbuild.build({ entryPoints: [entry], ...options }).catch(() => process.exit(1));
  return outputFiles[0].text;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { output: { type: "string", short: "o" }, wit: { type: "string", default: INTERFACE } },
});
if (positionals.length !== 1 || !values.output || !values.wit) {
  console.error("usage: hullmark-componentize ENTRY -o PLUGIN.wasm [--wit DIR]");
  process.exit(2);
}

const entry = resolve(positionals[0]);
const { component } = await componentize({
  witPath: values.wit,
  jsSource: await source(entry),
  jsPath: entry,
  moduleRoot: packageOf(entry),
  stubWasi: true,
  sync: true,
});
await writeFile(values.output, releaseBorrows(component));
