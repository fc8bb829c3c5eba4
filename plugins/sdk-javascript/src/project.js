// All documents that a project rule sees together.

import { Dockerfile } from "./dockerfile.js";
import { Container, Document, group } from "./document.js";
import { Strings } from "./tree.js";

/** @import * as wit from "hullmark:policy/host@0.1.0" */
/** @import { KubernetesObject, Pod } from "./document.js" */
/** @import { OptionValues } from "./options.js" */
/** @import { Node } from "./tree.js" */

/**
 * A pod of the project, before its document is loaded: numbers of its document and in it, and of the object that holds it the
 * kind, name and namespace.
 * @typedef {{ document: number, index: number, kind: string | null, name: string | null, namespace: string | null }} PodEntry
 */

/**
 * An object of the project, before its document is loaded: numbers of its document and of its mapping in the tree of that,
 * `apiVersion` with its group, `kind`, name and namespace (as written, or as the kustomization that lists the file sets it).
 * @typedef {{ document: number, node: number, apiVersion: string | null, group: string, kind: string | null,
 *   name: string | null, namespace: string | null }} ObjectEntry
 */

/**
 * A container that runs what a Dockerfile of the project builds.
 * @typedef {{ dockerfile: Dockerfile, container: Container }} Build
 */

/** All documents that a project rule sees together. Documents are loaded when they are asked for. */
export class Project {
  #host;
  /** @type {Map<number, Document | null>} */
  #loaded = new Map();
  /** @type {Map<unknown, any>} */
  #derived = new Map();
  /** @type {PodEntry[] | undefined} */
  #pods;
  /** @type {Set<string> | undefined} */
  #toldToOperators;

  /** @param {wit.Project} host @internal */
  constructor(host) {
    this.#host = host;
  }

  /**
   * What the plugin derives from the project, once for all of its rules that ask by this key.
   * @template T
   * @param {unknown} key
   * @param {() => T} make
   * @returns {T}
   */
  derived(key, make) {
    if (!this.#derived.has(key)) {
      this.#derived.set(key, make());
    }
    return this.#derived.get(key);
  }

  /**
   * A document by its number.
   * @param {number} id
   */
  document(id) {
    let document = this.#loaded.get(id);
    if (document === undefined) {
      const loaded = this.#host.document(id);
      document = loaded && new Document(loaded);
      this.#loaded.set(id, document);
    }
    return document;
  }

  /** All documents, in the order of their paths. Loads every one: prefer `objects`. */
  get documents() {
    return Array.from(this.#host.documents()).flatMap((id) => this.document(id) ?? []);
  }

  /**
   * Objects of these kinds, of every kind where there is none. Fragments are left out.
   * @param {...string} kinds
   */
  objects(...kinds) {
    return this.objectEntries(...kinds).flatMap((entry) => this.object(entry) ?? []);
  }

  /**
   * The same, with no document loaded: for many objects of which few are looked into.
   * @param {...string} kinds
   * @returns {ObjectEntry[]}
   */
  objectEntries(...kinds) {
    const columns = this.#host.objects(kinds);
    const strings = new Strings(columns.strings);
    return Array.from(columns.documents, (document, row) => {
      const apiVersion = strings.get(columns.apiVersions[row]);
      return {
        document,
        node: columns.nodes[row],
        apiVersion,
        group: group(apiVersion),
        kind: strings.get(columns.kinds[row]),
        name: strings.get(columns.names[row]),
        namespace: strings.get(columns.namespaces[row]),
      };
    });
  }

  /**
   * The object of an entry, with its document loaded.
   * @param {ObjectEntry} entry
   * @returns {KubernetesObject | null}
   */
  object(entry) {
    return this.document(entry.document)?.objectAt(entry.node) ?? null;
  }

  /** All pods. Fragments are left out. @returns {PodEntry[]} */
  get pods() {
    return (this.#pods ??= this.#readPods());
  }

  #readPods() {
    const columns = this.#host.pods();
    const strings = new Strings(columns.strings);
    return Array.from(columns.documents, (document, row) => ({
      document,
      index: columns.indexes[row],
      kind: strings.get(columns.kinds[row]),
      name: strings.get(columns.names[row]),
      namespace: strings.get(columns.namespaces[row]),
    }));
  }

  /**
   * The pod of an entry, with its document loaded.
   * @param {PodEntry} entry
   * @returns {Pod | null}
   */
  load(entry) {
    return this.document(entry.document)?.pods[entry.index] ?? null;
  }

  /**
   * The pods that a LabelSelector matches in a namespace. An empty selector matches every pod of the namespace. A namespace
   * that is not written may be any.
   * @param {Node} selector
   * @param {string | null} namespace
   */
  select(selector, namespace) {
    return this.#select(selector, namespace, false);
  }

  /**
   * The same for a map of labels, as a Service's selector is. An empty map matches none.
   * @param {Node} labels
   * @param {string | null} namespace
   */
  selectLabels(labels, namespace) {
    return this.#select(labels, namespace, true);
  }

  /**
   * @param {Node} node
   * @param {string | null} namespace
   * @param {boolean} plain
   */
  #select(node, namespace, plain) {
    const numbers = this.#host.select(node.document.id, node.index, namespace, plain);
    return Array.from(numbers, (number) => this.pods[number]);
  }

