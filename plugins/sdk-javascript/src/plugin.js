// A plugin: the rules of one concern, and how a call from the host reaches them.

import { Document } from "./document.js";
import { OptionValues, read } from "./options.js";
import { Project } from "./project.js";

/** @import * as wit from "hullmark:policy/host@0.1.0" */
/** @import { Finding } from "./report.js" */
/** @import { DefinedRule } from "./rule.js" */

/**
 * What the module that becomes a component must export under the name `plugin`:
 *
 *     export const plugin = definePlugin({ name: "acme", summary: "What acme asks of its images.", rules: [npmInstall] });
 *
 * @param {{ name: string, summary: string, rules: DefinedRule[], version?: string, homepage?: string }} plugin
 */
export function definePlugin({ name, summary, rules, version = "0.1.0", homepage = "" }) {
  let values = rules.map((rule) => new OptionValues(rule.options));

  /**
   * @param {ArrayLike<number>} enabled
   * @param {(rule: DefinedRule, options: OptionValues) => Finding[]} run
   */
  function each(enabled, run) {
    // A host that names a rule which does not exist is newer or wrong; either way there is nothing to run.
    const known = Array.from(enabled).filter((index) => index < rules.length);
    return known.flatMap((index) => {
      try {
        return run(rules[index], values[index]).map((finding) => finding.toHost());
      } catch (error) {
        // What a function of the interface throws becomes its error.
        throw told(rules[index], error);
      }
    });
  }

  return {
    describe() {
      return {
        name,
        version,
        summary,
        homepage,
        optionsSchema: "",
        rules: rules.map((rule) => rule.describe()),
        properties: [],
      };
    },

    /** @param {string} options */
    configure(options) {
      const given = read(rules, options);
      if (given.faults.length) {
        throw given.faults;
      }
      ({ values } = given);
    },

    /**
     * @param {wit.Document} document
     * @param {ArrayLike<number>} enabled
     */
    check(document, enabled) {
      const seen = new Document(document);
      return each(enabled, (rule, options) => rule.check(seen, options));
    },

    /**
     * @param {wit.Project} project
     * @param {ArrayLike<number>} enabled
     */
    checkProject(project, enabled) {
      const seen = new Project(project);
      return each(enabled, (rule, options) => rule.checkProject(seen, options));
    },
  };
}

/**
 * What was thrown, in one line. Nothing else of it would reach the user.
 * @param {DefinedRule} rule
 * @param {unknown} error
 */
function told(rule, error) {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  const where = /at .*?([^\s(/]+:\d+)/.exec(stack);
  return `rule \`${rule.name}\`: ${error}${where ? ` (${where[1]})` : ""}`;
}
