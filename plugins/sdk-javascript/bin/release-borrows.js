// A guest must give back what it was lent before its function returns. Components of componentize-qjs (0.4.5) do it in the
// function that the host calls after that, which wasmtime no longer takes. This puts it where it belongs: around each export
// that is lent something, a function that calls it and drops the handle; and as its `cabi_post_…` a function that does nothing,
// for the one that is there would drop the handle again. What that one would have freed stays, until the instance ends with
// the document that it was made for.

const EXPORT = "hullmark:policy/plugin@0.1.0#";
const HOST = "hullmark:policy/host@0.1.0";
/** Exports that are lent a resource as their first parameter, and the resource. */
const LENT = { check: "document", "check-project": "project" };

// Ids of sections in a core module, of sections in a component that hold others, and kinds of what is imported.
const [TYPES, IMPORTS, FUNCTIONS, EXPORTS, CODE] = [1, 2, 3, 7, 10];
const [MODULE, COMPONENT] = [1, 4];
const [FUNCTION, TABLE, MEMORY, GLOBAL] = [0, 1, 2, 3];

// Instructions and types that the new functions are made of.
const [END, CALL, GET] = [0x0b, 0x10, 0x20];
const [FUNCTION_TYPE, I32] = [0x60, 0x7f];

/** Reads what the binary format is made of. */
class Reader {
  at = 0;

  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.bytes = bytes;
  }

  get isAtEnd() {
    return this.at >= this.bytes.length;
  }

  byte() {
    return this.bytes[this.at++];
  }

  /** An unsigned number in LEB128. */
  number() {
    let number = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte();
      number += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        return number;
      }
    }
  }

  /** @param {number} length */
  take(length) {
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  text() {
    return Buffer.from(this.take(this.number())).toString();
  }

  rest() {
    return this.take(this.bytes.length - this.at);
  }

  /** Passes over the bounds of a table or memory. */
  limits() {
    const flags = this.byte();
    this.number();
    if (flags & 1) {
      this.number();
    }
  }
}

/** @param {number} number */
function leb(number) {
  const bytes = [];
  for (; number >= 0x80; number = Math.floor(number / 128)) {
    bytes.push((number % 128) | 0x80);
  }
  return Buffer.from([...bytes, number]);
}

/** @param {string} text */
function name(text) {
  return Buffer.concat([leb(Buffer.byteLength(text)), Buffer.from(text)]);
}

/** @param {Uint8Array} bytes @returns {{ id: number, body: Uint8Array }[]} */
function sections(bytes) {
  const reader = new Reader(bytes);
  reader.take(8);
  const sections = [];
  while (!reader.isAtEnd) {
    sections.push({ id: reader.byte(), body: reader.take(reader.number()) });
  }
  return sections;
}

/**
 * A module or component of these sections, with the head of another.
 * @param {Uint8Array} like
 * @param {{ id: number, body: Uint8Array }[]} sections
 */
function assemble(like, sections) {
  const parts = sections.flatMap(({ id, body }) => [Buffer.from([id]), leb(body.length), body]);
  return Buffer.concat([like.subarray(0, 8), ...parts]);
}

/**
 * A list with more entries at its end.
 * @param {Uint8Array} body
 * @param {Uint8Array[]} more
 */
function extended(body, more) {
  const reader = new Reader(body);
  const count = reader.number();
  return Buffer.concat([leb(count + more.length), reader.rest(), ...more]);
}

/**
 * Numbers of imported functions by their names, and how many there are.
 * @param {Uint8Array} body
 */
function importedFunctions(body) {
  const reader = new Reader(body);
  /** @type {Map<string, number>} */
  const numbers = new Map();
  let count = 0;
  for (let left = reader.number(); left > 0; left -= 1) {
    const [module, field, kind] = [reader.text(), reader.text(), reader.byte()];
    if (kind === FUNCTION) {
      reader.number();
      numbers.set(`${module} ${field}`, count++);
    } else if (kind === TABLE) {
      reader.byte();
      reader.limits();
    } else if (kind === MEMORY) {
      reader.limits();
    } else if (kind === GLOBAL) {
      reader.take(2);
    } else {
      throw new Error(`an import of kind ${kind} is not known`);
    }
  }
  return { numbers, count };
}

/** @param {Uint8Array} body */
function exported(body) {
  const reader = new Reader(body);
  return Array.from({ length: reader.number() }, () => ({
    field: reader.text(),
    kind: reader.byte(),
    index: reader.number(),
  }));
}

/** @param {Uint8Array} bytes */
function patchModule(bytes) {
  const parts = sections(bytes);
  const find = (/** @type {number} */ id) => parts.find((part) => part.id === id);
  const [types, imports, functions, exports, code] = [TYPES, IMPORTS, FUNCTIONS, EXPORTS, CODE].map(find);
  const list = exports ? exported(exports.body) : [];
  if (!types || !imports || !functions || !exports || !code || !list.some(({ field }) => field === `${EXPORT}check`)) {
    return bytes;
  }
  const { numbers, count } = importedFunctions(imports.body);
  const firstType = new Reader(types.body).number();
  const firstNew = count + new Reader(functions.body).number();
  /** @type {number[][]} */
  const bodies = [];
  const add = (/** @type {number[]} */ ...instructions) => firstNew + bodies.push([0, ...instructions, END]) - 1;
  for (const [method, resource] of Object.entries(LENT)) {
    const call = list.find(({ field }) => field === EXPORT + method);
    const post = list.find(({ field }) => field === `cabi_post_${EXPORT}${method}`);
    const drop = numbers.get(`${HOST} [resource-drop]${resource}`);
    if (!call || !post || drop === undefined) {
      throw new Error(`the component has no \`${method}\` as componentize-qjs 0.4 makes it`);
    }
    // The result lies on the stack while the handle is dropped.
    call.index = add(GET, 0, GET, 1, GET, 2, CALL, ...leb(call.index), GET, 0, CALL, ...leb(drop));
    post.index = add();
  }
  types.body = extended(types.body, [
    Buffer.from([FUNCTION_TYPE, 3, I32, I32, I32, 1, I32]),
    Buffer.from([FUNCTION_TYPE, 1, I32, 0]),
  ]);
  functions.body = extended(functions.body, bodies.map((_, index) => leb(firstType + (index % 2))));
  code.body = extended(code.body, bodies.map((body) => Buffer.concat([leb(body.length), Buffer.from(body)])));
  const entries = list.map(({ field, kind, index }) => Buffer.concat([name(field), Buffer.from([kind]), leb(index)]));
  exports.body = Buffer.concat([leb(entries.length), ...entries]);
  return assemble(bytes, parts);
}

/**
 * A component that gives back what it is lent before its functions return.
 * @param {Uint8Array} component
 * @returns {Uint8Array}
 */
export function releaseBorrows(component) {
  const parts = sections(component).map(({ id, body }) => {
    if (id === MODULE) {
      return { id, body: patchModule(body) };
    }
    return { id, body: id === COMPONENT ? releaseBorrows(body) : body };
  });
  return assemble(component, parts);
}
