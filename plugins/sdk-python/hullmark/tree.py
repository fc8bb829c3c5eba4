"""A document's tree, pleasant to walk."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Iterator, Literal, NamedTuple

from wit_world.imports import types as wit

from .quantity import Quantity, parse_quantity

if TYPE_CHECKING:
    from .document import Document

NONE = 0xFFFF_FFFF
"""Stands in columns for what is not there."""

Kind = Literal[
    "mapping", "sequence", "string", "integer", "float", "boolean", "null",
    "dockerfile", "stage", "instruction", "flag", "argument", "pair", "heredoc", "directive", "comment",
    "json-argument", "keyword",
    "other",
]
"""Kind of a node; `other` for what is newer than this package: pass over it."""

_KINDS: dict[int, Kind] = {
    1: "mapping", 2: "sequence", 3: "string", 4: "integer", 5: "float", 6: "boolean", 7: "null",
    32: "dockerfile", 33: "stage", 34: "instruction", 35: "flag", 36: "argument", 37: "pair", 38: "heredoc",
    39: "directive", 40: "comment", 41: "json-argument", 42: "keyword",
}
_NO_TEXT = frozenset({"mapping", "sequence", "integer", "float", "boolean", "null"})


class Span(NamedTuple):
    """A range of bytes in the source file, not of characters."""

    start: int
    end: int

    @property
    def before(self) -> Span:
        """The empty span before this one."""
        return Span(self.start, self.start)

    @property
    def after(self) -> Span:
        """The empty span after this one."""
        return Span(self.end, self.end)


class Place(NamedTuple):
    """A span in a document."""

    document: int
    span: Span

    @property
    def place(self) -> Place:
        """Itself: whatever has a place can be reported."""
        return self


class Strings:
    """The strings of one set of columns, decoded when they are asked for."""

    __slots__ = ("_bytes", "_ends", "_known")

    def __init__(self, table: wit.StringTable) -> None:
        self._bytes = bytes(table.bytes)
        self._ends = table.ends
        self._known: list[str | None] = [None] * len(table.ends)

    def get(self, number: int) -> str | None:
        """String of that number; nothing where there is none."""
        if number >= len(self._ends):
            return None
        known = self._known[number]
        if known is None:
            start = self._ends[number - 1] if number else 0
            known = self._known[number] = self._bytes[start : self._ends[number]].decode()
        return known


class Row:
    """Something that is one row of a document's columns. Two are equal that are the same row of the same document."""

    __slots__ = ("document", "index")

    def __init__(self, document: Document, index: int) -> None:
        self.document = document
        self.index = index

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self._identity() == other._identity()

    def __hash__(self) -> int:
        return hash(self._identity())

    def _identity(self) -> tuple[int, int]:
        return self.document.id, self.index

    def _place(self, start: int, end: int) -> Place:
        return Place(self.document.id, Span(start, end))


class Tree:
    """The columns of a tree with what is derived from them."""

    __slots__ = ("columns", "strings", "subtree_ends")

    def __init__(self, columns: wit.Tree) -> None:
        self.columns = columns
        self.strings = Strings(columns.strings)
        # A node stands before all of its descendants, so the way back passes every child before its parent.
        parents = columns.parents
        ends = list(range(1, len(parents) + 1))
        for node in range(len(parents) - 1, 0, -1):
            parent = parents[node]
            if ends[parent] < ends[node]:
                ends[parent] = ends[node]
        self.subtree_ends = ends


