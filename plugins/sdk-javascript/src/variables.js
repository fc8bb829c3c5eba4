// Variables that BuildKit replaces, and the words that they stand in.

import { Node, Place, Strings } from "./tree.js";

/** @import * as wit from "hullmark:policy/host@0.1.0" */

/**
 * How a variable stands where it is used: `known`: the file tells its value; `open`: an ARG without a default; `unknown`: its
 * value is known at build time only, as that of TARGETARCH; `undeclared`: not declared, the base image may bring it;
 * `undefined`: not declared, and nothing else brings it.
 * @typedef {"known" | "open" | "unknown" | "undeclared" | "undefined"} Standing
 */

/**
 * A use of a variable in a word that BuildKit expands: the variable; the word that it stands in; from `$` to the end of the
 * name or to `}` (the whole word where quotes or escapes hide the place); how it stands here; whether the form says what
 * holds without a value, as `${name:-…}` and `${name:+…}` do.
 * @typedef {{ name: string, node: Node, place: Place, standing: Standing, hasDefault: boolean }} Reference
 */

/** @type {{ [number: number]: Standing }} */
const STANDINGS = { 0: "known", 1: "open", 3: "undeclared", 4: "undefined" };

/**
 * First row of a sorted column that is not below a number.
 * @param {wit.Column} column
 * @param {number} number
 * @internal
 */
export function firstRow(column, number) {
  let [low, high] = [0, column.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (column[middle] < number) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/** The columns with their strings. @internal */
export class VariableTable {
  /** @param {wit.Variables} columns */
  constructor(columns) {
    this.columns = columns;
    this.strings = new Strings(columns.strings);
  }

  /**
   * What became of a word, and whether the file tells all of it.
   * @param {Node} node
   */
  expansion(node) {
    const { nodes, values, complete } = this.columns;
    const row = firstRow(nodes, node.index);
    if (nodes[row] === node.index) {
      return { value: this.strings.get(values[row]), isComplete: complete[row] === 1 };
    }
    // One of these in a word that is not in the table means that BuildKit refuses it.
    const { value } = node;
    const isRefused = value === null || /[$'"\\]/.test(value);
    return { value: isRefused ? null : value, isComplete: !isRefused };
  }

  /**
   * The variables in the words of an instruction.
   * @param {Node} instruction
   */
  references(instruction) {
    const { columns } = this;
    /** @type {Reference[]} */
    const references = [];
    // In the order of the tree, and no word has another below it.
    for (let row = firstRow(columns.referenceNodes, instruction.index); row < columns.referenceNodes.length; row += 1) {
      const node = new Node(instruction.document, columns.referenceNodes[row]);
      if (!instruction.equals(node.parent)) {
        break;
      }
      const span = { start: columns.referenceStarts[row], end: columns.referenceEnds[row] };
      references.push({
        name: this.strings.get(columns.referenceNames[row]) ?? "",
        node,
        place: new Place(node.document.id, span),
        standing: STANDINGS[columns.referenceStates[row]] ?? "unknown",
        hasDefault: columns.referenceDefaults[row] === 1,
      });
    }
    return references;
  }
}
