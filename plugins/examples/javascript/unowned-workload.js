import { Check, defineRule, Option } from "hullmark";

export default defineRule({
  name: "unowned-workload",
  docs: `
    Nobody is named as the owner of the pods.

    ## What it checks

    The labels of every pod that a workload describes, against the option \`label\`. Kustomize patches are passed over.

    ## Why it matters

    Alerts go to the team that the label names. Pods without it wake nobody.

    ## Flagged

    \`\`\`yaml
    apiVersion: v1
    kind: Pod
    metadata:
      name: web
      labels:
        app: web
    spec:
      containers:
        - name: web
          image: registry.acme.example/web:1.4.0
    \`\`\`

    ## Accepted

    \`\`\`yaml
    apiVersion: v1
    kind: Pod
    metadata:
      name: web
      labels:
        app: web
        acme.example/team: shop
    spec:
      containers:
        - name: web
          image: registry.acme.example/web:1.4.0
    \`\`\`

    ## How to fix

    Add the label to the pod template, with the name of the team.

    ## Options

    - \`label\` (default: \`acme.example/team\`): the label that names the owner.
  `,
  tags: ["policy"],
  options: [Option.text("label", "acme.example/team", "the label that names the owner")],
  checks: [Check.pod(pod)],
});

/**
 * @param {import("hullmark").Pod} pod
 * @param {import("hullmark").Report} report
 */
function pod(pod, report) {
  const label = report.options.text("label");
  const labels = pod.template.at("metadata", "labels");
  const team = labels?.get(label);
  if (!team) {
    report.finding(labels ?? pod.object.namePlace, `the pods of ${pod.object.title} have no label \`${label}\``);
  } else if (!team.text) {
    report.finding(team, `the label \`${label}\` names no team`);
  }
}
