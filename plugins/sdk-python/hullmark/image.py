"""Image references, read by the host."""

from __future__ import annotations

from wit_world.imports import host
from wit_world.imports import types as wit

from .tree import Node, Place


class Image:
    """An image reference where it is written."""

    __slots__ = ("node", "text", "_parsed")

    def __init__(self, node: Node, text: str, parsed: wit.ImageReference) -> None:
        self.node = node
        self.text = text
        """As written; where it is written with variables, with their values."""
        self._parsed = parsed

    @classmethod
    def of(cls, node: Node, text: str | None = None) -> Image | None:
        """The reference that a node holds, or the `text` that it stands for; nothing where it holds a variable or Docker
        would refuse it."""
        text = node.text if text is None else text
        parsed = host.parse_image(text) if text is not None else None
        return cls(node, text, parsed) if text is not None and parsed else None

    @property
    def is_literal(self) -> bool:
        """Whether the node holds the reference itself, not variables that stand for it."""
        return self.node.value == self.text

    @property
    def registry(self) -> str:
        """`docker.io` where none is written."""
        return self._parsed.registry

    @property
    def has_explicit_registry(self) -> bool:
        """Whether the registry is written."""
        return self._parsed.explicit_registry

    @property
    def repository(self) -> str:
        """`library/nginx` for `nginx` on docker.io."""
        return self._parsed.repository

    @property
    def familiar_name(self) -> str:
        """Registry and repository as people write them: `python` for `docker.io/library/python`, `ghcr.io/acme/base`."""
        if self.registry == "docker.io":
            return self.repository.removeprefix("library/")
        return f"{self.registry}/{self.repository}"

    @property
    def tag(self) -> str | None:
        """The tag, if one is written."""
        return self._parsed.tag

    @property
    def digest(self) -> str | None:
        """The digest with its algorithm, if one is written."""
        return self._parsed.digest

    @property
    def place(self) -> Place:
        """The whole reference."""
        return self.node.place

    @property
    def name_place(self) -> Place:
        """The name without tag and digest."""
        return self._part(self._parsed.name_at)

    @property
    def tag_place(self) -> Place:
        """The tag; the whole reference where it has none."""
        return self._part(self._parsed.tag_at)

    @property
    def digest_place(self) -> Place:
        """The digest; the whole reference where it has none."""
        return self._part(self._parsed.digest_at)

    def _part(self, at: wit.Span) -> Place:
        # Docker takes ASCII only, so bytes are characters.
        part = self.text[at.start : at.end]
        return self.node.part(at.start, part) if part and self.is_literal else self.place


def parse_image(text: str) -> wit.ImageReference | None:
    """Reads an image reference; nothing for what Docker would refuse."""
    return host.parse_image(text)
