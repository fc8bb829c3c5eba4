// Dockerfiles: stages and instructions.

import { Image } from "./image.js";
import { commandsBetween, compounds, scripts } from "./shell.js";
import { isNone, Node, Row } from "./tree.js";

/** @import { Document } from "./document.js" */
/** @import { OptionValues } from "./options.js" */
/** @import { Kind, Place } from "./tree.js" */

/** A Dockerfile. */
export class Dockerfile {
  /** @param {Document} document */
  constructor(document) {
    /** The document it is. */
    this.document = document;
  }

  /** All instructions in order, those before the first FROM included; triggers of ONBUILD are not among them. */
  get instructions() {
    const nodes = this.document.root.children.flatMap((node) => (node.kind === "stage" ? node.children : [node]));
    return instructions(nodes);
  }

  /** Its stages in order. A file without FROM, which Docker refuses, is one stage, see `Stage.isImplied`. */
  get stages() {
    const written = this.document.stages.nodes.length;
    const isImplied = !written && this.instructions.some((instruction) => instruction.name !== "ARG");
    return Array.from({ length: isImplied ? 1 : written }, (_, index) => new Stage(this.document, index));
  }

  /**
   * The stages that the option `Option.STAGES` of a rule leaves, for rules that look at files themselves.
   * @param {OptionValues} options
   */
  chosenStages(options) {
    return this.stages.filter((stage) => options.leaves(stage));
  }

  /** The last stage: what a build without a target ships. */
  get finalStage() {
    return this.stages.at(-1) ?? null;
  }

  /**
   * All commands of its RUN, CMD, ENTRYPOINT and HEALTHCHECK, in the order of the text; those that ONBUILD defers, and those
   * in substitutions and in scripts that commands run, included.
   */
  get commands() {
    return commandsBetween(this.document, 0, Infinity);
  }

  /** All texts that a shell reads, and exec forms. */
  get scripts() {
    return scripts(this.document);
  }

  /** What groups its commands: loops, conditions, functions, parentheses and braces. */
  get compounds() {
    return compounds(this.document);
  }
}

/** @param {Node[]} nodes */
function instructions(nodes) {
  return nodes.filter((node) => node.kind === "instruction").map((node) => new Instruction(node));
}

/** A stage: FROM and what follows it. */
export class Stage extends Row {
  /** Its node; that of the file where it is implied. */
  get #node() {
    return new Node(this.document, this.isImplied ? 0 : this.document.stages.nodes[this.index]);
  }

  /**
   * Whether the file has no FROM: only the instructions of this stage are known. Docker refuses such a file, but the rules on
   * what is written hold for it, as for a part of a Dockerfile that is put together later.
   */
  get isImplied() {
    return this.document.stages.nodes.length === 0;
  }

  /** Name after AS, in lower case as BuildKit has it. */
  get name() {
    return this.#node.value;
  }

  /** Its FROM instruction; where it is implied, an instruction without a name and without arguments. */
  get from() {
    return new Instruction(new Node(this.document, this.isImplied ? 0 : this.document.stages.froms[this.index]));
  }

  /** Its instructions, FROM first. */
  get instructions() {
    return instructions(this.#node.children);
  }

  /**
   * Its instructions of one name.
   * @param {string} name
   */
  all(name) {
    return this.instructions.filter((instruction) => instruction.name === name);
  }

  /** The earlier stage it is built from. @returns {Stage | null} */
  get parent() {
    const { parents } = this.document.stages;
    return this.isImplied || isNone(parents[this.index]) ? null : new Stage(this.document, parents[this.index]);
  }

  /** The stage itself, then its parent, and so on. @returns {Stage[]} */
  get lineage() {
    /** @type {Stage[]} */
    const lineage = [];
    for (let stage = /** @type {Stage | null} */ (this); stage; stage = stage.parent) {
      lineage.push(stage);
    }
    return lineage;
  }

  /**
   * The image it is built from, variables replaced by the defaults of global ARGs; null where a variable has no value in the
   * file, or where it is built from an earlier stage.
   */
  get base() {
    const isKnown = !this.isImplied && !this.parent;
    return isKnown ? this.document.stageStrings.get(this.document.stages.bases[this.index]) : null;
  }

  /** `base` as an image reference at the argument of FROM; null for `scratch` and for what Docker would refuse. */
  get image() {
    const { base } = this;
    const argument = this.from.arguments.at(0);
    return argument && base !== null && base !== "scratch" ? Image.of(argument, base) : null;
  }

  /** The defaults of global ARGs that its image is made of, last one first. @returns {Node[]} */
  get imageDefaults() {
    const image = this.from.arguments.at(0);
    const wanted = new Set(this.from.references.filter(({ node }) => node.equals(image)).map(({ name }) => name));
    const { instructions } = new Dockerfile(this.document);
    const before = instructions.slice(0, instructions.findIndex(({ name }) => name === "FROM"));
    const pairs = before.filter(({ name }) => name === "ARG").flatMap((arg) => arg.pairs.map((pair) => ({ arg, pair })));
    const defaults = [];
    // Backwards: the last ARG of a name holds, and its default may name earlier ones.
    for (const { arg, pair } of pairs.reverse()) {
      if (pair.key !== null && pair.value !== null && wanted.delete(pair.key)) {
        for (const { name } of arg.references.filter(({ node }) => node.equals(pair))) {
          wanted.add(name);
        }
        defaults.push(pair);
      }
    }
    return defaults;
  }

  /** The commands of its instructions, see `Dockerfile.commands`. */
  get commands() {
    const { index } = this.#node;
    return commandsBetween(this.document, index, this.document.tree.subtreeEnds[index]);
  }

  /** Whether the final stage needs it. */
  get isShipped() {
    return this.isImplied || this.document.stages.shipped[this.index] === 1;
  }

  /** Whether it is the last one of the file. */
  get isFinal() {
    return this.index + 1 === Math.max(this.document.stages.nodes.length, 1);
  }

  /** Where the stage as a whole is reported: its image; where it is implied, its first keyword. @returns {Place} */
  get place() {
    const first = this.isImplied ? this.instructions.at(0) : this.from.arguments.at(0);
    return (first ?? this.from).place;
  }
}