  /**
   * The containers whose image a Dockerfile of the project builds, as far as names tell: the last part of the image's
   * repository is the folder (`web/Dockerfile`) or the suffix (`Dockerfile.web`, `web.Dockerfile`) of one Dockerfile alone.
   * What names do not tell is given by the rule's option `Option.IMAGES`. Fragments are left out.
   * @param {OptionValues} options
   * @returns {Build[]}
   */
  builds(options) {
    const declared = Object.entries(options.images).map(([name, value]) => ({ name, value }));
    const columns = this.#host.builds(declared);
    return Array.from(columns.dockerfiles).flatMap((number, row) => {
      const dockerfile = this.document(number)?.dockerfile;
      const manifest = this.document(columns.documents[row]);
      return dockerfile && manifest ? [{ dockerfile, container: new Container(manifest, columns.containers[row]) }] : [];
    });
  }

  /** All Dockerfiles, in the order of their paths. */
  get dockerfiles() {
    return this.documents.flatMap((document) => document.dockerfile ?? []);
  }

  /**
   * Whether what stands in document number `document`, in this namespace, is beside what stands in `other` in another: in the same
   * namespace, or in the same folder where one is not written. A project that holds one object of a kind there is likely to hold
   * all; what is only declared to exist tells nothing of others.
   * @param {number} document
   * @param {string | null} namespace
   * @param {Document} other
   * @param {string | null} otherNamespace
   */
  isBeside(document, namespace, other, otherNamespace) {
    const loaded = this.document(document);
    if (!loaded || loaded.isDeclared) {
      return false;
    }
    return namespace !== null && otherNamespace !== null ? namespace === otherNamespace : loaded.folder === other.folder;
  }

  /**
   * Whether a custom resource or an annotation of the project holds this text. Operators take from there what they make, so an
   * object by such a name, or pods with such a label, may exist though nothing declares them.
   * @param {string} text
   */
  mayBeMade(text) {
    this.#toldToOperators ??= new Set(this.objectEntries().flatMap((entry) => this.#told(entry)));
    return this.#toldToOperators.has(text);
  }

  /**
   * Texts that an object tells to operators. As plain data: no tree of all documents is needed.
   * @param {ObjectEntry} entry
   */
  #told({ document: id, node, group }) {
    const document = this.document(id);
    const isCustom = group.includes(".") && !group.endsWith(".k8s.io");
    if (!document || !(isCustom || document.host.locate(node, "/metadata/annotations", false))) {
      return [];
    }
    const data = JSON.parse(document.host.toJson(node));
    return texts(isCustom ? data : data.metadata.annotations);
  }

  /**
   * Whether two namespaces may be the same: equal, or one of them not written.
   * @param {string | null} one
   * @param {string | null} other
   */
  mayShareNamespace(one, other) {
    return this.#host.mayShareNamespace(one, other);
  }
}

/**
 * The texts in plain data.
 * @param {unknown} data
 * @returns {string[]}
 */
function texts(data) {
  if (typeof data === "string") {
    return [data];
  }
  return typeof data === "object" && data !== null ? Object.values(data).flatMap(texts) : [];
}
