import { Check, compareQuantities, defineRule, Fix, Option, parseQuantity } from "hullmark";

export default defineRule({
  name: "large-memory",
  docs: `
    A container asks for more memory than any node has.

    ## What it checks

    The memory request of each container, against the option \`most\`. What is no quantity is passed over.

    ## Why it matters

    The pod waits for a node that never comes.

    ## Flagged

    \`\`\`yaml
    apiVersion: v1
    kind: Pod
    metadata:
      name: web
      labels: {app: web, acme.example/team: shop}
    spec:
      containers:
        - name: web
          image: registry.acme.example/web:1.4.0
          resources:
            requests: {memory: 512Gi}
    \`\`\`

    ## Accepted

    \`\`\`yaml
    apiVersion: v1
    kind: Pod
    metadata:
      name: web
      labels: {app: web, acme.example/team: shop}
    spec:
      containers:
        - name: web
          image: registry.acme.example/web:1.4.0
          resources:
            requests: {memory: 2Gi}
    \`\`\`

    ## How to fix

    Ask for less, or for a node that has more.

    ## Options

    - \`most\` (default: \`64Gi\`): how much a container may ask for.
  `,
  level: "error",
  tags: ["reliability"],
  options: [Option.text("most", "64Gi", "how much a container may ask for")],
  checks: [Check.container(container)],
});

/**
 * @param {import("hullmark").Container} container
 * @param {import("hullmark").Report} report
 */
function container(container, report) {
  const memory = container.at("resources", "requests", "memory");
  const most = report.options.text("most");
  if (memory?.quantity && compareQuantities(memory.quantity, parseQuantity(most)) > 0) {
    report
      .finding(memory, `${container.title} asks for \`${memory.value}\` of memory`)
      .fix(Fix.needsReview(`ask for \`${most}\``).replace(memory, most));
  }
}
