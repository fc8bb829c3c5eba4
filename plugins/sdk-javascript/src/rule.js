// A rule: one named condition with its metadata.

import { Report } from "./report.js";
import { schema } from "./options.js";

/** @import { Dockerfile, Instruction, Stage } from "./dockerfile.js" */
/** @import { Container, Document, KubernetesObject, Pod } from "./document.js" */
/** @import { Option, OptionValues } from "./options.js" */
/** @import { Project } from "./project.js" */
/** @import { Command } from "./shell.js" */

const HEADINGS = ["What it checks", "Why it matters", "Flagged", "Accepted", "How to fix"];
/** Instructions that hold commands. */
const COMMANDED = ["RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK"];

/** How much a finding weighs: worth knowing, should be mended, must be mended. @typedef {"note" | "warning" | "error"} Level */

/**
 * How sure a finding is: follows from the text alone; wrong only in rare set-ups; depends on what the rule cannot see; a hint.
 * @typedef {"very-high" | "high" | "medium" | "low"} Precision
 */

/** What a rule looks at, with the function that looks. Pick the lowest rung that does. */
export class Check {
  /**
   * @param {string[]} subjects
   * @param {((document: Document, report: Report) => void) | null} ofDocument
   * @param {((project: Project, report: Report) => void) | null} ofProject
   * @internal
   */
  constructor(subjects, ofDocument, ofProject = null) {
    this.subjects = subjects;
    this.ofDocument = ofDocument;
    this.ofProject = ofProject;
  }

  /**
   * Every instruction of this name, triggers of ONBUILD left out.
   * @param {string} name
   * @param {(instruction: Instruction, report: Report) => void} look
   */
  static instruction(name, look) {
    return new Check([`dockerfile:${name}`], (document, report) => {
      for (const instruction of document.dockerfile?.instructions ?? []) {
        if (instruction.name === name && report.options.leaves(instruction.stage)) {
          look(instruction, report);
        }
      }
    });
  }

  /**
   * Every stage.
   * @param {(stage: Stage, report: Report) => void} look
   */
  static stage(look) {
    return new Check(["dockerfile"], (document, report) => {
      for (const stage of document.dockerfile?.chosenStages(report.options) ?? []) {
        look(stage, report);
      }
    });
  }

  /**
   * Every command of RUN, CMD, ENTRYPOINT and HEALTHCHECK, see `Dockerfile.commands`.
   * @param {(command: Command, report: Report) => void} look
   */
  static command(look) {
    return new Check(COMMANDED.map((name) => `dockerfile:${name}`), (document, report) => {
      for (const command of document.dockerfile?.commands ?? []) {
        if (report.options.leaves(command.stage)) {
          look(command, report);
        }
      }
    });
  }

  /**
   * Every Dockerfile.
   * @param {(dockerfile: Dockerfile, report: Report) => void} look
   */
  static dockerfile(look) {
    return new Check(["dockerfile"], ({ dockerfile }, report) => {
      if (dockerfile) {
        look(dockerfile, report);
      }
    });
  }

  /**
   * Every container of every pod: init containers, sidecars and ephemeral containers included.
   * @param {(container: Container, report: Report) => void} look
   */
  static container(look) {
    return new Check(["workload"], (document, report) => {
      for (const container of document.pods.flatMap((pod) => pod.containers)) {
        look(container, report);
      }
    });
  }

  /**
   * Every pod that a workload describes.
   * @param {(pod: Pod, report: Report) => void} look
   */
  static pod(look) {
    return new Check(["workload"], (document, report) => {
      for (const pod of document.pods) {
        look(pod, report);
      }
    });
  }

  /**
   * Every object of these kinds; of every kind where there is none.
   * @param {readonly string[]} kinds
   * @param {(object: KubernetesObject, report: Report) => void} look
   */
  static object(kinds, look) {
    const subjects = kinds.length ? kinds.map((kind) => `manifest:${kind}`) : ["manifest"];
    return new Check(subjects, (document, report) => {
      for (const object of document.objects) {
        if (!kinds.length || kinds.includes(object.kind ?? "")) {
          look(object, report);
        }
      }
    });
  }

  /**
   * All documents together.
   * @param {(project: Project, report: Report) => void} look
   */
  static project(look) {
    return new Check(["project"], null, look);
  }

