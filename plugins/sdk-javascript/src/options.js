// Options of rules: declared once, from which follow their JSON Schema, their checking and their values.

/** @import { Stage } from "./dockerfile.js" */
/** @import { DefinedRule } from "./rule.js" */

/** Something wrong with given options: a JSON Pointer into them, and a sentence. @typedef {{ pointer: string, message: string }} OptionFault */

const isText = (/** @type {unknown} */ value) => typeof value === "string";

/** @param {readonly unknown[]} words */
const isAmong = (words) => (/** @type {unknown} */ value) => words.includes(value);

/** @param {readonly string[]} words */
const quoted = (words) => words.map((word) => `\`${word}\``).join(", ");

/**
 * A key as a part of a JSON Pointer.
 * @param {string} key
 */
const escape = (key) => key.replaceAll("~", "~0").replaceAll("/", "~1");

/** @param {unknown} value @returns {value is { [key: string]: unknown }} */
const isMapping = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** One option of a rule. */
export class Option {
  #schema;
  #takes;
  #fits;
  #items;

  /**
   * @param {string} name
   * @param {unknown} initial
   * @param {string} help
   * @param {{ schema: object, takes: string, fits: (value: unknown) => boolean, items?: string }} type what it takes, for
   *   messages; whether it takes a value, or the items of a list, or the values of a mapping; what it takes as those
   * @internal
   */
  constructor(name, initial, help, { schema, takes, fits, items = "" }) {
    this.name = name;
    this.default = initial;
    this.help = help;
    this.#schema = schema;
    this.#takes = takes;
    this.#fits = fits;
    this.#items = items;
  }

  /**
   * `true` or `false`.
   * @param {string} name
   * @param {boolean} initial
   * @param {string} help
   */
  static flag(name, initial, help) {
    const fits = (/** @type {unknown} */ value) => typeof value === "boolean";
    return new Option(name, initial, help, { schema: { type: "boolean" }, takes: "`true` or `false`", fits });
  }

  /**
   * A whole number, not below `least`.
   * @param {string} name
   * @param {number} initial
   * @param {number} least
   * @param {string} help
   */
  static integer(name, initial, least, help) {
    const schema = { type: "integer", minimum: least };
    const fits = (/** @type {unknown} */ value) => Number.isInteger(value) && /** @type {number} */ (value) >= least;
    return new Option(name, initial, help, { schema, takes: `a whole number, ${least} at least`, fits });
  }

  /**
   * Any text.
   * @param {string} name
   * @param {string} initial
   * @param {string} help
   */
  static text(name, initial, help) {
    return new Option(name, initial, help, { schema: { type: "string" }, takes: "a text", fits: isText });
  }

  /**
   * One of a few words.
   * @param {string} name
   * @param {string} initial
   * @param {readonly string[]} of
   * @param {string} help
   */
  static choice(name, initial, of, help) {
    const schema = { type: "string", enum: of };
    return new Option(name, initial, help, { schema, takes: `one of ${quoted(of)}`, fits: isAmong(of) });
  }

  /**
   * A list of texts.
   * @param {string} name
   * @param {readonly string[]} initial
   * @param {string} help
   */
  static texts(name, initial, help) {
    const schema = { type: "array", items: { type: "string" } };
    return new Option(name, initial, help, { schema, takes: "a list of texts", fits: isText, items: "a list of texts" });
  }

  /**
   * A list of some of a few words.
   * @param {string} name
   * @param {readonly string[]} initial
   * @param {readonly string[]} of
   * @param {string} help
   */
  static words(name, initial, of, help) {
    const schema = { type: "array", items: { type: "string", enum: of } };
    const items = `words of ${quoted(of)}`;
    return new Option(name, initial, help, { schema, takes: `a list of ${items}`, fits: isAmong(of), items });
  }

  /**
   * A mapping of texts to texts, empty by default.
   * @param {string} name
   * @param {string} help
   */
  static map(name, help) {
    const schema = { type: "object", additionalProperties: { type: "string" } };
    const takes = "a mapping of texts to texts";
    return new Option(name, {}, help, { schema, takes, fits: isText, items: "texts as values" });
  }

  /**
   * A mapping of texts to one of a few words each, empty by default.
   * @param {string} name
   * @param {readonly string[]} of
   * @param {string} help
   */
  static choices(name, of, help) {
    const schema = { type: "object", additionalProperties: { type: "string", enum: of } };
    const one = `one of ${quoted(of)}`;
    const takes = `a mapping of texts to ${one}`;
    return new Option(name, {}, help, { schema, takes, fits: isAmong(of), items: `${one} as values` });
  }

  /**
   * Which stages of a Dockerfile a rule looks at. Instructions, stages and commands are held to it before a rule sees them;
   * what stands before the first FROM is always seen, and so is all that a rule on whole files is given.
   */
  static STAGES = Option.choice(
    "stages",
    "all",
    ["all", "shipped", "final"],
    "which stages are looked at: `all`, those that the final stage needs (`shipped`), or only the last one (`final`)",
  );

  /** Dockerfiles that build images whose names do not tell so, for `Project.builds`. */
  static IMAGES = Option.map(
    "images",
    "repositories of images, each with the path of the Dockerfile that builds it, where names do not tell",
  );

