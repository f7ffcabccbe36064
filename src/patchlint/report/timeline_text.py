"""``timeline --format text``: the start-up as an indented story, with the reader's own code in front.

What first-party code imports or calls gets a line; what that sets off in libraries is a number,
unless it patches, forks, starts something, or comes back to first-party code.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import TypeAlias

from patchlint.model.events import Event, Forgotten, Forked, Hooked, ModuleExecuted, Opaque, Patch, Serving, Started
from patchlint.model.location import Location, Trail
from patchlint.model.timeline import Timeline
from patchlint.report.look import Look
from patchlint.report.names import counted, entrypoint_name, place

_ORIGINS_SHOWN = 6
_DEEPEST = 24

Landmark: TypeAlias = Patch | Started | Forked | Forgotten | Serving | Hooked | Opaque


@dataclass(slots=True)
class Node:
    """One import or call, what happened in it in order, and the modules that it executed."""

    trail: Trail | None
    module: ModuleExecuted | None = None
    items: list[Node | Landmark] = field(default_factory=list)


def render(timeline: Timeline, folder: str, look: Look) -> str:
    """A section for each stay in a process, and a sum."""
    telling = Telling(timeline, folder, look, _stale_by_module(timeline))
    lines = [
        f"Start-up of {entrypoint_name(timeline.entrypoint, folder)} (Python {timeline.python}, {timeline.platform})"
    ]
    for process, events in groupby(timeline.events, key=lambda event: event.process):
        lines += ["", look.paint("bold", f"In process {process!r}")]
        lines += telling.children(grow(events), 1)
    return "\n".join([*lines, "", telling.sum()])


def grow(events: Iterator[Event]) -> Node:
    """The tree of imports and calls that the events' trails share."""
    root = Node(None)
    nodes: dict[int, Node] = {}
    for event in events:
        node = _node(event.trail, nodes, root)
        if isinstance(event, ModuleExecuted):
            node.module = event
        else:
            node.items.append(event)
    return root


def _node(trail: Trail, nodes: dict[int, Node], root: Node) -> Node:
    """The node of a trail: trails are shared between events, so identity tells them apart."""
    node = root
    for link in trail.links():
        child = nodes.get(id(link))
        if child is None:
            child = nodes[id(link)] = Node(link)
            node.items.append(child)
        node = child
    return node


def _stale_by_module(timeline: Timeline) -> Counter[str]:
    patches = (event for event in timeline.events if isinstance(event, Patch))
    rows = {(row.module, row.name, row.kind, row.origin) for patch in patches for row in patch.stale}
    return Counter(module for module, *_ in rows)