  /**
   * All documents together, for a rule that reports in manifests only: it costs nothing where none is checked.
   * @param {(project: Project, report: Report) => void} look
   */
  static manifests(look) {
    return new Check(["project:manifest"], null, look);
  }

  /**
   * All documents together, for a rule that reports in Dockerfiles only.
   * @param {(project: Project, report: Report) => void} look
   */
  static dockerfiles(look) {
    return new Check(["project:dockerfile"], null, look);
  }
}

/**
 * One named condition with its metadata.
 *
 * - `name`: kebab case, naming the bad pattern; that of the file.
 * - `docs`: Markdown: a summary sentence, a blank line, and the headings "What it checks", "Why it matters", "Flagged",
 *   "Accepted", "How to fix" and, where there is something to say, "Options", "Other tools" and "References".
 * - `level` (`warning`): where nothing else is configured.
 * - `enabled` (`true`): whether it is on where nothing is selected.
 * - `tags`: free words; `security` brings the rule among the security alerts.
 * - `securitySeverity`: a decimal from 0.1 to 10.0, for rules tagged `security`.
 * - `precision` (`very-high`).
 * - `aliases`: names that other tools give to the condition.
 * - `references`: URLs of the specification or guide that the rule follows.
 * - `fragments` (`false`): whether it also holds for fragments (Kustomize patches), where absence means nothing.
 * - `options`, and what it looks at: `checks`.
 * - `since` (`0.1.0`): the plugin version that brought it.
 * @typedef {{ name: string, docs: string, level?: Level, enabled?: boolean, tags?: string[], securitySeverity?: string,
 *   precision?: Precision, aliases?: string[], references?: string[], fragments?: boolean, options?: Option[],
 *   since?: string, checks: Check[] }} Rule
 */

/** A rule as `definePlugin` takes it. */
export class DefinedRule {
  /** @param {Rule} rule @internal */
  constructor(rule) {
    const docs = unindented(rule.docs);
    const [summary] = docs.split("\n\n", 1);
    this.name = rule.name;
    this.options = rule.options ?? [];
    this.explanation = docs.slice(summary.length).trim();
    this.summary = summary.split(/\s+/).join(" ");
    this.rule = rule;
    const missing = HEADINGS.find((heading) => !this.explanation.split("\n").includes(`## ${heading}`));
    if (missing) {
      throw new TypeError(`the documentation of the rule \`${rule.name}\` has no heading \`## ${missing}\``);
    }
  }

  /** What crosses to the host. @internal */
  describe() {
    const { rule } = this;
    return {
      name: rule.name,
      summary: this.summary,
      explanation: this.explanation,
      level: rule.level ?? "warning",
      enabled: rule.enabled ?? true,
      tags: rule.tags ?? [],
      securitySeverity: rule.securitySeverity ?? null,
      precision: rule.precision ?? "very-high",
      aliases: rule.aliases ?? [],
      references: rule.references ?? [],
      subjects: [...new Set(rule.checks.flatMap((check) => check.subjects))].sort(),
      fragments: rule.fragments ?? false,
      optionsSchema: schema(this.options),
      since: rule.since ?? "0.1.0",
      properties: [],
    };
  }

  /**
   * What it finds in a document.
   * @param {Document} document
   * @param {OptionValues} options
   * @internal
   */
  check(document, options) {
    const report = new Report(this.name, options);
    for (const check of this.rule.checks) {
      check.ofDocument?.(document, report);
    }
    return report.findings;
  }

  /**
   * What it finds in the project.
   * @param {Project} project
   * @param {OptionValues} options
   * @internal
   */
  checkProject(project, options) {
    const report = new Report(this.name, options);
    for (const check of this.rule.checks) {
      check.ofProject?.(project, report);
    }
    return report.findings;
  }
}

/**
 * A text without the blanks that all of its lines begin with.
 * @param {string} text
 */
function unindented(text) {
  const lines = text.split("\n");
  const filled = lines.slice(1).filter((line) => line.trim());
  const margin = Math.min(...filled.map((line) => line.length - line.trimStart().length));
  return [lines[0], ...lines.slice(1).map((line) => line.slice(margin).trimEnd())].join("\n").trim();
}

/**
 * Declares a rule: the default export of the file that is named after it.
 * @param {Rule} rule
 */
export function defineRule(rule) {
  return new DefinedRule(rule);
}
