// What {{name}} asks of Dockerfiles and manifests.

import { definePlugin } from "hullmark";

import npmInstall from "./npm-install.js";

export const plugin = definePlugin({
  name: "{{name}}",
  summary: "What {{name}} asks of Dockerfiles and manifests.",
  // A rule is a file in this folder and a name here.
  rules: [npmInstall],
});
