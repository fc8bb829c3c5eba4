"""Quantities, read by the host."""

from __future__ import annotations

from typing import NamedTuple

from componentize_py_types import Err
from wit_world.imports import host


class Quantity(NamedTuple):
    """A Kubernetes quantity: `units + nanos / 10^9`, both of the same sign. Quantities compare by size."""

    units: int
    nanos: int


def parse_quantity(text: str) -> Quantity:
    """Reads a Kubernetes quantity. A `ValueError` says what is wrong with it."""
    try:
        quantity = host.parse_quantity(text)
    except Err as error:
        raise ValueError(error.value) from None
    return Quantity(quantity.units, quantity.nanos)
