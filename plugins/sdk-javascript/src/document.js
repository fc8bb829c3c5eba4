// Documents, and the Kubernetes objects, pods and containers in them.

import { Dockerfile } from "./dockerfile.js";
import { Image } from "./image.js";
import { CommandTables } from "./shell.js";
import { anchor, Node, Place, Row, Strings, Tree } from "./tree.js";
import { VariableTable } from "./variables.js";

/** @import * as wit from "hullmark:policy/host@0.1.0" */
/** @import { Span } from "./tree.js" */

/**
 * What a container is for: `sidecar` is one of `initContainers` with `restartPolicy: Always`, which runs beside the others.
 * @typedef {"main" | "init" | "sidecar" | "ephemeral"} Role
 */

/** @type {{ [number: number]: Role }} */
const ROLES = { 1: "init", 2: "sidecar", 3: "ephemeral" };

/** Fields of the security context that a container takes from its pod where it lacks them itself. */
const INHERITED = [
  "runAsUser", "runAsGroup", "runAsNonRoot", "seccompProfile", "appArmorProfile", "seLinuxOptions", "windowsOptions",
];

/** @type {Map<string, (string | null)[]>} */
const WORKLOADS = new Map([
  ["", ["Pod", "PodTemplate", "ReplicationController", "DeploymentConfig"]],
  ["apps", ["Deployment", "DaemonSet", "ReplicaSet", "StatefulSet"]],
  ["extensions", ["Deployment", "DaemonSet", "ReplicaSet"]],
  ["batch", ["Job", "CronJob"]],
  ["argoproj.io", ["Rollout"]],
  ["apps.openshift.io", ["DeploymentConfig"]],
  ["serving.knative.dev", ["Service", "Configuration"]],
]);

/**
 * API group of an `apiVersion`: `apps` of `apps/v1`, empty for the core group.
 * @param {string | null} version
 * @internal
 */
export function group(version) {
  return version?.includes("/") ? version.slice(0, version.indexOf("/")) : "";
}

/** One Dockerfile, or one YAML document of a file. What it holds is fetched from the host when it is asked for, once. */
export class Document {
  /** @type {Map<unknown, any>} */
  #known = new Map();

  /** @param {wit.Document} host @internal */
  constructor(host) {
    /** @internal */
    this.host = host;
    /** Its number in this call. */
    this.id = host.id();
  }

