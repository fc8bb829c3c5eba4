/// <reference path="./host.d.ts" preserve="true" />
// Write hullmark policies in JavaScript or TypeScript.
//
// A plugin is a folder with one file per rule, each with `defineRule`. `definePlugin` names the rules. componentize-qjs makes
// a WebAssembly component of it.

export { Dockerfile, Instruction, Mount, Stage } from "./dockerfile.js";
export { Container, Document, KubernetesObject, Pod } from "./document.js";
export { Image, parseImage } from "./image.js";
export { Option, OptionValues } from "./options.js";
export { definePlugin } from "./plugin.js";
export { Project } from "./project.js";
export { compareQuantities, parseQuantity } from "./quantity.js";
export { Finding, Fix, Report } from "./report.js";
export { Check, DefinedRule, defineRule } from "./rule.js";
export { Assignment, Command, Compound, Part, Redirection, Script, Word } from "./shell.js";
export { Node, Place, Row } from "./tree.js";

/** @typedef {import("./document.js").Role} Role */
/** @typedef {import("./quantity.js").Quantity} Quantity */
/** @typedef {import("./project.js").Build} Build */
/** @typedef {import("./project.js").ObjectEntry} ObjectEntry */
/** @typedef {import("./project.js").PodEntry} PodEntry */
/** @typedef {import("./report.js").Placed} Placed */
/** @typedef {import("./rule.js").Level} Level */
/** @typedef {import("./rule.js").Precision} Precision */
/** @typedef {import("./rule.js").Rule} Rule */
/** @typedef {import("./shell.js").CompoundKind} CompoundKind */
/** @typedef {import("./shell.js").Join} Join */
/** @typedef {import("./shell.js").PartKind} PartKind */
/** @typedef {import("./tree.js").Kind} Kind */
/** @typedef {import("./tree.js").Span} Span */
/** @typedef {import("./variables.js").Reference} Reference */
/** @typedef {import("./variables.js").Standing} Standing */
