"""The flow of a BPMN diagram as a graph: what every way passes, what goes in circles, what nothing reaches."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

_JOIN_ALL = "parallelGateway"


@dataclass(frozen=True, slots=True)
class Node:
    """A flow node: id, BPMN kind, its words, a timer's minutes, the task on whose border it sits, and whether it lets
    that task go on (a non-interrupting event)."""

    id: str
    kind: str
    words: str = ""
    minutes: float | None = None
    border_of: str = ""
    gentle: bool = False


@dataclass(slots=True)
class Graph:
    """Nodes and the flows between them. Read in whole before anything is asked; answers are then remembered."""

    nodes: dict[str, Node] = field(default_factory=dict)
    after: dict[str, list[str]] = field(default_factory=dict)
    before: dict[str, list[str]] = field(default_factory=dict)
    _order: list[str] = field(default_factory=list)
    _passed: dict[str, frozenset[str]] = field(default_factory=dict)

    def add(self, node: Node) -> None:
        self.nodes[node.id] = node
        self.after.setdefault(node.id, [])
        self.before.setdefault(node.id, [])

    def link(self, start: str, end: str) -> None:
        if end not in self.after[start]:
            self.after[start].append(end)
            self.before[end].append(start)

    def let_borders_through(self) -> None:
        """A border event leaves its task undone (or beside it): there is a way to it past the task."""
        for node in list(self.nodes.values()):
            if node.border_of in self.nodes:
                for earlier in list(self.before[node.border_of]):
                    self.link(earlier, node.id)

    def starts(self) -> list[str]:
        """Start events, or where there are none the nodes nothing leads to."""
        named = [node.id for node in self.nodes.values() if node.kind == "startEvent"]
        free = [name for name, earlier in self.before.items() if not earlier and not self.nodes[name].border_of]
        return named or free

    def ordered(self) -> list[str]:
        """The reachable nodes, each after what leads to it where no circle forbids (reverse postorder)."""
        if not self._order:
            self._order = _postorder(self.starts(), self.after)[::-1]
        return self._order

    def unreachable(self) -> set[str]:
        return self.nodes.keys() - set(self.ordered())

    def passed(self) -> dict[str, frozenset[str]]:
        """Node -> what every way to it passes, itself included (Cooper, Harvey, Kennedy 2001: iterate to a fixed
        point). A parallel join waits for all its branches, so it has passed what any of them passed."""
        if self._passed:
            return self._passed
        order = self.ordered()
        every = frozenset(order)
        begin = set(self.starts())
        found = {name: frozenset({name}) if name in begin else every for name in order}
        moved = True
        while moved:
            moved = False
            for name in order:
                earlier = [found[one] for one in self.before[name] if one in found]
                if name in begin or not earlier:
                    continue
                joins = self.nodes[name].kind == _JOIN_ALL
                fresh = (frozenset.union(*earlier) if joins else frozenset.intersection(*earlier)) | {name}
                if joins:
                    fresh &= found[name]  # only ever shrinks, so that it comes to an end
                    fresh |= {name}
                if fresh != found[name]:
                    found[name], moved = fresh, True
        self._passed = found
        return found

    def on_every_way(self) -> frozenset[str]:
        """What every way from a start to an end passes."""
        passed = self.passed()
        ends = [name for name in passed if not self.after[name]]
        return frozenset.intersection(*(passed[name] for name in ends)) if ends else frozenset()

    def nearest_before(self, node: str, among: Collection[str]) -> set[str]:
        """Of ``among``, what every way to ``node`` passes and nothing else of ``among`` comes between."""
        passed = self.passed()
        found = {one for one in passed.get(node, frozenset()) if one in among and one != node}
        return {one for one in found if not any(one in passed[other] for other in found if other != one)}

    def nearest_after(self, node: str, among: Collection[str]) -> set[str]:
        """Of ``among``, what ``node`` leads to first and what no way reaches without passing ``node``."""
        seen, found, rest = {node}, set(), list(self.after[node])
        while rest:
            one = rest.pop()
            if one in seen:
                continue
            seen.add(one)
            if one in among:
                found.add(one)
            else:
                rest += self.after[one]
        passed = self.passed()
        return {one for one in found if node in passed.get(one, frozenset())}

    def loops(self) -> list[set[str]]:
        """Sets of nodes that lead to one another (Kosaraju's strongly connected components)."""
        found, seen = [], set[str]()
        for name in self.ordered():
            if name in seen:
                continue
            part = {one for one in _postorder([name], self.before) if one not in seen}
            seen |= part
            if len(part) > 1 or name in self.after[name]:
                found.append(part)
        return found


def _postorder(starts: Iterable[str], links: dict[str, list[str]]) -> list[str]:
    """Depth first without recursion: a diagram may be as deep as it likes."""
    order: list[str] = []
    seen: set[str] = set()
    for start in starts:
        stack = [(start, False)]
        while stack:
            name, done = stack.pop()
            if done:
                order.append(name)
            elif name not in seen:
                seen.add(name)
                stack.append((name, True))
                stack += [(one, False) for one in links[name] if one not in seen]
    return order