  /**
   * @template T
   * @param {unknown} key
   * @param {() => T} make
   * @returns {T}
   */
  #once(key, make) {
    if (!this.#known.has(key)) {
      this.#known.set(key, make());
    }
    return this.#known.get(key);
  }

  /** Path relative to the root, with `/`. */
  get path() {
    return this.#once("path", () => this.host.path());
  }

  /** Text of the whole source file. Bytes that are no UTF-8 stand as `?`. */
  get text() {
    return this.#once("text", () => this.host.text());
  }

  /**
   * A part of the text; cheaper than `text` for a few parts, and right where there are characters of several bytes.
   * @param {Span} span
   */
  textAt(span) {
    return this.host.textAt(span);
  }

  /** Whether it is a patch of a larger object, where absence means nothing. */
  get isFragment() {
    return this.traits.includes("fragment");
  }

  /**
   * Whether its objects are declared in the user's configuration: they exist outside the project, and what they hold besides kind,
   * name and perhaps namespace is not known. Nothing is reported there.
   */
  get isDeclared() {
    return this.traits.includes("declared");
  }

  /** Its folder relative to the root, empty at the root. */
  get folder() {
    return this.path.slice(0, Math.max(this.path.lastIndexOf("/"), 0));
  }

  /** Words that the interface has for it: `fragment`, `template` and whatever comes. */
  get traits() {
    return this.#once("traits", () => this.host.traits());
  }

  /**
   * What the plugin derives from the document, once for all of its rules that ask by this key.
   * @template T
   * @param {object | symbol} key
   * @param {() => T} make
   * @returns {T}
   */
  derived(key, make) {
    return this.#once(key, make);
  }

  /** The root of its tree. */
  get root() {
    return new Node(this, 0);
  }

  /**
   * A place in it.
   * @param {Span} span
   */
  place(span) {
    return new Place(this.id, span);
  }

  /** Whether it is a Dockerfile. */
  get isDockerfile() {
    return this.#once("language", () => this.host.language()) === "dockerfile";
  }

  /** It as a Dockerfile, if it is one. */
  get dockerfile() {
    return this.isDockerfile ? new Dockerfile(this) : null;
  }

  /**
   * For a Dockerfile, the file that says what its build does not see: the first that exists of `<its name>.dockerignore` and
   * `.dockerignore` beside it, and `.dockerignore` at the root.
   */
  get ignoreFile() {
    return this.#once("ignore file", () => this.host.ignoreFile());
  }

  /** Its Kubernetes objects: one, or the items of a List. */
  get objects() {
    return Array.from(this.objectColumns.nodes, (_, index) => new KubernetesObject(this, index));
  }

  /**
   * The object whose mapping is the node of that number.
   * @param {number} node
   */
  objectAt(node) {
    const index = Array.from(this.objectColumns.nodes).indexOf(node);
    return index < 0 ? null : new KubernetesObject(this, index);
  }

  /** The pods that its objects describe. */
  get pods() {
    return Array.from(this.podColumns.specs, (_, index) => new Pod(this, index));
  }

  /** @internal */
  get tree() {
    return this.#once("tree", () => new Tree(this.host.tree()));
  }

  /** @internal */
  get stages() {
    return this.#once("stages", () => this.host.stages());
  }

  /** @internal */
  get stageStrings() {
    return this.#once("stage strings", () => new Strings(this.stages.strings));
  }

  /** @internal */
  get variables() {
    return this.#once("variables", () => new VariableTable(this.host.variables()));
  }

  /** @internal */
  get commands() {
    return this.#once("commands", () => new CommandTables(this.host.commands()));
  }

  /** @internal */
  get syntax() {
    return this.#once("syntax", () => this.host.shellSyntax());
  }

  /** @internal */
  get objectColumns() {
    return this.#once("objects", () => this.host.objects());
  }

  /** @internal */
  get objectStrings() {
    return this.#once("object strings", () => new Strings(this.objectColumns.strings));
  }

  /** @internal */
  get podColumns() {
    return this.#once("pods", () => this.host.pods());
  }
}

/** A Kubernetes object. Its name leaves JavaScript's own `Object` alone. */
export class KubernetesObject extends Row {
  /** @param {wit.Column} column */
  #string(column) {
    return this.document.objectStrings.get(column[this.index]);
  }

  /** Its mapping. */
  get node() {
    return new Node(this.document, this.document.objectColumns.nodes[this.index]);
  }

  /** `apiVersion`. */
  get apiVersion() {
    return this.#string(this.document.objectColumns.apiVersions);
  }

  /** API group: `apps` of `apps/v1`, empty for the core group. */
  get group() {
    return group(this.apiVersion);
  }

  /** `kind`. */
  get kind() {
    return this.#string(this.document.objectColumns.kinds);
  }

  /** `metadata.name`. */
  get name() {
    return this.#string(this.document.objectColumns.names);
  }

  /** `metadata.namespace`, or what the kustomization that lists the file sets. */
  get namespace() {
    return this.#string(this.document.objectColumns.namespaces);
  }

  /** Deployment `web`, for messages. */
  get title() {
    const kind = this.kind ?? "object";
    return this.name === null ? kind : `${kind} \`${this.name}\``;
  }

  /**
   * Value at a path of keys.
   * @param {...string} path
   */
  at(...path) {
    return this.node.at(...path);
  }

  /**
   * Where a missing field is reported: the deepest key on the way that exists, else the object's name, else its kind.
   * @param {...string} path
   */
  anchor(...path) {
    return anchor(this.node, path) ?? this.namePlace;
  }

  /** The object's name, or its kind where it has none. */
  get namePlace() {
    const named = this.at("metadata", "name") ?? this.at("metadata", "generateName") ?? this.node.get("kind");
    return (named ?? this.node).place;
  }

  /** Whether its kind is one that describes pods, even where this object does not (yet) hold their template. */
  get isWorkload() {
    return WORKLOADS.get(this.group)?.includes(this.kind) ?? false;
  }

  /** The pods it describes. @returns {Pod[]} */
  get pods() {
    return this.document.pods.filter((pod) => this.equals(pod.object));
  }
}

