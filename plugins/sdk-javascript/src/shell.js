// Commands of shell text: what a RUN, CMD, ENTRYPOINT or HEALTHCHECK runs, down to its words and what those are made of.
//
// A word that is not literal has no `Word.text`, and a script that was not understood ends early: a rule about what is
// missing asks `Script.isUnderstood` first.

import { Instruction } from "./dockerfile.js";
import { byteLength, isNone, Node, Row, Strings } from "./tree.js";
import { firstRow } from "./variables.js";

/** @import { Document } from "./document.js" */
/** @import { Stage } from "./dockerfile.js" */
/** @import * as wit from "hullmark:policy/host@0.1.0" */

/**
 * What joins a command to what stands before it; `none` for the first one, or where a keyword stands between.
 * @typedef {"none" | "and" | "or" | "semicolon" | "newline" | "background" | "pipe"} Join
 */

/** @type {{ [number: number]: Join }} */
const JOINS = { 1: "and", 2: "or", 3: "semicolon", 4: "newline", 5: "background", 6: "pipe", 7: "pipe" };

/**
 * What a part of a word is: `'…'`, `"…"`, `$'…'`, `$"…"`, `$x`, `$((…))`, `$(…)`, a substitution in backticks, `<(…)`, the
 * value of an array, or something newer than this package.
 * @typedef {"single-quoted" | "double-quoted" | "ansi-quoted" | "translated" | "variable" | "arithmetic" | "commands"
 *   | "backticks" | "process" | "array" | "other"} PartKind
 */

/** @type {{ [number: number]: PartKind }} */
const PARTS = {
  1: "single-quoted", 2: "double-quoted", 3: "ansi-quoted", 4: "translated", 5: "variable", 6: "arithmetic",
  7: "commands", 8: "backticks", 9: "process", 10: "array",
};

/**
 * What a compound command is; `while` stands for `until` too, `for-arguments` goes over the script's arguments, and
 * `function-keyword` is a function that is written with that word.
 * @typedef {"subshell" | "group" | "if" | "while" | "for" | "for-arguments" | "for-arithmetic" | "select" | "case"
 *   | "arithmetic" | "function-keyword" | "function" | "other"} CompoundKind
 */

/** @type {{ [number: number]: CompoundKind }} */
const COMPOUNDS = {
  1: "subshell", 2: "group", 3: "if", 4: "while", 5: "for", 6: "for-arguments", 7: "for-arithmetic", 8: "select",
  9: "case", 10: "arithmetic", 11: "function-keyword", 12: "function",
};

/**
 * Commands that run the command which their arguments are, and their short options that take a value.
 * @type {Map<string | null, string>}
 */
const WRAPPERS = new Map([
  ["env", "uCS"], ["exec", "a"], ["command", ""], ["nohup", ""], ["time", "fo"], ["nice", "n"], ["sudo", "ugUghpCrt"],
  ["doas", "uC"], ["tini", ""], ["setsid", ""],
]);

/**
 * The numbers of a range.
 * @param {number} start
 * @param {number} end
 */
function range(start, end) {
  const numbers = [];
  for (let number = start; number < end; number += 1) {
    numbers.push(number);
  }
  return numbers;
}

/**
 * Rows by what they belong to.
 * @param {wit.Column} owners
 */
function groups(owners) {
  /** @type {Map<number, number[]>} */
  const groups = new Map();
  for (let row = 0; row < owners.length; row += 1) {
    const rows = groups.get(owners[row]);
    if (rows) {
      rows.push(row);
    } else {
      groups.set(owners[row], [row]);
    }
  }
  return groups;
}

/** The columns of a document's commands. @internal */
export class CommandTables {
  /** @type {number[] | undefined} */
  #scriptNodes;
  /** @type {Map<number, number[]> | undefined} */
  #pipelines;
  /** @type {Map<number, number[]> | undefined} */
  #assignments;
  /** @type {Map<number, number[]> | undefined} */
  #redirections;

  /** @param {wit.Commands} columns */
  constructor(columns) {
    this.columns = columns;
    this.strings = new Strings(columns.strings);
  }

