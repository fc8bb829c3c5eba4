"""What a rule says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from .options import OptionValues
from .tree import Place


class Placed(Protocol):
    """Whatever knows where it stands: a node, a word, an instruction, a container's image, a place itself."""

    @property
    def place(self) -> Place:
        """Where it stands."""
        ...


class Fix:
    """Edits that together remove a finding. The title is imperative: "use `apt-get`"."""

    __slots__ = ("title", "is_safe", "edits")

    def __init__(self, title: str, is_safe: bool) -> None:
        self.title = title
        self.is_safe = is_safe
        self.edits: list[tuple[Place, str]] = []
        """Where, and the text that comes there."""

    @classmethod
    def safe(cls, title: str) -> Fix:
        """A fix that may be applied without a person looking."""
        return cls(title, is_safe=True)

    @classmethod
    def needs_review(cls, title: str) -> Fix:
        """A fix that a person must look at."""
        return cls(title, is_safe=False)

    def replace(self, at: Placed, text: str) -> Fix:
        """Replaces what stands at a place."""
        self.edits.append((at.place, text))
        return self

    def insert_before(self, at: Placed, text: str) -> Fix:
        """Inserts before a place."""
        document, span = at.place
        return self.replace(Place(document, span.before), text)

    def insert_after(self, at: Placed, text: str) -> Fix:
        """Inserts after a place."""
        document, span = at.place
        return self.replace(Place(document, span.after), text)


@dataclass(slots=True)
class Finding:
    """What one rule reports at one place."""

    rule: str
    message: str
    at: Place
    related_places: list[tuple[Place, str]] = field(default_factory=list)
    fixes: list[Fix] = field(default_factory=list)
    reporting: list[str] | None = None
    properties: dict[str, str] = field(default_factory=dict)

    def related(self, at: Placed, message: str) -> Finding:
        """Adds a second place that explains the finding."""
        self.related_places.append((at.place, message))
        return self

    def fix(self, fix: Fix) -> Finding:
        """Adds a way to mend it."""
        self.fixes.append(fix)
        return self

    def aliases(self, *aliases: str) -> Finding:
        """Says which of the rule's aliases would report this very occurrence, where it is not all of them."""
        self.reporting = list(aliases)
        return self

    def property(self, name: str, value: str) -> Finding:
        """Adds a property for later readers."""
        self.properties[name] = value
        return self


class Report:
    """Takes the findings of one rule."""

    __slots__ = ("_rule", "options", "findings")

    def __init__(self, rule: str, options: OptionValues) -> None:
        self._rule = rule
        self.options = options
        """The rule's options."""
        self.findings: list[Finding] = []

    def finding(self, at: Placed, message: str) -> Finding:
        """Reports at a place: the smallest token at fault. The message is one sentence without a full stop, with the
        offending value in backticks."""
        finding = Finding(self._rule, message, at.place)
        self.findings.append(finding)
        return finding
