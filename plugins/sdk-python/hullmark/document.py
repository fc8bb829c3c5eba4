"""Documents, and the Kubernetes objects, pods and containers in them."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Callable, Literal, NamedTuple, TypeVar

from wit_world.imports import host
from wit_world.imports import types as wit

from .dockerfile import Dockerfile
from .image import Image
from .shell import CommandTables
from .tree import Node, Place, Row, Span, Strings, Tree, anchor
from .variables import VariableTable

T = TypeVar("T")

Role = Literal["main", "init", "sidecar", "ephemeral"]
"""What a container is for: `sidecar` is one of `initContainers` with `restartPolicy: Always`, which runs beside the others."""

_ROLES: dict[int, Role] = {1: "init", 2: "sidecar", 3: "ephemeral"}

_INHERITED = frozenset({
    "runAsUser", "runAsGroup", "runAsNonRoot", "seccompProfile", "appArmorProfile", "seLinuxOptions", "windowsOptions",
})
"""Fields of the security context that a container takes from its pod where it lacks them itself."""

_WORKLOADS = {
    "": {"Pod", "PodTemplate", "ReplicationController", "DeploymentConfig"},
    "apps": {"Deployment", "DaemonSet", "ReplicaSet", "StatefulSet"},
    "extensions": {"Deployment", "DaemonSet", "ReplicaSet"},
    "batch": {"Job", "CronJob"},
    "argoproj.io": {"Rollout"},
    "apps.openshift.io": {"DeploymentConfig"},
    "serving.knative.dev": {"Service", "Configuration"},
}


class IgnoreFile(NamedTuple):
    """What a Dockerfile's build does not see."""

    path: str
    """Path relative to the root, with `/`."""
    text: str
    """Its text."""


class Document:
    """One Dockerfile, or one YAML document of a file. What it holds is fetched from the host when it is asked for, once."""

    def __init__(self, document: host.Document) -> None:
        self._host = document
        self._derived: dict[object, Any] = {}

    @cached_property
    def id(self) -> int:
        """Its number in this call."""
        return self._host.id()

    @cached_property
    def path(self) -> str:
        """Path relative to the root, with `/`."""
        return self._host.path()

    @cached_property
    def text(self) -> str:
        """Text of the whole source file. Bytes that are no UTF-8 stand as `?`."""
        return self._host.text()

    def text_at(self, span: Span) -> str:
        """A part of the text; cheaper than `text` for a few parts, and right where there are characters of several bytes."""
        return self._host.text_at(wit.Span(span.start, span.end))

    @property
    def is_fragment(self) -> bool:
        """Whether it is a patch of a larger object, where absence means nothing."""
        return "fragment" in self.traits

    @property
    def is_declared(self) -> bool:
        """Whether its objects are declared in the user's configuration: they exist outside the project, and what they hold besides
        kind, name and perhaps namespace is not known. Nothing is reported there."""
        return "declared" in self.traits

    @property
    def folder(self) -> str:
        """Its folder relative to the root, empty at the root."""
        return self.path.rpartition("/")[0]

    @cached_property
    def traits(self) -> list[str]:
        """Words that the interface has for it: `fragment`, `template` and whatever comes."""
        return self._host.traits()

    def derived(self, key: object, make: Callable[[], T]) -> T:
        """What the plugin derives from the document, once for all of its rules that ask by this key."""
        if key not in self._derived:
            self._derived[key] = make()
        value: T = self._derived[key]
        return value

    @property
    def root(self) -> Node:
        """The root of its tree."""
        return Node(self, 0)

    def place(self, span: Span) -> Place:
        """A place in it."""
        return Place(self.id, span)

    @cached_property
    def is_dockerfile(self) -> bool:
        """Whether it is a Dockerfile."""
        return self._host.language() == "dockerfile"

    @property
    def dockerfile(self) -> Dockerfile | None:
        """It as a Dockerfile, if it is one."""
        return Dockerfile(self) if self.is_dockerfile else None

    @cached_property
    def ignore_file(self) -> IgnoreFile | None:
        """For a Dockerfile, the file that says what its build does not see: the first that exists of
        `<its name>.dockerignore` and `.dockerignore` beside it, and `.dockerignore` at the root."""
        file = self._host.ignore_file()
        return IgnoreFile(file.path, file.text) if file else None

    @property
    def objects(self) -> list[Object]:
        """Its Kubernetes objects: one, or the items of a List."""
        return [Object(self, index) for index in range(len(self._objects.nodes))]

    def object_at(self, node: int) -> Object | None:
        """The object whose mapping is the node of that number."""
        return Object(self, self._objects.nodes.index(node)) if node in self._objects.nodes else None

    @property
    def pods(self) -> list[Pod]:
        """The pods that its objects describe."""
        return [Pod(self, index) for index in range(len(self._pods.specs))]

    @cached_property
    def _tree(self) -> Tree:
        return Tree(self._host.tree())

    @cached_property
    def _stages(self) -> wit.Stages:
        return self._host.stages()

    @cached_property
    def _stage_strings(self) -> Strings:
        return Strings(self._stages.strings)

    @cached_property
    def _variables(self) -> VariableTable:
        return VariableTable(self._host.variables())

    @cached_property
    def _commands(self) -> CommandTables:
        return CommandTables(self._host.commands())

    @cached_property
    def _syntax(self) -> wit.ShellSyntax:
        return self._host.shell_syntax()

    @cached_property
    def _objects(self) -> wit.Objects:
        return self._host.objects()

    @cached_property
    def _object_strings(self) -> Strings:
        return Strings(self._objects.strings)

    @cached_property
    def _pods(self) -> wit.Pods:
        return self._host.pods()