  /** Its JSON Schema. */
  get schema() {
    return { ...this.#schema, default: this.default, description: this.help };
  }

  /**
   * What is wrong with a value, with pointers below it.
   * @param {unknown} value
   * @returns {OptionFault[]}
   */
  faults(value) {
    const fault = (/** @type {string} */ pointer, /** @type {string} */ takes) => {
      return { pointer, message: `\`${this.name}\` takes ${takes}` };
    };
    /** @type {[string, unknown][]} */
    let below;
    if (Array.isArray(this.default) && Array.isArray(value)) {
      below = value.map((item, index) => [`${index}`, item]);
    } else if (isMapping(this.default) && isMapping(value)) {
      below = Object.entries(value).map(([key, item]) => [escape(key), item]);
    } else {
      return !this.#items && this.#fits(value) ? [] : [fault("", this.#takes)];
    }
    return below.filter(([, item]) => !this.#fits(item)).map(([key]) => fault(`/${key}`, this.#items));
  }
}

/**
 * JSON Schema of a rule's options; empty where it has none.
 * @param {readonly Option[]} options
 * @internal
 */
export function schema(options) {
  const properties = Object.fromEntries(options.map((option) => [option.name, option.schema]));
  return options.length ? JSON.stringify({ type: "object", additionalProperties: false, properties }) : "";
}

/** The values of one rule's options. Asking for an option that the rule does not declare throws. */
export class OptionValues {
  /** @type {Map<string, any>} */
  #values;

  /** @param {readonly Option[]} options @internal */
  constructor(options) {
    this.#values = new Map(options.map((option) => [option.name, option.default]));
  }

  /**
   * Sets what was given.
   * @param {string} name
   * @param {unknown} value
   * @internal
   */
  set(name, value) {
    this.#values.set(name, value);
  }

  /** @param {string} name */
  #get(name) {
    if (!this.#values.has(name)) {
      throw new RangeError(`the rule declares no option \`${name}\``);
    }
    return this.#values.get(name);
  }

  /**
   * Value of a flag.
   * @param {string} name
   * @returns {boolean}
   */
  flag(name) {
    return this.#get(name);
  }

  /**
   * Value of a whole number.
   * @param {string} name
   * @returns {number}
   */
  integer(name) {
    return this.#get(name);
  }

  /**
   * Value of a text or choice.
   * @param {string} name
   * @returns {string}
   */
  text(name) {
    return this.#get(name);
  }

  /**
   * Values of a list.
   * @param {string} name
   * @returns {readonly string[]}
   */
  texts(name) {
    return this.#get(name);
  }

  /**
   * Entries of a mapping.
   * @param {string} name
   * @returns {{ readonly [key: string]: string }}
   */
  entries(name) {
    return this.#get(name);
  }

  /**
   * Whether a stage is among those that `Option.STAGES` leaves; every one is for a rule without that option.
   * @param {Stage | null} stage
   */
  leaves(stage) {
    const chosen = this.#values.get(Option.STAGES.name) ?? "all";
    return !stage || chosen === "all" || stage.isFinal || (chosen === "shipped" && stage.isShipped);
  }

  /** Entries of `Option.IMAGES`; none for a rule without that option. @returns {{ readonly [key: string]: string }} */
  get images() {
    return this.#values.get(Option.IMAGES.name) ?? {};
  }
}

/**
 * Reads the options of all rules of a plugin: `{"plugin": {…}, "rules": {"<rule>": {…}}}`. Gives values, and all faults, each
 * with its pointer.
 * @param {readonly DefinedRule[]} rules
 * @param {string} given
 * @internal
 */
export function read(rules, given) {
  const values = rules.map((rule) => new OptionValues(rule.options));
  /** @type {OptionFault[]} */
  const faults = [];
  let options;
  try {
    options = given.trim() ? JSON.parse(given) : {};
  } catch (error) {
    return { values, faults: [{ pointer: "", message: /** @type {Error} */ (error).message }] };
  }
  for (const [name, ofRule] of Object.entries(options.rules ?? {})) {
    const pointer = `/rules/${escape(name)}`;
    const number = rules.findIndex((rule) => rule.name === name);
    if (number < 0) {
      faults.push({ pointer, message: `there is no rule \`${name}\`` });
      continue;
    }
    if (!isMapping(ofRule)) {
      faults.push({ pointer, message: "options are a mapping" });
      continue;
    }
    for (const [key, value] of Object.entries(ofRule)) {
      const at = `${pointer}/${escape(key)}`;
      const declared = rules[number].options;
      const option = declared.find((option) => option.name === key);
      if (!option) {
        const known = declared.length ? `; it has ${quoted(declared.map(({ name }) => name))}` : " nor any other";
        faults.push({ pointer: at, message: `\`${name}\` has no option \`${key}\`${known}` });
        continue;
      }
      const wrong = option.faults(value);
      faults.push(...wrong.map((fault) => ({ ...fault, pointer: at + fault.pointer })));
      if (!wrong.length) {
        values[number].set(key, value);
      }
    }
  }
  return { values, faults };
}
