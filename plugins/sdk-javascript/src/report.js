// What a rule says.

import { Place } from "./tree.js";

/** @import { OptionValues } from "./options.js" */

/**
 * Whatever knows where it stands: a node, a word, an instruction, an image, a place itself.
 * @typedef {{ readonly place: Place }} Placed
 */

/** Edits that together remove a finding. Titles are imperative: "use `apt-get`". */
export class Fix {
  /**
   * @param {string} title
   * @param {boolean} isSafe
   * @internal
   */
  constructor(title, isSafe) {
    this.title = title;
    this.isSafe = isSafe;
    /**
     * Where, and the text that comes there.
     * @type {{ at: Place, text: string }[]}
     */
    this.edits = [];
  }

  /**
   * A fix that may be applied without a person looking.
   * @param {string} title
   */
  static safe(title) {
    return new Fix(title, true);
  }

  /**
   * A fix that a person must look at.
   * @param {string} title
   */
  static needsReview(title) {
    return new Fix(title, false);
  }

  /**
   * Replaces what stands at a place.
   * @param {Placed} at
   * @param {string} text
   */
  replace(at, text) {
    this.edits.push({ at: at.place, text });
    return this;
  }

  /**
   * Inserts before a place.
   * @param {Placed} at
   * @param {string} text
   */
  insertBefore(at, text) {
    const { document, span } = at.place;
    return this.replace(new Place(document, { start: span.start, end: span.start }), text);
  }

  /**
   * Inserts after a place.
   * @param {Placed} at
   * @param {string} text
   */
  insertAfter(at, text) {
    const { document, span } = at.place;
    return this.replace(new Place(document, { start: span.end, end: span.end }), text);
  }
}

/** What one rule reports at one place. */
export class Finding {
  /** @type {{ at: Place, message: string }[]} */
  #related = [];
  /** @type {Fix[]} */
  #fixes = [];
  /** @type {string[] | null} */
  #aliases = null;
  /** @type {{ name: string, value: string }[]} */
  #properties = [];

  /**
   * @param {string} rule
   * @param {Place} at
   * @param {string} message
   * @internal
   */
  constructor(rule, at, message) {
    this.rule = rule;
    this.place = at;
    this.message = message;
  }

  /**
   * Adds a second place that explains the finding.
   * @param {Placed} at
   * @param {string} message
   */
  related(at, message) {
    this.#related.push({ at: at.place, message });
    return this;
  }

  /**
   * Adds a way to mend it.
   * @param {Fix} fix
   */
  fix(fix) {
    this.#fixes.push(fix);
    return this;
  }

  /**
   * Says which of the rule's aliases would report this very occurrence, where it is not all of them.
   * @param {...string} aliases
   */
  aliases(...aliases) {
    this.#aliases = aliases;
    return this;
  }

  /**
   * Adds a property for later readers.
   * @param {string} name
   * @param {string} value
   */
  property(name, value) {
    this.#properties.push({ name, value });
    return this;
  }

  /** What crosses to the host. @internal */
  toHost() {
    return {
      rule: this.rule,
      message: this.message,
      at: place(this.place),
      related: this.#related.map(({ at, message }) => ({ at: place(at), message, properties: [] })),
      fixes: this.#fixes.map((fix) => ({
        title: fix.title,
        applicability: fix.isSafe ? "safe" : "unsafe",
        edits: fix.edits.map(({ at, text }) => ({ at: place(at), text })),
        properties: [],
      })),
      aliases: this.#aliases,
      properties: this.#properties,
    };
  }
}

/** @param {Place} place */
function place({ document, span }) {
  return { document, at: span };
}

/** Takes the findings of one rule. */
export class Report {
  /** @internal @type {Finding[]} */
  findings = [];
  #rule;

  /**
   * @param {string} rule
   * @param {OptionValues} options
   * @internal
   */
  constructor(rule, options) {
    this.#rule = rule;
    /** The rule's options. */
    this.options = options;
  }

  /**
   * Reports at a place: the smallest token at fault. The message is one sentence without a full stop, with the offending value
   * in backticks.
   * @param {Placed} at
   * @param {string} message
   */
  finding(at, message) {
    const finding = new Finding(this.#rule, at.place, message);
    this.findings.push(finding);
    return finding;
  }
}