/** An instruction. */
export class Instruction {
  /** @param {Node} node */
  constructor(node) {
    /** Its node. */
    this.node = node;
  }

  /**
   * Whether another is the same instruction.
   * @param {Instruction | null | undefined} other
   */
  equals(other) {
    return this.node.equals(other?.node);
  }

  /** Keyword in upper case. */
  get name() {
    return this.node.key ?? "";
  }

  /** All after the keyword and its flags, continuations joined. */
  get text() {
    return this.node.value ?? "";
  }

  /** The keyword. */
  get place() {
    return this.node.keyPlace;
  }

  /** @param {...Kind} kinds */
  #all(...kinds) {
    return this.node.children.filter((child) => kinds.includes(child.kind));
  }

  /**
   * A flag by its name without `--`.
   * @param {string} name
   */
  flag(name) {
    return this.flags.find((flag) => flag.key === name) ?? null;
  }

  /** Its flags. */
  get flags() {
    return this.#all("flag");
  }

  /** Its mounts, where it is a RUN. */
  get mounts() {
    return this.flags.filter((flag) => flag.key === "mount").map((flag) => new Mount(flag));
  }

  /** Its arguments: words, the words of the exec form, or the whole rest, as the instruction takes them. */
  get arguments() {
    return this.#all("argument", "json-argument");
  }

  /** Whether its arguments are in exec (JSON) form. */
  get isExecForm() {
    return this.#all("json-argument").length > 0;
  }

  /** Names and values of ENV, LABEL and ARG. */
  get pairs() {
    return this.#all("pair");
  }

  /** Its heredocs. */
  get heredocs() {
    return this.#all("heredoc");
  }

  /** Keywords inside it: `AS` of FROM, `CMD` and `NONE` of HEALTHCHECK. */
  get keywords() {
    return this.#all("keyword");
  }

  /** The instruction that ONBUILD triggers. @returns {Instruction | null} */
  get trigger() {
    return instructions(this.node.children).at(0) ?? null;
  }

  /** The stage it stands in; null before the first FROM. */
  get stage() {
    const { parent, document } = this.node;
    if (parent?.kind === "dockerfile" && document.stages.nodes.length === 0) {
      return new Stage(document, 0);
    }
    return parent?.kind === "stage" ? new Stage(document, Array.from(document.stages.nodes).indexOf(parent.index)) : null;
  }

  /** For FROM: the image as it is written, unless it names an earlier stage, is `scratch`, or holds a variable. */
  get image() {
    const { stage } = this;
    const argument = this.arguments.at(0);
    const isImage = this.name === "FROM" && stage && !stage.parent;
    return isImage && argument && argument.value !== "scratch" ? Image.of(argument) : null;
  }

  /** Its commands, see `Dockerfile.commands`; those that ONBUILD defers are its trigger's. */
  get commands() {
    return commandsBetween(this.node.document, this.node.index, this.node.index + 1);
  }

  /** What groups its commands, see `Dockerfile.compounds`. */
  get compounds() {
    return compounds(this.node.document).filter((compound) => this.equals(compound.script.instruction));
  }

  /** Variables in its words, where BuildKit replaces them; not those of a shell's text, which the shell replaces. */
  get references() {
    return this.node.document.variables.references(this.node);
  }
}

/** One `--mount` of a RUN, as BuildKit reads it. */
export class Mount {
  #flag;

  /** @param {Node} flag @internal */
  constructor(flag) {
    this.#flag = flag;
  }

  /** `bind`, `cache`, `tmpfs`, `secret` or `ssh`; `bind` where nothing is said. */
  get kind() {
    return this.field("type") ?? "bind";
  }

  /** Where it stands in the build's file system. */
  get target() {
    return this.field("target", "dst", "destination");
  }

  /** The stage or image whose files it shows. */
  get from() {
    return this.field("from");
  }

  /**
   * Where the first characters of `from`, as many as `part` has, are written.
   * @param {string} part
   */
  fromPlace(part) {
    const from = this.#fields.find(({ key }) => key === "from");
    return from ? this.#flag.part(from.offset, part) : this.place;
  }

  /** Whether it gives the step a folder that is no part of the image, so that files left there do not make it larger. */
  get isOutsideImage() {
    return this.kind === "cache" || this.kind === "tmpfs";
  }

  /** All of the flag. */
  get place() {
    return this.#flag.place;
  }

  /**
   * The value of the first field that has one of these names.
   * @param {...string} names
   */
  field(...names) {
    return this.#fields.find(({ key }) => names.includes(key))?.value ?? null;
  }

  /** Fields with the offset of each value in the flag's text. A quoted field is passed over: nobody writes one. */
  get #fields() {
    let offset = 0;
    return (this.#flag.value ?? "").split(",").flatMap((field) => {
      const start = offset;
      offset += field.length + 1;
      const equals = field.indexOf("=");
      const [key, value] = [field.slice(0, equals), field.slice(equals + 1)];
      return equals < 0 || !value ? [] : [{ offset: start + equals + 1, key, value }];
    });
  }
}