@dataclass(frozen=True, slots=True)
class Telling:
    """Tells a tree line by line."""

    timeline: Timeline
    folder: str
    look: Look
    stale: Counter[str]

    def children(self, node: Node, depth: int) -> Iterator[str]:
        """What happened in a node; library nodes give way to what stands out in them."""
        for item in node.items:
            if not isinstance(item, Node):
                yield from self.landmark(item, depth)
            elif self._is_told(item):
                yield from self.node(item, depth)
            else:
                yield from self.children(item, depth)

    def node(self, node: Node, depth: int) -> Iterator[str]:
        """A node's own line, and what happened in it one step further in."""
        below = list(self.children(node, depth + 1))
        if node.module is not None or below or self._hidden(node):
            yield _indented(depth, self._title(node))
            yield from below

    def landmark(self, event: Landmark, depth: int) -> Iterator[str]:
        """The line of something that stands out; what is opaque does so only on demand."""
        if isinstance(event, Patch):
            yield _indented(depth, self._patch(event))
        elif isinstance(event, Forked):
            yield _indented(depth, self._fork(event))
        elif isinstance(event, Started):
            yield _indented(depth, self._started(event))
        elif not isinstance(event, Opaque):
            yield _indented(depth, f"* {_aside(event)}{_doubt(event.certainty)}{self._at(event.location)}")
        elif self.look.verbose:
            yield _indented(depth, f"? {event.what}: {event.reason}{self._at(event.location)}")

    def sum(self) -> str:
        """What the timeline holds, in numbers."""
        events = self.timeline.events
        modules = [event for event in events if isinstance(event, ModuleExecuted)]
        own = sum(event.path is not None and self.timeline.is_first_party(event.path) for event in modules)
        patches = sum(isinstance(event, Patch) for event in events)
        opaque = sum(isinstance(event, Opaque) for event in events)
        parts = [
            f"{counted(len(modules), 'module')} ({own:,} first-party)",
            counted(patches, "patch", "patches"),
            counted(self.stale.total(), "stale name"),
            f"{counted(opaque, 'thing')} that could not be seen into",
        ]
        return ", ".join(parts) + ("" if self.look.verbose else " (--verbose shows everything)")

    def _is_told(self, node: Node) -> bool:
        link = node.trail
        if self.look.verbose or link is None or link.location is None or self._is_own(link.location.path):
            return True
        return node.module is not None and self._is_own(node.module.path)

    def _is_own(self, path: str | None) -> bool:
        return path is not None and self.timeline.is_first_party(path)

    def _hidden(self, node: Node) -> list[ModuleExecuted]:
        """The modules that have no line of their own, in what is not told of a node."""
        hidden: list[ModuleExecuted] = []
        waiting = [item for item in node.items if isinstance(item, Node)]
        while waiting:
            child = waiting.pop()
            if not self._is_told(child):
                hidden += [child.module] if child.module else []
                waiting += [item for item in child.items if isinstance(item, Node)]
        return hidden

    def _title(self, node: Node) -> str:
        link, module, hidden = node.trail, node.module, self._hidden(node)
        what = "" if link is None else link.what
        if module is None or self._is_own(module.path):
            what = self.look.paint("bold", what)
        where = "" if link is None or link.location is None else f"{place(link.location, self.folder)}: "
        notes = [
            *_kind(module),
            *([f"+{counted(len(hidden), 'module')}"] if hidden else []),
            *self._stale_here(node, hidden),
        ]
        return f"{self.look.paint('dim', where)}{what}" + (f"  [{', '.join(notes)}]" if notes else "")

    def _stale_here(self, node: Node, hidden: list[ModuleExecuted]) -> Iterator[str]:
        names = {module.module for module in (*hidden, node.module) if module is not None}
        if stale := sum(self.stale[name] for name in names):
            yield self.look.paint("warning", f"{stale:,} stale")

    def _patch(self, event: Patch) -> str:
        arguments = ", ".join(f"{name}={value}" for name, value in event.arguments)
        call = self.look.paint("patch", f"* patch: {event.call}({arguments})") + _doubt(event.certainty)
        line = f"{call}{self._at(event.location)}, replaces {counted(len(event.replaced), 'name')}"
        if not event.stale:
            return f"{line}, nothing stale"
        origins = Counter(row.origin for row in event.stale)
        shown = ", ".join(f"{origin} ({number})" for origin, number in origins.most_common(_ORIGINS_SHOWN))
        rest = ", ..." if len(origins) > _ORIGINS_SHOWN else ""
        possible = sum(row.certainty == "possible" for row in event.stale)
        stale = f"{len(event.stale):,} stale" + (f" ({possible:,} of them possible)" if possible else "")
        return f"{line}, {self.look.paint('warning', stale)}: {shown}{rest}"

    def _fork(self, event: Forked) -> str:
        times = "an unknown number of times" if event.count is None else counted(event.count, "time")
        by = f" by {event.launcher}" if event.launcher else ""
        text = f"* fork into {event.child!r}{by}, {times}"
        return f"{self.look.paint('fork', text)}{_doubt(event.certainty)}{self._at(event.location)}"

    def _started(self, event: Started) -> str:
        green = " (green)" if event.green else ""
        text = f"* {event.what} {event.stage}: {event.subject}{green}"
        return f"{self.look.paint('warning', text)}{_doubt(event.certainty)}{self._at(event.location)}"

    def _at(self, location: Location | None) -> str:
        return "" if location is None else f", at {place(location, self.folder)}"


def _aside(event: Forgotten | Serving | Hooked) -> str:
    if isinstance(event, Forgotten):
        return f"forgets what it inherited: {event.subject}"
    if isinstance(event, Serving):
        return f"{event.what} takes over, which needs {event.library}'s patch"
    return f"{event.call}() makes {event.subject} cooperative"


def _kind(module: ModuleExecuted | None) -> Iterator[str]:
    if module is not None and module.kind not in {"source", "namespace"}:
        yield module.kind
    if module is not None and module.certainty == "possible":
        yield "possible"


def _doubt(certainty: str) -> str:
    return "" if certainty == "certain" else " (possible)"


def _indented(depth: int, text: str) -> str:
    return "  " * min(depth, _DEEPEST) + text
