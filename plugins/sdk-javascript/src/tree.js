// A document's tree, pleasant to walk.

import { parseQuantity } from "./quantity.js";

/** @import { Document } from "./document.js" */
/** @import { Quantity } from "./quantity.js" */
/** @import * as wit from "hullmark:policy/host@0.1.0" */

/** Stands in columns for what is not there. */
const NONE = 0xffff_ffff;

/**
 * Whether a number of a column stands for nothing. componentize-qjs hands numbers of 32 bits over as signed ones.
 * @param {number} number
 * @internal
 */
export function isNone(number) {
  return number >>> 0 === NONE;
}

/**
 * Kind of a node; `other` for what is newer than this package: pass over it.
 * @typedef {"mapping" | "sequence" | "string" | "integer" | "float" | "boolean" | "null" | "dockerfile" | "stage"
 *   | "instruction" | "flag" | "argument" | "pair" | "heredoc" | "directive" | "comment" | "json-argument" | "keyword"
 *   | "other"} Kind
 */

/** @type {{ [number: number]: Kind }} */
const KINDS = {
  1: "mapping", 2: "sequence", 3: "string", 4: "integer", 5: "float", 6: "boolean", 7: "null",
  32: "dockerfile", 33: "stage", 34: "instruction", 35: "flag", 36: "argument", 37: "pair", 38: "heredoc",
  39: "directive", 40: "comment", 41: "json-argument", 42: "keyword",
};
const NO_TEXT = new Set(["mapping", "sequence", "integer", "float", "boolean", "null"]);

/**
 * A range of bytes in the source file, not of characters.
 * @typedef {{ readonly start: number, readonly end: number }} Span
 */

/** A span in a document. */
export class Place {
  /**
   * @param {number} document
   * @param {Span} span
   */
  constructor(document, span) {
    /** Number of the document in this call. */
    this.document = document;
    /** Bytes in its source file. */
    this.span = span;
  }

  /** Itself: whatever has a place can be reported. @returns {Place} */
  get place() {
    return this;
  }
}

/** How many arguments a function may have, and more. */
const CHUNK = 4096;
const NOT_ASCII = /[^\0-\x7f]/;

/**
 * Text of bytes that are UTF-8. There is no `TextDecoder` in a component.
 * @param {Uint8Array} bytes
 * @param {number} start
 * @param {number} end
 */
function decode(bytes, start, end) {
  if (end - start <= CHUNK) {
    // The engine does this faster than a loop of ours, and nearly all text is ASCII.
    const text = String.fromCharCode.apply(null, /** @type {any} */ (bytes.subarray(start, end)));
    if (!NOT_ASCII.test(text)) {
      return text;
    }
  }
  let text = "";
  for (let at = start; at < end; ) {
    const first = bytes[at];
    let point = first;
    let length = 1;
    if (first >= 0xf0) {
      [point, length] = [first & 0x07, 4];
    } else if (first >= 0xe0) {
      [point, length] = [first & 0x0f, 3];
    } else if (first >= 0xc0) {
      [point, length] = [first & 0x1f, 2];
    }
    for (let next = at + 1; next < at + length; next += 1) {
      point = (point << 6) | (bytes[next] & 0x3f);
    }
    text += String.fromCodePoint(point);
    at += length;
  }
  return text;
}

/**
 * How many bytes a text takes in UTF-8.
 * @param {string} text
 * @internal
 */
export function byteLength(text) {
  let length = 0;
  for (const character of text) {
    const point = /** @type {number} */ (character.codePointAt(0));
    length += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x1_0000 ? 3 : 4;
  }
  return length;
}

/** The strings of one set of columns, decoded when they are asked for. @internal */
export class Strings {
  /** @param {wit.StringTable} table */
  constructor(table) {
    this.table = table;
    /** @type {string[]} */
    this.known = [];
  }

  /**
   * String of that number; null where there is none.
   * @param {number} number
   * @returns {string | null}
   */
  get(number) {
    const { bytes, ends } = this.table;
    if (isNone(number)) {
      return null;
    }
    return (this.known[number] ??= decode(bytes, number ? ends[number - 1] : 0, ends[number]));
  }
}

