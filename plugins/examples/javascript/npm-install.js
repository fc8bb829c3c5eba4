import { Check, defineRule, Fix, Option } from "hullmark";

export default defineRule({
  name: "npm-install",
  docs: `
    \`npm install\` may install other versions than those of the lock file.

    ## What it checks

    \`npm install\` in \`RUN\` without names of packages, also through \`sudo\`, \`env\` and the like.

    ## Why it matters

    An image must hold the versions that were tested. \`npm ci\` installs those of the lock file, or fails.

    ## Flagged

    \`\`\`dockerfile
    FROM registry.acme.example/library/node:22.21.1
    RUN npm install --omit=dev
    \`\`\`

    ## Accepted

    \`\`\`dockerfile
    FROM registry.acme.example/library/node:22.21.1
    RUN npm ci --omit=dev
    \`\`\`

    ## How to fix

    Write \`npm ci\`, and commit the lock file.

    ## Options

    - \`stages\` (default: \`all\`): which stages are looked at: \`all\`, those that the final stage needs (\`shipped\`), or only
      the last one (\`final\`).

    ## References

    - <https://docs.npmjs.com/cli/v11/commands/npm-ci>
  `,
  tags: ["reproducibility"],
  references: ["https://docs.npmjs.com/cli/v11/commands/npm-ci"],
  options: [Option.STAGES],
  checks: [Check.command(command)],
});

/**
 * @param {import("hullmark").Command} command
 * @param {import("hullmark").Report} report
 */
function command(command, report) {
  const npm = command.unwrapped;
  const [install, ...packages] = npm.arguments;
  if (npm.name !== "npm" || !["install", "i"].includes(install?.text ?? "")) {
    return;
  }
  if (packages.length || npm.hasFlag("-g", "--global") || command.instruction.name !== "RUN") {
    return;
  }
  const text = command.isExecForm ? '"ci"' : "ci";
  const message = `\`npm ${install.raw}\` may install other versions than those of the lock file`;
  report.finding(install, message).fix(Fix.needsReview("use `npm ci`").replace(install, text));
}
