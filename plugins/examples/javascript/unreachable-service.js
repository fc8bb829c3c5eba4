import { Check, defineRule } from "hullmark";

export default defineRule({
  name: "unreachable-service",
  docs: `
    The Service reaches no pod.

    ## What it checks

    The selector of each Service, against the labels of all pods of its namespace. One that matches none is reported where pods stand
    beside it, and no custom resource or annotation holds one of its values: an operator makes pods from there.

    ## Why it matters

    Whoever calls the Service gets no answer.

    ## Flagged

    \`\`\`yaml
    apiVersion: v1
    kind: Service
    metadata:
      name: web
      labels: {acme.example/team: shop}
    spec:
      selector: {app: website}
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

    Let the selector match the labels in the pod template.
  `,
  tags: ["correctness"],
  precision: "medium",
  checks: [Check.manifests(project)],
});

/**
 * @param {import("hullmark").Project} project
 * @param {import("hullmark").Report} report
 */
function project(project, report) {
  for (const service of project.objects("Service")) {
    const selector = service.at("spec", "selector");
    const values = selector?.entries.flatMap(([, value]) => value.text ?? []) ?? [];
    if (!selector || !values.length || project.selectLabels(selector, service.namespace).length) {
      continue;
    }
    const { document, namespace } = service;
    const isBeside = project.pods.some((pod) => project.isBeside(pod.document, pod.namespace, document, namespace));
    if (isBeside && !values.some((value) => project.mayBeMade(value))) {
      report.finding(selector, `the selector of ${service.title} matches no pod`);
    }
  }
}
