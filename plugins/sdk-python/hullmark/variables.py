"""Variables that BuildKit replaces, and the words that they stand in."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import Iterator, Literal

from wit_world.imports import types as wit

from .tree import Node, Place, Span, Strings

Standing = Literal["known", "open", "unknown", "undeclared", "undefined"]
"""How a variable stands where it is used: `known`: the file tells its value; `open`: an ARG without a default; `unknown`:
its value is known at build time only, as that of TARGETARCH; `undeclared`: not declared, the base image may bring it;
`undefined`: not declared, and nothing else brings it."""

_STANDINGS: dict[int, Standing] = {0: "known", 1: "open", 3: "undeclared", 4: "undefined"}


@dataclass(frozen=True, slots=True)
class Reference:
    """A use of a variable in a word that BuildKit expands."""

    name: str
    """The variable."""
    node: Node
    """The word that it stands in."""
    place: Place
    """From `$` to the end of the name or to `}`; the whole word where quotes or escapes hide the place."""
    standing: Standing
    """How the variable stands here."""
    has_default: bool
    """Whether the form says what holds without a value: `${name:-…}`, `${name:+…}`."""


class VariableTable:
    """The columns with their strings."""

    __slots__ = ("columns", "strings")

    def __init__(self, columns: wit.Variables) -> None:
        self.columns = columns
        self.strings = Strings(columns.strings)

    def expansion(self, node: Node) -> tuple[str | None, bool]:
        """What became of a word, and whether the file tells all of it."""
        row = bisect_left(self.columns.nodes, node.index)
        if row < len(self.columns.nodes) and self.columns.nodes[row] == node.index:
            return self.strings.get(self.columns.values[row]), self.columns.complete[row] == 1
        # One of these in a word that is not in the table means that BuildKit refuses it.
        value = node.value
        is_refused = value is None or any(sign in value for sign in "$'\"\\")
        return (None, False) if is_refused else (value, True)

    def references(self, instruction: Node) -> Iterator[Reference]:
        """The variables in the words of an instruction."""
        columns = self.columns
        # In the order of the tree, and no word has another below it.
        for row in range(bisect_left(columns.reference_nodes, instruction.index), len(columns.reference_nodes)):
            node = Node(instruction.document, columns.reference_nodes[row])
            if node.parent != instruction:
                return
            yield Reference(
                name=self.strings.get(columns.reference_names[row]) or "",
                node=node,
                place=Place(node.document.id, Span(columns.reference_starts[row], columns.reference_ends[row])),
                standing=_STANDINGS.get(columns.reference_states[row], "unknown"),
                has_default=columns.reference_defaults[row] == 1,
            )
