import { Check, defineRule } from "hullmark";

const TEAM = ["metadata", "labels", "acme.example/team"];

export default defineRule({
  name: "foreign-pods",
  docs: `
    The Service sends requests to pods of another team.

    ## What it checks

    The label \`acme.example/team\` of each Service, against that of the pods that its selector matches.

    ## Why it matters

    A selector that catches another team's pods sends them requests that they do not understand.

    ## Flagged

    \`\`\`yaml
    apiVersion: v1
    kind: Service
    metadata:
      name: web
      labels: {acme.example/team: shop}
    spec:
      selector: {app: web}
    ---
    apiVersion: v1
    kind: Pod
    metadata:
      name: web
      labels: {app: web, acme.example/team: search}
    spec:
      containers:
        - name: web
          image: registry.acme.example/web:1.4.0
    \`\`\`

    ## Accepted

    \`\`\`yaml
    apiVersion: v1
    kind: Service
    metadata:
      name: web
      labels: {acme.example/team: shop}
    spec:
      selector: {app: web}
    ---
    apiVersion: v1
    kind: Pod
    metadata:
      name: web
      labels: {app: web, acme.example/team: shop}
    spec:
      containers:
        - name: web
          image: registry.acme.example/web:1.4.0
    \`\`\`

    ## How to fix

    Add a label to the selector that only the team's own pods have.
  `,
  tags: ["policy"],
  checks: [Check.manifests(project)],
});

/**
 * @param {import("hullmark").Project} project
 * @param {import("hullmark").Report} report
 */
function project(project, report) {
  for (const service of project.objects("Service")) {
    const team = service.at(...TEAM)?.text;
    const selector = service.at("spec", "selector");
    if (!team || !selector) {
      continue;
    }
    for (const entry of project.selectLabels(selector, service.namespace)) {
      const other = project.load(entry)?.template.at(...TEAM);
      if (other?.text && other.text !== team) {
        const message = `${service.title} of \`${team}\` sends requests to pods of \`${other.text}\``;
        report.finding(selector, message).related(other, "the pods belong to this team");
      }
    }
  }
}
