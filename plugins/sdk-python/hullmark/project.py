"""All documents that a project rule sees together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Callable, Iterator, NamedTuple, TypeVar

from wit_world.imports import host
from wit_world.imports import types as wit

from .dockerfile import Dockerfile
from .document import Container, Document, Object, Pod
from .options import OptionValues
from .tree import Node, Strings

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PodEntry:
    """A pod of the project, before its document is loaded."""

    document: int
    """Number of its document."""
    index: int
    """Its number in that document."""
    kind: str | None
    """Kind of the object that holds it."""
    name: str | None
    """Name of that object."""
    namespace: str | None
    """Namespace of that object."""


@dataclass(frozen=True, slots=True)
class ObjectEntry:
    """An object of the project, before its document is loaded."""

    document: int
    """Number of its document."""
    node: int
    """Its mapping's number in the tree of that document."""
    api_version: str | None
    """`apiVersion`."""
    kind: str | None
    """`kind`."""
    name: str | None
    """`metadata.name`."""
    namespace: str | None
    """`metadata.namespace`, or what the kustomization that lists the file sets."""

    @property
    def group(self) -> str:
        """API group: `apps` of `apps/v1`, empty for the core group."""
        group, slash, _ = (self.api_version or "").partition("/")
        return group if slash else ""


class Build(NamedTuple):
    """A container that runs what a Dockerfile of the project builds."""

    dockerfile: Dockerfile
    container: Container


class Project:
    """All documents that a project rule sees together. Documents are loaded when they are asked for."""

    def __init__(self, project: host.Project) -> None:
        self._host = project
        self._loaded: dict[int, Document | None] = {}
        self._derived: dict[object, Any] = {}

    def derived(self, key: object, make: Callable[[], T]) -> T:
        """What the plugin derives from the project, once for all of its rules that ask by this key."""
        if key not in self._derived:
            self._derived[key] = make()
        value: T = self._derived[key]
        return value

    def document(self, id: int) -> Document | None:
        """A document by its number."""
        if id not in self._loaded:
            document = self._host.document(id)
            self._loaded[id] = Document(document) if document else None
        return self._loaded[id]

    @property
    def documents(self) -> Iterator[Document]:
        """All documents, in the order of their paths. Loads every one: prefer `objects`."""
        return (document for id in self._host.documents() if (document := self.document(id)))

    def objects(self, *kinds: str) -> Iterator[Object]:
        """Objects of these kinds, of every kind where there is none. Fragments are left out."""
        return (loaded for entry in self.object_entries(*kinds) if (loaded := self.object(entry)))

    def object_entries(self, *kinds: str) -> list[ObjectEntry]:
        """The same, with no document loaded: for many objects of which few are looked into."""
        columns = self._host.objects(list(kinds))
        text = Strings(columns.strings).get
        return [
            ObjectEntry(
                document=document,
                node=columns.nodes[row],
                api_version=text(columns.api_versions[row]),
                kind=text(columns.kinds[row]),
                name=text(columns.names[row]),
                namespace=text(columns.namespaces[row]),
            )
            for row, document in enumerate(columns.documents)
        ]

    def object(self, entry: ObjectEntry) -> Object | None:
        """The object of an entry, with its document loaded."""
        document = self.document(entry.document)
        return document.object_at(entry.node) if document else None

    @cached_property
    def pods(self) -> list[PodEntry]:
        """All pods. Fragments are left out."""
        columns = self._host.pods()
        text = Strings(columns.strings).get
        return [
            PodEntry(
                document=document,
                index=columns.indexes[row],
                kind=text(columns.kinds[row]),
                name=text(columns.names[row]),
                namespace=text(columns.namespaces[row]),
            )
            for row, document in enumerate(columns.documents)
        ]

    def load(self, entry: PodEntry) -> Pod | None:
        """The pod of an entry, with its document loaded."""
        document = self.document(entry.document)
        return document.pods[entry.index] if document else None

    def select(self, selector: Node, namespace: str | None) -> list[PodEntry]:
        """The pods that a LabelSelector matches in a namespace. An empty selector matches every pod of the namespace. A
        namespace that is not written may be any."""
        return self._select(selector, namespace, plain=False)

    def select_labels(self, labels: Node, namespace: str | None) -> list[PodEntry]:
        """The same for a map of labels, as a Service's selector is. An empty map matches none."""
        return self._select(labels, namespace, plain=True)

    def _select(self, node: Node, namespace: str | None, plain: bool) -> list[PodEntry]:
        return [self.pods[index] for index in self._host.select(node.document.id, node.index, namespace, plain)]

    def builds(self, options: OptionValues) -> Iterator[Build]:
        """The containers whose image a Dockerfile of the project builds, as far as names tell: the last part of the image's
        repository is the folder (`web/Dockerfile`) or the suffix (`Dockerfile.web`, `web.Dockerfile`) of one Dockerfile
        alone. What names do not tell is given by the rule's option `Option.IMAGES`. Fragments are left out."""
        columns = self._host.builds([wit.Property(name, value) for name, value in options.images.items()])
        for built, document, container in zip(columns.dockerfiles, columns.documents, columns.containers):
            source, manifest = self.document(built), self.document(document)
            if source and manifest:
                yield Build(Dockerfile(source), Container(manifest, container))

    @property
    def dockerfiles(self) -> Iterator[Dockerfile]:
        """All Dockerfiles, in the order of their paths."""
        return (file for document in self.documents if (file := document.dockerfile))

    def is_beside(self, document: int, namespace: str | None, other: Document, other_namespace: str | None) -> bool:
        """Whether what stands in document number `document`, in this namespace, is beside what stands in `other` in another: in
        the same namespace, or in the same folder where one is not written. A project that holds one object of a kind there is
        likely to hold all; what is only declared to exist tells nothing of others."""
        loaded = self.document(document)
        if not loaded or loaded.is_declared:
            return False
        if namespace is not None and other_namespace is not None:
            return namespace == other_namespace
        return loaded.folder == other.folder

    def may_be_made(self, text: str) -> bool:
        """Whether a custom resource or an annotation of the project holds this text. Operators take from there what they make,
        so an object by such a name, or pods with such a label, may exist though nothing declares them."""
        return text in self._told_to_operators

    @cached_property
    def _told_to_operators(self) -> set[str]:
        # As plain data: no tree of all documents is needed.
        told: set[str] = set()
        for entry in self.object_entries():
            document = self.document(entry.document)
            is_custom = "." in entry.group and not entry.group.endswith(".k8s.io")
            node = Node(document, entry.node) if document else None
            if node and (is_custom or node.locate("/metadata/annotations")):
                data = node.data
                told.update(_texts(data if is_custom else data["metadata"]["annotations"]))
        return told

    def may_share_namespace(self, one: str | None, other: str | None) -> bool:
        """Whether two namespaces may be the same: equal, or one of them not written."""
        return self._host.may_share_namespace(one, other)


def _texts(data: Any) -> Iterator[str]:
    """The texts in plain data."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, (dict, list)):
        for below in data.values() if isinstance(data, dict) else data:
            yield from _texts(below)
