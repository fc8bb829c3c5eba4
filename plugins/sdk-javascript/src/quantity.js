// Quantities, read by the host.

import * as host from "hullmark:policy/host@0.1.0";

/**
 * A Kubernetes quantity: `units + nanos / 10^9`, both of the same sign.
 * @typedef {{ readonly units: number, readonly nanos: number }} Quantity
 */

/**
 * Reads a Kubernetes quantity. A `RangeError` says what is wrong with it.
 * @param {string} text
 * @returns {Quantity}
 */
export function parseQuantity(text) {
  try {
    return host.parseQuantity(text);
  } catch (error) {
    throw new RangeError(String(/** @type {any} */ (error)?.payload ?? error));
  }
}

/**
 * Compares quantities by size, as `Array.sort` wants it.
 * @param {Quantity} one
 * @param {Quantity} other
 */
export function compareQuantities(one, other) {
  return one.units - other.units || one.nanos - other.nanos;
}