/** A pod that a workload describes. */
export class Pod extends Row {
  /** The object that holds it: the Deployment, Job, … or the Pod itself. */
  get object() {
    return new KubernetesObject(this.document, this.document.podColumns.objects[this.index]);
  }

  /** The pod template, or the Pod itself; its `metadata` is the pod's. */
  get template() {
    return new Node(this.document, this.document.podColumns.templates[this.index]);
  }

  /** The pod's `spec`. */
  get spec() {
    return new Node(this.document, this.document.podColumns.specs[this.index]);
  }

  /**
   * A field of the pod's spec.
   * @param {string} key
   */
  get(key) {
    return this.spec.get(key);
  }

  /**
   * Value at a path of keys below the spec.
   * @param {...string} path
   */
  at(...path) {
    return this.spec.at(...path);
  }

  /** Whether the pod says that it runs on Windows (`spec.os.name`). */
  get isWindows() {
    return this.at("os", "name")?.text === "windows";
  }

  /**
   * Where a missing field of the spec is reported: the deepest key on the way that exists, else the object's name.
   * @param {...string} path
   */
  anchor(...path) {
    return anchor(this.spec, path) ?? this.object.namePlace;
  }

  /** Its containers: main ones, init containers, sidecars and ephemeral ones, in the order of the text. @returns {Container[]} */
  get containers() {
    const { containerPods } = this.document.podColumns;
    const all = Array.from(containerPods, (_, index) => new Container(this.document, index));
    return all.filter((container) => containerPods[container.index] === this.index);
  }
}

/** A container of a pod. */
export class Container extends Row {
  /** Its mapping. */
  get node() {
    return new Node(this.document, this.document.podColumns.containerNodes[this.index]);
  }

  /** The pod it belongs to. */
  get pod() {
    return new Pod(this.document, this.document.podColumns.containerPods[this.index]);
  }

  /** What it is for. Roles newer than this package count as main. @returns {Role} */
  get role() {
    return ROLES[this.document.podColumns.containerRoles[this.index]] ?? "main";
  }

  /** Whether it runs as long as the pod does: a main container or a sidecar. */
  get isLongRunning() {
    return this.role === "main" || this.role === "sidecar";
  }

  /** `name`. */
  get name() {
    return this.node.get("name")?.text ?? null;
  }

  /** container `web`, for messages. */
  get title() {
    return this.name === null ? "a container without a name" : `container \`${this.name}\``;
  }

  /**
   * A field of the container.
   * @param {string} key
   */
  get(key) {
    return this.node.get(key);
  }

  /**
   * Value at a path of keys.
   * @param {...string} path
   */
  at(...path) {
    return this.node.at(...path);
  }

  /** The image it runs; null where Docker would refuse the reference or it is not written. */
  get image() {
    const node = this.get("image");
    return node && Image.of(node);
  }

  /**
   * The effective value of a field of the security context: the container's own, else the pod's where Kubernetes lets a
   * container inherit it.
   * @param {string} field
   */
  security(field) {
    const own = this.at("securityContext", field);
    return own ?? (INHERITED.includes(field) ? this.pod.at("securityContext", field) : null);
  }

  /**
   * Where a missing field is reported: the deepest key on the way that exists, else the container's name.
   * @param {...string} path
   */
  anchor(...path) {
    return anchor(this.node, path) ?? (this.get("name") ?? this.get("image") ?? this.node).place;
  }
}