class Object(Row):
    """A Kubernetes object."""

    __slots__ = ()

    def _string(self, column: list[int]) -> str | None:
        return self.document._object_strings.get(column[self.index])

    @property
    def node(self) -> Node:
        """Its mapping."""
        return Node(self.document, self.document._objects.nodes[self.index])

    @property
    def api_version(self) -> str | None:
        """`apiVersion`."""
        return self._string(self.document._objects.api_versions)

    @property
    def group(self) -> str:
        """API group: `apps` of `apps/v1`, empty for the core group."""
        group, slash, _ = (self.api_version or "").partition("/")
        return group if slash else ""

    @property
    def kind(self) -> str | None:
        """`kind`."""
        return self._string(self.document._objects.kinds)

    @property
    def name(self) -> str | None:
        """`metadata.name`."""
        return self._string(self.document._objects.names)

    @property
    def namespace(self) -> str | None:
        """`metadata.namespace`, or what the kustomization that lists the file sets."""
        return self._string(self.document._objects.namespaces)

    @property
    def title(self) -> str:
        """Deployment `web`, for messages."""
        kind = self.kind or "object"
        return kind if self.name is None else f"{kind} `{self.name}`"

    def at(self, *path: str) -> Node | None:
        """Value at a path of keys."""
        return self.node.at(*path)

    def anchor(self, *path: str) -> Place:
        """Where a missing field is reported: the deepest key on the way that exists, else the object's name, else its
        kind."""
        return anchor(self.node, path) or self.name_place

    @property
    def name_place(self) -> Place:
        """The object's name, or its kind where it has none."""
        named = self.at("metadata", "name") or self.at("metadata", "generateName") or self.node.get("kind")
        return (named or self.node).place

    @property
    def is_workload(self) -> bool:
        """Whether its kind is one that describes pods, even where this object does not (yet) hold their template."""
        return self.kind in _WORKLOADS.get(self.group, ())

    @property
    def pods(self) -> list[Pod]:
        """The pods it describes."""
        return [pod for pod in self.document.pods if pod.object == self]


class Pod(Row):
    """A pod that a workload describes."""

    __slots__ = ()

    @property
    def object(self) -> Object:
        """The object that holds it: the Deployment, Job, … or the Pod itself."""
        return Object(self.document, self.document._pods.objects[self.index])

    @property
    def template(self) -> Node:
        """The pod template, or the Pod itself; its `metadata` is the pod's."""
        return Node(self.document, self.document._pods.templates[self.index])

    @property
    def spec(self) -> Node:
        """The pod's `spec`."""
        return Node(self.document, self.document._pods.specs[self.index])

    def get(self, key: str) -> Node | None:
        """A field of the pod's spec."""
        return self.spec.get(key)

    def at(self, *path: str) -> Node | None:
        """Value at a path of keys below the spec."""
        return self.spec.at(*path)

    @property
    def is_windows(self) -> bool:
        """Whether the pod says that it runs on Windows (`spec.os.name`)."""
        name = self.at("os", "name")
        return name is not None and name.text == "windows"

    def anchor(self, *path: str) -> Place:
        """Where a missing field of the spec is reported: the deepest key on the way that exists, else the object's name."""
        return anchor(self.spec, path) or self.object.name_place

    @property
    def containers(self) -> list[Container]:
        """Its containers: main ones, init containers, sidecars and ephemeral ones, in the order of the text."""
        pods = self.document._pods.container_pods
        return [Container(self.document, index) for index, pod in enumerate(pods) if pod == self.index]


class Container(Row):
    """A container of a pod."""

    __slots__ = ()

    @property
    def node(self) -> Node:
        """Its mapping."""
        return Node(self.document, self.document._pods.container_nodes[self.index])

    @property
    def pod(self) -> Pod:
        """The pod it belongs to."""
        return Pod(self.document, self.document._pods.container_pods[self.index])

    @property
    def role(self) -> Role:
        """What it is for. Roles newer than this package count as main."""
        return _ROLES.get(self.document._pods.container_roles[self.index], "main")

    @property
    def is_long_running(self) -> bool:
        """Whether it runs as long as the pod does: a main container or a sidecar."""
        return self.role in ("main", "sidecar")

    @property
    def name(self) -> str | None:
        """`name`."""
        name = self.node.get("name")
        return name.text if name else None

    @property
    def title(self) -> str:
        """container `web`, for messages."""
        return "a container without a name" if self.name is None else f"container `{self.name}`"

    def get(self, key: str) -> Node | None:
        """A field of the container."""
        return self.node.get(key)

    def at(self, *path: str) -> Node | None:
        """Value at a path of keys."""
        return self.node.at(*path)

    @property
    def image(self) -> Image | None:
        """The image it runs; nothing where Docker would refuse the reference or it is not written."""
        node = self.get("image")
        return Image.of(node) if node else None

    def security(self, field: str) -> Node | None:
        """The effective value of a field of the security context: the container's own, else the pod's where Kubernetes
        lets a container inherit it."""
        own = self.at("securityContext", field)
        return own if own or field not in _INHERITED else self.pod.at("securityContext", field)

    def anchor(self, *path: str) -> Place:
        """Where a missing field is reported: the deepest key on the way that exists, else the container's name."""
        return anchor(self.node, path) or (self.get("name") or self.get("image") or self.node).place
