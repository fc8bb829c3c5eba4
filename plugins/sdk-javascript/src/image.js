// Image references, read by the host.

import * as host from "hullmark:policy/host@0.1.0";

/** @import * as wit from "hullmark:policy/host@0.1.0" */
/** @import { Node } from "./tree.js" */

/** An image reference where it is written. */
export class Image {
  /** @type {wit.ImageReference} */
  #parsed;

  /**
   * @param {Node} node
   * @param {string} text
   * @param {wit.ImageReference} parsed
   * @internal
   */
  constructor(node, text, parsed) {
    this.node = node;
    /** As written; where it is written with variables, with their values. */
    this.text = text;
    this.#parsed = parsed;
  }

  /**
   * The reference that a node holds, or the `text` that it stands for; null where it holds a variable or Docker would refuse
   * it.
   * @param {Node} node
   * @param {string | null} [text]
   */
  static of(node, text = node.text) {
    const parsed = text === null ? null : host.parseImage(text);
    return text !== null && parsed ? new Image(node, text, parsed) : null;
  }

  /** Whether the node holds the reference itself, not variables that stand for it. */
  get isLiteral() {
    return this.node.value === this.text;
  }

  /** `docker.io` where none is written. */
  get registry() {
    return this.#parsed.registry;
  }

  /** Whether the registry is written. */
  get hasExplicitRegistry() {
    return this.#parsed.explicitRegistry;
  }

  /** `library/nginx` for `nginx` on docker.io. */
  get repository() {
    return this.#parsed.repository;
  }

  /** Registry and repository as people write them: `python` for `docker.io/library/python`, `ghcr.io/acme/base`. */
  get familiarName() {
    const { registry, repository } = this;
    return registry === "docker.io" ? repository.replace(/^library\//, "") : `${registry}/${repository}`;
  }

  /** The tag, if one is written. */
  get tag() {
    return this.#parsed.tag ?? null;
  }

  /** The digest with its algorithm, if one is written. */
  get digest() {
    return this.#parsed.digest ?? null;
  }

  /** The whole reference. */
  get place() {
    return this.node.place;
  }

  /** The name without tag and digest. */
  get namePlace() {
    return this.#part(this.#parsed.nameAt);
  }

  /** The tag; the whole reference where it has none. */
  get tagPlace() {
    return this.#part(this.#parsed.tagAt);
  }

  /** The digest; the whole reference where it has none. */
  get digestPlace() {
    return this.#part(this.#parsed.digestAt);
  }

  /** @param {wit.Span} at */
  #part({ start, end }) {
    // Docker takes ASCII only, so bytes are characters.
    const part = this.text.slice(start, end);
    return part && this.isLiteral ? this.node.part(start, part) : this.place;
  }
}

/**
 * Reads an image reference; null for what Docker would refuse.
 * @param {string} text
 */
export function parseImage(text) {
  return host.parseImage(text);
}