class Node(Row):
    """A node of a document's tree."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{self.kind} {self.key!r} {self.value!r}>"

    @property
    def kind(self) -> Kind:
        """What the node is."""
        return _KINDS.get(self.document._tree.columns.kinds[self.index], "other")

    @property
    def key(self) -> str | None:
        """The key it stands under."""
        tree = self.document._tree
        return tree.strings.get(tree.columns.keys[self.index])

    @property
    def value(self) -> str | None:
        """Scalar text, whatever its type: strings unquoted, numbers and booleans as JSON writes them."""
        tree = self.document._tree
        return tree.strings.get(tree.columns.values[self.index])

    @property
    def text(self) -> str | None:
        """Text of a string scalar or of a Dockerfile token."""
        return None if self.kind in _NO_TEXT else self.value

    @property
    def integer(self) -> int | None:
        """Value of an integer scalar."""
        return int(self.value or "") if self.kind == "integer" else None

    @property
    def quantity(self) -> Quantity | None:
        """The value as a Kubernetes quantity; nothing where Kubernetes would refuse it. Quantities compare by size."""
        value = self.value
        try:
            return None if value is None else parse_quantity(value)
        except ValueError:
            return None

    @property
    def boolean(self) -> bool | None:
        """Value of a boolean scalar."""
        return self.value == "true" if self.kind == "boolean" else None

    @property
    def is_null(self) -> bool:
        """Whether it is an explicit or implied null."""
        return self.kind == "null"

    @property
    def span(self) -> Span:
        """Where the value was written."""
        columns = self.document._tree.columns
        return Span(columns.starts[self.index], columns.ends[self.index])

    @property
    def key_span(self) -> Span | None:
        """Where the key was written."""
        columns = self.document._tree.columns
        span = Span(columns.key_starts[self.index], columns.key_ends[self.index])
        return span if span.start < span.end else None

    @property
    def alias(self) -> Place | None:
        """The alias or merge key through which the node stands where it stands."""
        columns = self.document._tree.columns
        alias = columns.aliases[self.index]
        return None if alias == NONE else self._place(columns.alias_starts[alias], columns.alias_ends[alias])

    @property
    def place(self) -> Place:
        """A scalar's or token's value; a mapping's or sequence's key, or its first token; an instruction's keyword."""
        match self.kind:
            case "mapping" | "sequence":
                span = self.key_span or next((child.place.span for child in self.children), self.span)
                return Place(self.document.id, span)
            case "instruction":
                return self.key_place
            # A null that is not written has no text of its own.
            case "null" if self.span.start == self.span.end:
                return self.key_place
        return Place(self.document.id, self.span)

    @property
    def key_place(self) -> Place:
        """The key as a place; the value's where there is no key."""
        return Place(self.document.id, self.key_span or self.span)

    def part(self, offset: int, part: str) -> Place:
        """The part of the value that equals `part`, at character `offset` of the value; the whole value where quoting or
        escapes keep the two apart."""
        written = self.document.text_at(self.span)
        start = written.find(self.value or "") + offset
        if not part or not written.startswith(self.value or "", start - offset) or not written.startswith(part, start):
            return self.place
        first = self.span.start + len(written[:start].encode())
        return self._place(first, first + len(part.encode()))

    @property
    def parent(self) -> Node | None:
        """The node above."""
        parent = self.document._tree.columns.parents[self.index]
        return None if parent == NONE else Node(self.document, parent)

    @property
    def children(self) -> Iterator[Node]:
        """The nodes directly below, in order."""
        ends = self.document._tree.subtree_ends
        child, end = self.index + 1, ends[self.index]
        while child < end:
            yield Node(self.document, child)
            child = ends[child]

    @property
    def items(self) -> Iterator[Node]:
        """Entries of a sequence; nothing for any other node."""
        return self.children if self.kind == "sequence" else iter(())

    @property
    def entries(self) -> Iterator[tuple[str, Node]]:
        """Entries of a mapping; nothing for any other node."""
        if self.kind == "mapping":
            for child in self.children:
                key = child.key
                if key is not None:
                    yield key, child

    def get(self, key: str) -> Node | None:
        """Value under a key of a mapping; an explicit null counts as missing, as Kubernetes has it."""
        node = self.written(key)
        return None if node is None or node.is_null else node

    def written(self, key: str) -> Node | None:
        """Value under a key of a mapping, a null included. Of a key that stands twice the last one counts."""
        found = None
        for name, node in self.entries:
            if name == key:
                found = node
        return found

    def at(self, *path: str) -> Node | None:
        """Value at a path of keys."""
        node: Node | None = self
        for key in path:
            node = node.get(key) if node else None
        return node

    @property
    def descendants(self) -> Iterator[Node]:
        """All nodes below, in order of the text."""
        return (Node(self.document, index) for index in range(self.index + 1, self.document._tree.subtree_ends[self.index]))

    @property
    def data(self) -> Any:
        """The node and what is below it as dictionaries, lists, texts, numbers, booleans and `None`."""
        return json.loads(self.document._host.to_json(self.index))

    def locate(self, pointer: str, nearest: bool = False) -> Place | None:
        """Place of the value at a JSON Pointer below the node; with `nearest`, of the deepest part that exists."""
        span = self.document._host.locate(self.index, pointer, nearest)
        return self._place(span.start, span.end) if span else None

    @property
    def resolved(self) -> str | None:
        """What a word of a Dockerfile comes to: quotes and escapes removed, variables replaced as far as the file tells
        their values. Nothing where it does not tell all of them, or where BuildKit would refuse the word."""
        value, is_complete = self.document._variables.expansion(self)
        return value if is_complete else None

    @property
    def resolved_empty(self) -> str | None:
        """What a word of a Dockerfile comes to when nobody gives a value to an ARG: nothing stands in the place of a
        variable without one."""
        return self.document._variables.expansion(self)[0]


def anchor(start: Node, path: tuple[str, ...]) -> Place | None:
    """Key of the deepest node on the path that exists; nothing where not even the first does."""
    node = start
    for key in path:
        # A key whose value is null is still the key that should hold the field.
        below = node.written(key)
        if below is None:
            break
        node = below
    return node.key_place if node != start else None