  /** Node of the instruction of each command. Commands stand in the order of their instructions. */
  get scriptNodes() {
    const { scripts, commands } = this.columns;
    return (this.#scriptNodes ??= Array.from(commands.scripts, (script) => scripts.nodes[script]));
  }

  /** Commands by their pipelines. */
  get pipelines() {
    return (this.#pipelines ??= groups(this.columns.commands.pipelines));
  }

  /** Assignments by their commands. */
  get assignments() {
    return (this.#assignments ??= groups(this.columns.assignments.commands));
  }

  /** Redirections by their commands. */
  get redirections() {
    return (this.#redirections ??= groups(this.columns.redirections.commands));
  }
}

/**
 * The commands of the instructions whose nodes lie in a range.
 * @param {Document} document
 * @param {number} start
 * @param {number} end
 * @internal
 */
export function commandsBetween(document, start, end) {
  const nodes = document.commands.scriptNodes;
  return range(firstRow(nodes, start), firstRow(nodes, end)).map((index) => new Command(document, index));
}

/**
 * All scripts of a document.
 * @param {Document} document
 * @internal
 */
export function scripts(document) {
  return range(0, document.commands.columns.scripts.nodes.length).map((index) => new Script(document, index));
}

/**
 * All compound commands of a document, in the order of their beginnings.
 * @param {Document} document
 * @internal
 */
export function compounds(document) {
  return range(0, document.syntax.compounds.scripts.length).map((index) => new Compound(document, index));
}

/** A text that a shell reads, or an exec form, which none does. */
export class Script extends Row {
  get #columns() {
    return this.document.commands.columns.scripts;
  }

  /** The instruction that holds it; for ONBUILD the one that is triggered. */
  get instruction() {
    return new Instruction(new Node(this.document, this.#columns.nodes[this.index]));
  }

  /** The stage it stands in. @returns {Stage | null} */
  get stage() {
    const { instruction } = this;
    const { parent } = instruction.node;
    return instruction.stage ?? (parent && new Instruction(parent).stage);
  }

  /** The command that runs it, as in `bash -c '…'`; null for what the instruction itself runs. @returns {Command | null} */
  get runner() {
    const index = this.#columns.commands[this.index];
    return isNone(index) ? null : new Command(this.document, index);
  }

  /** Name of the shell that reads it, without its folder; null for the exec form. */
  get shell() {
    return this.document.commands.strings.get(this.#columns.shells[this.index]);
  }

  /** The shell's own arguments with blanks between: `-o pipefail -c`. */
  get options() {
    return this.document.commands.strings.get(this.#columns.options[this.index]) ?? "";
  }

  /** Whether all of it was understood: nothing is missing among its commands. */
  get isUnderstood() {
    return this.#columns.states[this.index] === 0;
  }

  /** All of its text. */
  get place() {
    return this.placeOf(this.#columns.starts[this.index], this.#columns.ends[this.index]);
  }

  /** Its commands, those in substitutions included. @returns {Command[]} */
  get commands() {
    return this.instruction.commands.filter((command) => this.equals(command.script));
  }
}

/** A simple command. Its words do not hold assignments and redirections. */
export class Command extends Row {
  /** Number of words that `unwrapped` passes over. */
  #skipped;

  /**
   * @param {Document} document
   * @param {number} index
   * @param {number} [skipped]
   * @internal
   */
  constructor(document, index, skipped = 0) {
    super(document, index);
    this.#skipped = skipped;
  }

  get #columns() {
    return this.document.commands.columns.commands;
  }

  /** @param {number} index */
  #at(index) {
    return new Command(this.document, index);
  }

  /**
   * Name of the program, without its folder: `apt-get` for `/usr/bin/apt-get`. Null where it is not literal, or where the
   * command only assigns.
   */
  get name() {
    const text = this.word(0)?.text ?? null;
    return text === null ? null : text.slice(text.lastIndexOf("/") + 1);
  }

  /** The first argument that is no option: `install` of `apt-get -y install curl`. */
  get subcommand() {
    return this.arguments[0]?.text ?? null;
  }

  /**
   * Word number `index`; the program is number 0.
   * @param {number} index
   */
  word(index) {
    return this.words[index] ?? null;
  }

  /** Its words, the program first. */
  get words() {
    const { firstWords, lastWords } = this.#columns;
    const words = range(firstWords[this.index] + this.#skipped, lastWords[this.index]);
    return words.map((index) => new Word(this.document, index));
  }

  /**
   * Its words after the program that are no options, and all after `--`. Values of options are among them: which options take
   * one is for the rule to know.
   */
  get arguments() {
    return this.operands();
  }

  /**
   * Its words after the program that are neither options nor values of options, and all after `--`. The options of `valued`
   * take the next word as their value unless it is written behind `=`.
   * @param {...string} valued
   */
  operands(...valued) {
    let onlyOperands = false;
    let isValue = false;
    return this.words.slice(1).filter((word) => {
      if (onlyOperands || isValue) {
        isValue = false;
        return onlyOperands;
      }
      if (!word.isOption) {
        return true;
      }
      onlyOperands = word.text === "--";
      isValue = valued.includes(word.resolved ?? "");
      return false;
    });
  }

  /** Its words after the program that begin with `-`, up to `--`. */
  get options() {
    const words = this.words.slice(1);
    const end = words.findIndex((word) => word.text === "--");
    return words.slice(0, end < 0 ? undefined : end).filter((word) => word.isOption);
  }

  /**
   * Whether one of these options is given: `-y`, also among others as in `-qy`, and `--yes`, also as `--yes=…`.
   * @param {...string} names
   */
  hasFlag(...names) {
    return this.flag(...names) !== null;
  }

  /**
   * The word that gives one of these options, see `hasFlag`.
   * @param {...string} names
   */
  flag(...names) {
    const isGiven = (/** @type {string | null} */ text) => text !== null && names.some((name) => gives(text, name));
    return this.options.find((word) => isGiven(word.resolved)) ?? null;
  }

  /**
   * The value of one of these options: `-u 5`, `-u5`, `--uid 5`, `--uid=5`.
   * @param {...string} names
   */
  flagValue(...names) {
    const words = this.words.slice(1);
    for (const [index, word] of words.entries()) {
      const text = word.resolved;
      for (const name of names) {
        if (text === name) {
          return words[index + 1]?.resolved ?? null;
        }
        if (!text?.startsWith(name)) {
          continue;
        }
        const rest = text.slice(name.length);
        if (name.startsWith("--") ? rest.startsWith("=") : name.length === 2) {
          return rest.replace(/^=/, "");
        }
      }
    }
    return null;
  }

  /** The command, then the one that it runs through `sudo`, `env`, `exec` and the like, and so on. @returns {Command[]} */
  get layers() {
    /** @type {Command[]} */
    const layers = [];
    for (let command = /** @type {Command | null} */ (this); command; command = command.#wrapped()) {
      layers.push(command);
    }
    return layers;
  }

  /**
   * The command that this one runs through `sudo`, `env`, `exec`, `command`, `nice` and the like; itself for any other.
   * @returns {Command}
   */
  get unwrapped() {
    return this.layers.at(-1) ?? this;
  }

  /** @returns {Command | null} */
  #wrapped() {
    const program = this.name;
    const valued = WRAPPERS.get(program);
    if (valued === undefined) {
      return null;
    }
    const { words } = this;
    for (let index = 1; index < words.length; index += 1) {
      const { text } = words[index];
      if (text === null) {
        return null;
      }
      if (text.startsWith("-")) {
        // It asks whether there is such a command.
        if (program === "command" && /v/i.test(text)) {
          return null;
        }
        if (text.length === 2 && valued.includes(text[1])) {
          index += 1;
        }
      } else if (!text.includes("=")) {
        return new Command(this.document, this.index, this.#skipped + index);
      }
    }
    return null;
  }

  /** The program's word; the whole command where it only assigns. */
  get place() {
    return this.word(0)?.place ?? this.wholePlace;
  }

  /** All of it, from its first assignment or word to its last word or redirection. */
  get wholePlace() {
    return this.placeOf(this.#columns.starts[this.index], this.#columns.ends[this.index]);
  }

  /** Its assignments: `NAME=value` before the program, or instead of one. */
  get assignments() {
    const rows = this.document.commands.assignments.get(this.index) ?? [];
    return rows.map((row) => new Assignment(this.document, row));
  }

  /** Its redirections. */
  get redirections() {
    const rows = this.document.commands.redirections.get(this.index) ?? [];
    return rows.map((row) => new Redirection(this.document, row));
  }

  /** @param {number} bits */
  #hasContext(bits) {
    return (this.#columns.contexts[this.index] & bits) !== 0;
  }

  /** Whether its input is a pipe. */
  get isPipedFrom() {
    return this.#hasContext(1);
  }

  /** Whether its output goes into a pipe. */
  get isPipedInto() {
    return this.#hasContext(2);
  }

  /** Whether it stands in `( … )`: what it does to the shell ends there. */
  get isInSubshell() {
    return this.#hasContext(4);
  }

  /** Whether it stands in the condition of `if`, `while` or `until`. */
  get isInCondition() {
    return this.#hasContext(16);
  }

  /** Whether it stands in the body of a loop. */
  get isInLoop() {
    return this.#hasContext(32);
  }

  /** Whether it stands in a branch of `if` or `case`, so that it may not run. */
  get isInBranch() {
    return this.#hasContext(64);
  }

  /** Whether it stands in a function. */
  get isInFunction() {
    return this.#hasContext(128);
  }

  /** Whether it stands in `$( … )`, backticks, `<( … )` or `>( … )`. */
  get isInSubstitution() {
    return this.#hasContext(256);
  }

  /** Whether `!` turns its result round. */
  get isNegated() {
    return this.#hasContext(1024);
  }

  /** Whether it runs in the background. */
  get isInBackground() {
    return this.#hasContext(2048);
  }

  /** Whether it is an exec form: no shell has read its words. */
  get isExecForm() {
    return this.#hasContext(4096);
  }

  /**
   * What joins it to what stands before. The first command in parentheses, in a condition and the like has what joins the
   * whole.
   * @returns {Join}
   */
  get join() {
    return JOINS[this.#columns.joins[this.index]] ?? "none";
  }

  /** The operator that joins it; null where none does. */
  get joinPlace() {
    const { joinStarts, joinEnds } = this.#columns;
    return this.join === "none" ? null : this.placeOf(joinStarts[this.index], joinEnds[this.index]);
  }

  /** The commands joined by pipes that it is one of, itself included, in order. @returns {Command[]} */
  get pipeline() {
    const rows = this.document.commands.pipelines.get(this.#columns.pipelines[this.index]) ?? [];
    return rows.map((index) => this.#at(index));
  }

  /** The command whose substitution or whose script holds it. @returns {Command | null} */
  get parent() {
    const parent = this.#columns.parents[this.index];
    return isNone(parent) ? null : this.#at(parent);
  }

  /** The script it stands in. @returns {Script} */
  get script() {
    return new Script(this.document, this.#columns.scripts[this.index]);
  }

  /** The instruction it stands in; for ONBUILD the one that is triggered. */
  get instruction() {
    return this.script.instruction;
  }

  /** The stage it stands in. */
  get stage() {
    return this.script.stage;
  }

  /** The commands of its instruction that stand before it, in the order of the text. @returns {Command[]} */
  get before() {
    const nodes = this.document.commands.scriptNodes;
    return range(firstRow(nodes, nodes[this.index]), this.index).map((index) => this.#at(index));
  }

  /** The commands of its instruction that stand after it, in the order of the text. @returns {Command[]} */
  get after() {
    const nodes = this.document.commands.scriptNodes;
    return range(this.index + 1, firstRow(nodes, nodes[this.index] + 1)).map((index) => this.#at(index));
  }

  /**
   * Whether a failure in the middle of a pipe fails the pipe here: the shell is started with `pipefail`, or a `set` that
   * stands before in the script turns it on.
   */
  get hasPipefail() {
    const { script } = this;
    for (const command of this.before.reverse()) {
      const on = script.equals(command.script) ? command.#setsPipefail() : null;
      if (on !== null) {
        return on;
      }
    }
    return script.options.split(" ").includes("pipefail");
  }

  /** Whether it is a `set` that turns `pipefail` on, or off. */
  #setsPipefail() {
    if (this.name !== "set") {
      return null;
    }
    const words = this.words.map((word) => word.text ?? "");
    const last = words.lastIndexOf("pipefail");
    return last < 1 ? null : words[last - 1].startsWith("-");
  }

  /** The substitutions that it stands in, the innermost first. @returns {Part[]} */
  get substitutions() {
    const { kinds, firstCommands, lastCommands } = this.document.syntax.parts;
    const length = (/** @type {number} */ row) => lastCommands[row] - firstCommands[row];
    return range(0, kinds.length)
      .filter((row) => kinds[row] >= 7 && kinds[row] <= 9)
      .filter((row) => firstCommands[row] <= this.index && this.index < lastCommands[row])
      .sort((one, other) => length(one) - length(other))
      .map((row) => new Part(this.document, row));
  }

  /** The compound commands that it stands in, the innermost first. @returns {Compound[]} */
  get compounds() {
    return compounds(this.document)
      .filter((compound) => compound.holds(this))
      .reverse();
  }
}

/**
 * Whether an option's word gives the option `name`.
 * @param {string} word
 * @param {string} name
 */
function gives(word, name) {
  if (word === name) {
    return true;
  }
  if (name.startsWith("--")) {
    return word.startsWith(`${name}=`);
  }
  return name.length === 2 && name.startsWith("-") && /^-[0-9A-Za-z]*$/.test(word) && word.includes(name[1], 1);
}

/** A word of a command. */
export class Word extends Row {
  get #columns() {
    return this.document.commands.columns.words;
  }

  /** Its text without quotes and escapes; null where it holds a variable or a substitution. */
  get text() {
    return this.document.commands.strings.get(this.#columns.values[this.index]);
  }

  /** `text`, or what its variables make of it where ARG and ENV of the file tell their values. */
  get resolved() {
    return this.text ?? this.document.commands.strings.get(this.#columns.resolved[this.index]);
  }

  /** Its text as the shell gets it, quotes and variables included; empty where it is very long. */
  get raw() {
    return this.document.commands.strings.get(this.#columns.raws[this.index]) ?? "";
  }

  /** Where it stands, through continuations. */
  get place() {
    return this.placeOf(this.#columns.starts[this.index], this.#columns.ends[this.index]);
  }

  /** Whether it begins with `-` and has more than that. */
  get isOption() {
    const text = this.resolved ?? this.raw.replace(/^["']+/, "");
    return text.length > 1 && text.startsWith("-");
  }

  /** @param {number} bits */
  #hasBits(bits) {
    return (this.#columns.contents[this.index] & bits) !== 0;
  }

  /** Whether it holds quotes or escapes. */
  get isQuoted() {
    return this.#hasBits(1);
  }

  /** Whether it holds a variable, or arithmetic. */
  get hasVariable() {
    return this.#hasBits(2 | 4);
  }

  /** Whether it holds a variable or a substitution outside quotes: the shell may make several words of it. */
  get maySplit() {
    return this.#hasBits(2 | 8);
  }

  /** Whether it holds a substitution. */
  get hasSubstitution() {
    return this.#hasBits(8 | 16);
  }

  /** Whether it holds `*`, `?` or `[` outside quotes. */
  get isPattern() {
    return this.#hasBits(32);
  }

  /** Whether it holds `{a,b}` or `{1..3}` outside quotes, which bash makes several words of. */
  get hasBraceExpansion() {
    return this.#hasBits(64);
  }

  /**
   * The part of it that equals `part`, at `offset` of its text; all of it where quotes or escapes keep the two apart.
   * @param {number} offset
   * @param {string} part
   */
  part(offset, part) {
    const { place, raw } = this;
    const { start, end } = place.span;
    const isLiteral = this.text === raw && byteLength(raw) === end - start;
    if (!isLiteral || !raw.startsWith(part, offset)) {
      return place;
    }
    const first = start + byteLength(raw.slice(0, offset));
    return this.placeOf(first, first + byteLength(part));
  }

  /** What it is made of beside plain text, in the order of the text; what stands inside another part follows it. */
  get parts() {
    const { words } = this.document.syntax.parts;
    const rows = range(firstRow(words, this.index), firstRow(words, this.index + 1));
    return rows.map((row) => new Part(this.document, row));
  }
}

/** An assignment before a command, or instead of one. */
export class Assignment extends Row {
  get #columns() {
    return this.document.commands.columns.assignments;
  }

  /** Name of the variable. */
  get name() {
    return this.document.commands.strings.get(this.#columns.names[this.index]) ?? "";
  }

  /** The value. */
  get value() {
    return new Word(this.document, this.#columns.words[this.index]);
  }

  /** All of it, from the name to the end of the value. */
  get place() {
    return this.placeOf(this.#columns.starts[this.index], this.value.place.span.end);
  }
}

/** A redirection of a command. */
export class Redirection extends Row {
  get #columns() {
    return this.document.commands.columns.redirections;
  }

  /** `>`, `>>`, `<<-`, `&>` … */
  get operator() {
    return this.document.commands.strings.get(this.#columns.operators[this.index]) ?? "";
  }

  /** The file descriptor that is written before the operator. */
  get descriptor() {
    const descriptor = this.#columns.descriptors[this.index];
    return isNone(descriptor) ? null : descriptor;
  }

  /** What stands after the operator. */
  get target() {
    return new Word(this.document, this.#columns.words[this.index]);
  }

  /** The body of a heredoc. */
  get body() {
    const index = this.#columns.bodies[this.index];
    return isNone(index) ? null : new Word(this.document, index);
  }

  /** All of it, from its first byte to the end of the word after the operator. */
  get place() {
    return this.placeOf(this.#columns.starts[this.index], this.target.place.span.end);
  }
}

/** A part of a word: quotes, a variable or a substitution. */
export class Part extends Row {
  get #columns() {
    return this.document.syntax.parts;
  }

  /** @param {wit.Column} column */
  #string(column) {
    return this.document.commands.strings.get(column[this.index]);
  }

  /** What it is. @returns {PartKind} */
  get kind() {
    return PARTS[this.#columns.kinds[this.index]] ?? "other";
  }

  /** Name of the variable: `HOME`, also `1`, `@`, `?`. Null for what is no variable. */
  get name() {
    return this.#string(this.#columns.names);
  }

  /** What `${…}` does with the variable: `:-`, `##`, `/` …; `length` for `${#x}`, `indirect` for `${!x}`. */
  get operator() {
    return this.#string(this.#columns.operators);
  }

  /** What stands between brackets after the name: `@` in `${x[@]}`. */
  get subscript() {
    return this.#string(this.#columns.subscripts);
  }

  /** The value of the variable as ARG and ENV of the file give it; null where the file does not tell. */
  get resolved() {
    return this.#string(this.#columns.resolved);
  }

  /** The word it stands in. */
  get word() {
    return new Word(this.document, this.#columns.words[this.index]);
  }

  /** The part that holds it, as `"…"` holds `$x`. @returns {Part | null} */
  get parent() {
    const index = this.#columns.parents[this.index];
    return isNone(index) ? null : new Part(this.document, index);
  }

  /** Whether no shell splits what it stands for: it stands in double quotes or in arithmetic. */
  get isQuoted() {
    for (let part = this.parent; part; part = part.parent) {
      if (["double-quoted", "translated", "arithmetic"].includes(part.kind)) {
        return true;
      }
    }
    return false;
  }

  /** Whether it is a command substitution, in either form. */
  get isSubstitution() {
    return this.kind === "commands" || this.kind === "backticks";
  }

  /** The commands in a substitution, those in its own substitutions included. */
  get commands() {
    const { firstCommands, lastCommands } = this.#columns;
    const rows = range(firstCommands[this.index], lastCommands[this.index]);
    return rows.map((index) => new Command(this.document, index));
  }

  /** Its text in the file. */
  get text() {
    return this.document.textAt(this.place.span);
  }

  /** All of it, with its quotes, `$` and braces. */
  get place() {
    return this.placeOf(this.#columns.starts[this.index], this.#columns.ends[this.index]);
  }
}

/** A compound command: a loop, a condition, a function, parentheses or braces. */
export class Compound extends Row {
  get #columns() {
    return this.document.syntax.compounds;
  }

  /** What it is. @returns {CompoundKind} */
  get kind() {
    return COMPOUNDS[this.#columns.kinds[this.index]] ?? "other";
  }

  /** Name of a loop's variable, or of a function. */
  get name() {
    return this.document.commands.strings.get(this.#columns.names[this.index]);
  }

  /** The words that a loop goes over; for `case` the one that it compares. */
  get words() {
    const { firstWords, lastWords } = this.#columns;
    return range(firstWords[this.index], lastWords[this.index]).map((index) => new Word(this.document, index));
  }

  /** The commands in it, those of its condition and of its words included. */
  get commands() {
    const { firstCommands, lastCommands } = this.#columns;
    const rows = range(firstCommands[this.index], lastCommands[this.index]);
    return rows.map((index) => new Command(this.document, index));
  }

  /**
   * Whether a command stands in it.
   * @param {Command} command
   */
  holds(command) {
    const { firstCommands, lastCommands } = this.#columns;
    return firstCommands[this.index] <= command.index && command.index < lastCommands[this.index];
  }

  /** The script it stands in. */
  get script() {
    return new Script(this.document, this.#columns.scripts[this.index]);
  }

  /** The keyword, operator or name that it begins with. */
  get place() {
    return this.placeOf(this.#columns.starts[this.index], this.#columns.headEnds[this.index]);
  }

  /** All of it, without redirections. */
  get wholePlace() {
    return this.placeOf(this.#columns.starts[this.index], this.#columns.ends[this.index]);
  }
}
