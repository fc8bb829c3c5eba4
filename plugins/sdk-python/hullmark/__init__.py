"""Write hullmark policies in Python.

A plugin is a folder with one file per rule: its documentation, one declaration (`Rule`), one function. `plugin` names the
rules. componentize-py makes a WebAssembly component of it.
"""

from .dockerfile import Dockerfile, Instruction, Mount, Stage
from .document import Container, Document, IgnoreFile, Object, Pod, Role
from .image import Image, parse_image
from .options import Option, OptionValues
from .plugin import plugin
from .project import Build, ObjectEntry, PodEntry, Project
from .quantity import Quantity, parse_quantity
from .report import Finding, Fix, Placed, Report
from .rule import Level, Precision, Rule
from .shell import Assignment, Command, Compound, CompoundKind, Join, Part, PartKind, Redirection, Script, Word
from .tree import Kind, Node, Place, Span
from .variables import Reference, Standing

__all__ = [
    "Assignment", "Build", "Command", "Compound", "CompoundKind", "Container", "Dockerfile", "Document", "Finding", "Fix",
    "IgnoreFile", "Image", "Instruction", "Join", "Kind", "Level", "Mount", "Node", "Object", "ObjectEntry", "Option",
    "OptionValues", "Part", "PartKind", "Place", "Placed", "Pod", "PodEntry", "Precision", "Project", "Quantity",
    "Redirection", "Reference", "Report", "Role", "Rule", "Script", "Span", "Stage", "Standing", "Word", "parse_image",
    "parse_quantity", "plugin",
]