/** Something that is one row of a document's columns. */
export class Row {
  /**
   * @param {Document} document
   * @param {number} index
   */
  constructor(document, index) {
    /** The document it belongs to. */
    this.document = document;
    /** Its number among those of its kind. */
    this.index = index;
  }

  /**
   * Whether another is the same row of the same document.
   * @param {Row | null | undefined} other
   */
  equals(other) {
    return other != null && this.index === other.index && this.document.id === other.document.id;
  }

  /**
   * @param {number} start
   * @param {number} end
   * @protected
   */
  placeOf(start, end) {
    return new Place(this.document.id, { start, end });
  }
}

/** The columns of a tree with what is derived from them. @internal */
export class Tree {
  /** @param {wit.Tree} columns */
  constructor(columns) {
    this.columns = columns;
    this.strings = new Strings(columns.strings);
    // A node stands before all of its descendants, so the way back passes every child before its parent.
    const { parents } = columns;
    /** @type {number[]} */
    const ends = new Array(parents.length);
    for (let node = parents.length - 1; node >= 0; node -= 1) {
      ends[node] ??= node + 1;
      const parent = parents[node];
      if (!isNone(parent)) {
        ends[parent] ??= ends[node];
      }
    }
    this.subtreeEnds = ends;
  }
}

/** A node of a document's tree. */
export class Node extends Row {
  /** What the node is. @returns {Kind} */
  get kind() {
    return KINDS[this.document.tree.columns.kinds[this.index]] ?? "other";
  }

  /** The key it stands under. */
  get key() {
    const { columns, strings } = this.document.tree;
    return strings.get(columns.keys[this.index]);
  }

  /** Scalar text, whatever its type: strings unquoted, numbers and booleans as JSON writes them. */
  get value() {
    const { columns, strings } = this.document.tree;
    return strings.get(columns.values[this.index]);
  }

  /** Text of a string scalar or of a Dockerfile token. */
  get text() {
    return NO_TEXT.has(this.kind) ? null : this.value;
  }

  /** Value of an integer scalar. */
  get integer() {
    return this.kind === "integer" ? Number(this.value) : null;
  }

  /**
   * The value as a Kubernetes quantity, see `compareQuantities`; null where Kubernetes would refuse it.
   * @returns {Quantity | null}
   */
  get quantity() {
    const { value } = this;
    try {
      return value === null ? null : parseQuantity(value);
    } catch {
      return null;
    }
  }

  /** Value of a boolean scalar. */
  get boolean() {
    return this.kind === "boolean" ? this.value === "true" : null;
  }

  /** Whether it is an explicit or implied null. */
  get isNull() {
    return this.kind === "null";
  }

  /** Where the value was written. @returns {Span} */
  get span() {
    const { starts, ends } = this.document.tree.columns;
    return { start: starts[this.index], end: ends[this.index] };
  }

  /** Where the key was written. @returns {Span | null} */
  get keySpan() {
    const { keyStarts, keyEnds } = this.document.tree.columns;
    const span = { start: keyStarts[this.index], end: keyEnds[this.index] };
    return span.start < span.end ? span : null;
  }

  /** The alias or merge key through which the node stands where it stands. */
  get alias() {
    const { aliases, aliasStarts, aliasEnds } = this.document.tree.columns;
    const alias = aliases[this.index];
    return isNone(alias) ? null : this.placeOf(aliasStarts[alias], aliasEnds[alias]);
  }

  /**
   * A scalar's or token's value; a mapping's or sequence's key, or its first token; an instruction's keyword.
   * @returns {Place}
   */
  get place() {
    const { kind, span } = this;
    if (kind === "mapping" || kind === "sequence") {
      if (this.keySpan) {
        return this.keyPlace;
      }
      for (const child of this.children) {
        return child.place;
      }
    }
    // A null that is not written has no text of its own.
    if (kind === "instruction" || (kind === "null" && span.start === span.end)) {
      return this.keyPlace;
    }
    return new Place(this.document.id, span);
  }

