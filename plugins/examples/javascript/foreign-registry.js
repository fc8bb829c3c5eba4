import { Check, defineRule, Fix, Option } from "hullmark";

export default defineRule({
  name: "foreign-registry",
  docs: `
    The image does not come from acme's registry.

    ## What it checks

    Images of \`FROM\` and of containers, against the option \`registries\`. \`scratch\`, earlier stages and images with a
    variable that has no value in the file are passed over.

    ## Why it matters

    Only what lies in acme's registry is scanned, signed and kept for as long as it runs.

    ## Flagged

    \`\`\`dockerfile
    FROM node:22.21.1
    \`\`\`

    ## Accepted

    \`\`\`dockerfile
    FROM registry.acme.example/library/node:22.21.1
    \`\`\`

    ## How to fix

    Take the image from the mirror in \`registry.acme.example\`, which has the images of Docker Hub under their own names.

    ## Options

    - \`registries\` (default: \`registry.acme.example\`): registries to allow.
  `,
  level: "error",
  tags: ["security", "supply-chain"],
  securitySeverity: "7.0",
  references: ["https://platform.acme.example/images"],
  fragments: true,
  options: [Option.texts("registries", ["registry.acme.example"], "registries to allow")],
  checks: [
    Check.stage((stage, report) => judge(stage.image, report)),
    Check.container((container, report) => judge(container.image, report)),
  ],
});

/**
 * @param {import("hullmark").Image | null} image
 * @param {import("hullmark").Report} report
 */
function judge(image, report) {
  const registries = report.options.texts("registries");
  if (!image || !registries.length || registries.includes(image.registry)) {
    return;
  }
  const finding = report.finding(image.namePlace, `image \`${image.familiarName}\` comes from \`${image.registry}\``);
  if (image.isLiteral && image.registry === "docker.io") {
    const text = `${registries[0]}/${image.repository}`;
    finding.fix(Fix.needsReview("take it from the mirror").replace(image.namePlace, text));
  }
}
