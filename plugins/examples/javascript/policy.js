// What one organisation asks of its images and workloads, as a plugin of its own.

import { definePlugin } from "hullmark";

import foreignPods from "./foreign-pods.js";
import foreignRegistry from "./foreign-registry.js";
import largeMemory from "./large-memory.js";
import npmInstall from "./npm-install.js";
import unownedWorkload from "./unowned-workload.js";
import unreachableService from "./unreachable-service.js";

export const plugin = definePlugin({
  name: "acme",
  summary: "What acme asks of its images and workloads.",
  homepage: "https://platform.acme.example/policy",
  rules: [foreignPods, foreignRegistry, largeMemory, npmInstall, unownedWorkload, unreachableService],
});
