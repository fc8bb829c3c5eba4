import { Check, defineRule, Fix } from "hullmark";

export default defineRule({
  name: "npm-install",
  docs: `
    \`npm install\` may install other versions than those of the lock file.

    ## What it checks

    \`npm install\` without names of packages in \`RUN\`.

    ## Why it matters

    \`npm install\` changes the lock file where it does not fit \`package.json\`, so that the image gets versions that nobody has
    tested.

    ## Flagged

    \`\`\`dockerfile
    FROM node:22.21.1
    RUN npm install
    \`\`\`

    ## Accepted

    \`\`\`dockerfile
    FROM node:22.21.1
    RUN npm ci
    \`\`\`

    ## How to fix

    Write \`npm ci\`.
  `,
  tags: ["reproducibility"],
  checks: [Check.command(command)],
});

/** The names of the command. */
const INSTALL = ["install"];

/**
 * @param {import("hullmark").Command} command
 * @param {import("hullmark").Report} report
 */
function command(command, report) {
  const npm = command.unwrapped;
  const [install, ...packages] = npm.arguments;
  if (command.instruction.name !== "RUN" || npm.name !== "npm" || packages.length > 0) {
    return;
  }
  if (!install || !INSTALL.includes(install.text ?? "")) {
    return;
  }
  const message = `\`npm ${install.raw}\` may install other versions than those of the lock file`;
  report.finding(install, message).fix(Fix.needsReview("use `npm ci`").replace(install, "ci"));
}