  /** The key as a place; the value's where there is no key. */
  get keyPlace() {
    return new Place(this.document.id, this.keySpan ?? this.span);
  }

  /**
   * The part of the value that equals `part`, at `offset` of the value; the whole value where quoting or escapes keep the
   * two apart.
   * @param {number} offset
   * @param {string} part
   */
  part(offset, part) {
    const written = this.document.textAt(this.span);
    const value = written.indexOf(this.value ?? "");
    const start = value + offset;
    if (!part || value < 0 || !written.startsWith(part, start)) {
      return this.place;
    }
    const first = this.span.start + byteLength(written.slice(0, start));
    return this.placeOf(first, first + byteLength(part));
  }

  /** The node above. @returns {Node | null} */
  get parent() {
    const parent = this.document.tree.columns.parents[this.index];
    return isNone(parent) ? null : new Node(this.document, parent);
  }

  /** The nodes directly below, in order. @returns {Node[]} */
  get children() {
    const { subtreeEnds } = this.document.tree;
    const children = [];
    for (let child = this.index + 1; child < subtreeEnds[this.index]; child = subtreeEnds[child]) {
      children.push(new Node(this.document, child));
    }
    return children;
  }

  /** Entries of a sequence; nothing for any other node. */
  get items() {
    return this.kind === "sequence" ? this.children : [];
  }

  /** Entries of a mapping; nothing for any other node. @returns {[string, Node][]} */
  get entries() {
    const children = this.kind === "mapping" ? this.children : [];
    return children.flatMap((child) => {
      const { key } = child;
      return key === null ? [] : [/** @type {[string, Node]} */ ([key, child])];
    });
  }

  /**
   * Value under a key of a mapping; an explicit null counts as missing, as Kubernetes has it.
   * @param {string} key
   */
  get(key) {
    const node = this.written(key);
    return node?.isNull ? null : node;
  }

  /**
   * Value under a key of a mapping, a null included. Of a key that stands twice the last one counts.
   * @param {string} key
   * @returns {Node | null}
   */
  written(key) {
    return this.kind === "mapping" ? (this.children.findLast((child) => child.key === key) ?? null) : null;
  }

  /**
   * Value at a path of keys.
   * @param {...string} path
   * @returns {Node | null}
   */
  at(...path) {
    return path.reduce((/** @type {Node | null} */ node, key) => node && node.get(key), this);
  }

  /** All nodes below, in order of the text. @returns {Node[]} */
  get descendants() {
    const nodes = [];
    for (let index = this.index + 1; index < this.document.tree.subtreeEnds[this.index]; index += 1) {
      nodes.push(new Node(this.document, index));
    }
    return nodes;
  }

  /** The node and what is below it as objects, arrays, texts, numbers, booleans and null. @returns {any} */
  get data() {
    return JSON.parse(this.document.host.toJson(this.index));
  }

  /**
   * Place of the value at a JSON Pointer below the node; with `nearest`, of the deepest part that exists.
   * @param {string} pointer
   * @param {boolean} [nearest]
   */
  locate(pointer, nearest = false) {
    const span = this.document.host.locate(this.index, pointer, nearest);
    return span && this.placeOf(span.start, span.end);
  }

  /**
   * What a word of a Dockerfile comes to: quotes and escapes removed, variables replaced as far as the file tells their
   * values. Nothing where it does not tell all of them, or where BuildKit would refuse the word.
   */
  get resolved() {
    const { value, isComplete } = this.document.variables.expansion(this);
    return isComplete ? value : null;
  }

  /**
   * What a word of a Dockerfile comes to when nobody gives a value to an ARG: nothing stands in the place of a variable
   * without one.
   */
  get resolvedEmpty() {
    return this.document.variables.expansion(this).value;
  }
}

/**
 * Key of the deepest node on the path that exists; null where not even the first does.
 * @param {Node} start
 * @param {string[]} path
 * @internal
 */
export function anchor(start, path) {
  let node = start;
  for (const key of path) {
    // A key whose value is null is still the key that should hold the field.
    const below = node.written(key);
    if (!below) {
      break;
    }
    node = below;
  }
  return node === start ? null : node.keyPlace;
}
