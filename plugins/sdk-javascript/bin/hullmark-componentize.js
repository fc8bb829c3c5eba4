#!/usr/bin/env node
// hullmark-componentize ENTRY.js -o PLUGIN.wasm [--wit DIR]: makes a plugin of a module that exports `plugin`.

import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
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

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { output: { type: "string", short: "o" }, wit: { type: "string", default: INTERFACE } },
});
if (positionals.length !== 1 || !values.output || !values.wit) {
  console.error("usage: hullmark-componentize ENTRY.js -o PLUGIN.wasm [--wit DIR]");
  process.exit(2);
}

const entry = resolve(positionals[0]);
const { component } = await componentize({
  witPath: values.wit,
  jsSource: await readFile(entry, "utf8"),
  jsPath: entry,
  moduleRoot: packageOf(entry),
  stubWasi: true,
  sync: true,
});
await writeFile(values.output, releaseBorrows(component));
