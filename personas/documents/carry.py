"""Carrying operations from one version of a document over to another, one at a time."""

from __future__ import annotations

from personas.documents.canonical import Json, Op, json_equal
from personas.documents.paired_tree import (
    Node,
    attach,
    child_of,
    detach,
    line_to,
    plant,
    plant_agreed,
    plant_pair,
    position,
    value_of,
)
from personas.documents.pointer import END, Tokens, join, split

# Where half of an operation goes in the current document; None where it is done there already.
_Place = Tokens | None


class _Clash(Exception):
    """Both sides moved at ``tokens``; ``done`` tells that the shadow has the operation already."""

    def __init__(self, tokens: Tokens, theirs: Json = None, *, done: bool = False) -> None:
        self.tokens, self.theirs, self.done = tokens, theirs, done


class _Lost(Exception):
    """The operation works on what an earlier clash left undecided."""


class Carrier:
    """Two trees in step: ``shadow`` is the base and ``target`` the current document, both edited.

    ``ops`` collects the operations as they read for the current document. ``clashes`` maps each
    place (in the coordinates of the diff) to what the current document holds there.
    """

    def __init__(self, base: Json, current: Json) -> None:
        self.shadow, self.target = plant_pair(base, current)
        self.ops: list[Op] = []
        self.clashes: dict[Tokens, Json] = {}

    def carry(self, op: Op) -> None:
        """Apply one operation to both trees, or to the shadow alone where it clashes."""
        try:
            carried = _HANDLERS[op["op"]](self, op)
        except _Clash as clash:
            self.clashes.setdefault(clash.tokens, clash.theirs)
            if not clash.done:
                self._shadow_only(op)
        except _Lost:
            self._shadow_only(op)
        else:
            if carried is not None:
                self.ops.append(carried)

    def _test(self, op: Op) -> Op | None:
        tokens = split(op["path"])
        line = self._line(tokens)
        place = _translate(tokens, line)
        peer = _peer_of(line[-1], tokens)
        if not json_equal(value_of(peer), op["value"]):
            raise _Clash(tokens, value_of(peer))
        return {**op, "path": join(place)}

    def _remove(self, op: Op) -> Op | None:
        place = self._take(split(op["path"]))
        return None if place is None else {"op": "remove", "path": join(place)}

    def _add(self, op: Op) -> Op | None:
        place = self._put(split(op["path"]), op["value"], insert=True)
        return None if place is None else {**op, "path": join(place)}

    def _replace(self, op: Op) -> Op | None:
        place = self._put(split(op["path"]), op["value"], insert=False)
        return None if place is None else {**op, "path": join(place)}

    def _copy(self, op: Op) -> Op | None:
        source = split(op["from"])
        line = self._line(source)
        origin = _translate(source, line)
        value, peer = value_of(line[-1]), _peer_of(line[-1], source)
        if not json_equal(value, value_of(peer)):
            raise _Clash(source, value_of(peer))
        place = self._put(split(op["path"]), value, insert=True)
        return None if place is None else {"op": "copy", "from": join(origin), "path": join(place)}

    def _move(self, op: Op) -> Op | None:
        source, goal = split(op["from"]), split(op["path"])
        if source == goal:
            return None
        line = self._line(source)
        value, theirs = value_of(line[-1]), _theirs(line[-1])
        origin = self._take(source)
        try:
            place = self._put(goal, value, insert=True)
        except (_Clash, _Lost):
            attach(line[-2], source[-1], line[-1], insert=True)
            raise
        if (origin is None) != (place is None):
            # One side deleted or duplicated what the other moved.
            raise _Clash(source, theirs, done=True)
        if origin is None or place is None:
            return None
        return {"op": "move", "from": join(origin), "path": join(place)}

    def _take(self, tokens: Tokens) -> _Place:
        """Detach the value at ``tokens`` from both trees."""
        line = self._line(tokens)
        parent, child = line[-2], line[-1]
        above = _translate(tokens[:-1], line[:-1])
        peer = _container(parent, tokens[:-1])
        if child.peer is None:
            if parent.kind == "array" and not parent.tight:
                raise _Clash(tokens[:-1], value_of(peer))
            detach(parent, tokens[-1])
            parent.gone.add(tokens[-1])
            return None
        if not child.clean:
            raise _Clash(tokens, value_of(child.peer))
        last = _last_token(tokens, parent, child)
        detach(parent, tokens[-1])
        detach(peer, last)
        return (*above, last)

    def _put(self, tokens: Tokens, value: Json, *, insert: bool) -> _Place:
        """Write ``value`` at ``tokens`` in both trees."""
        if not tokens:
            return self._put_root(value)
        line = self._line(tokens[:-1])
        parent = line[-1]
        above = _translate(tokens[:-1], line)
        _container(parent, tokens[:-1])
        if parent.kind == "array" and insert:
            last = _insert(tokens, parent, value)
        else:
            last = _overwrite(tokens, parent, value)
        return None if last is None else (*above, last)

    def _put_root(self, value: Json) -> _Place:
        self._line(())
        if not self.shadow.clean:
            raise _Clash((), value_of(self.target))
        self.shadow, self.target = plant_pair(value, value)
        return ()

    def _line(self, tokens: Tokens) -> list[Node]:
        line = line_to(self.shadow, tokens)
        if any(node.lost for node in line) or len(line) <= len(tokens):
            raise _Lost
        return line

    def _shadow_only(self, op: Op) -> None:
        name, tokens = op["op"], split(op["path"])
        if name == "test":
            return
        if name == "remove":
            detach(line_to(self.shadow, tokens)[-2], tokens[-1])
            return
        if name in ("move", "copy"):
            source = split(op["from"])
            line = line_to(self.shadow, source)
            value = value_of(line[-1])
            if name == "move" and source != tokens:
                detach(line[-2], source[-1])
        else:
            value = op["value"]
        node = plant(value)
        node.lost = True
        if tokens:
            parent = line_to(self.shadow, tokens[:-1])[-1]
            insert = name != "replace" and not (name == "move" and op["from"] == op["path"])
            attach(parent, tokens[-1], node, insert=insert)
        else:
            self.shadow = node


_HANDLERS = {
    "test": Carrier._test,
    "remove": Carrier._remove,
    "add": Carrier._add,
    "replace": Carrier._replace,
    "copy": Carrier._copy,
    "move": Carrier._move,
}


def _theirs(node: Node) -> Json:
    return None if node.peer is None else value_of(node.peer)


def _peer_of(node: Node, tokens: Tokens) -> Node:
    if node.peer is None:
        raise _Clash(tokens)
    return node.peer


def _container(node: Node, tokens: Tokens) -> Node:
    """The counterpart of a container, proved to be of the same kind."""
    peer = _peer_of(node, tokens)
    if peer.kind != node.kind:
        raise _Clash(tokens, value_of(peer))
    return peer


def _translate(tokens: Tokens, line: list[Node]) -> Tokens:
    """``tokens`` as they read in the current document."""
    return tuple(
        _last_token(tokens[: depth + 1], line[depth], line[depth + 1])
        for depth in range(len(tokens))
    )


def _last_token(tokens: Tokens, parent: Node, child: Node) -> str:
    peer = _container(parent, tokens[:-1])
    if parent.kind == "object":
        if child.peer is None or peer.members.get(tokens[-1]) is not child.peer:
            raise _Clash(tokens, _theirs(child))
        return tokens[-1]
    at = -1 if child.peer is None else position(peer, child.peer)
    if at < 0:
        raise _Clash(tokens[:-1], value_of(peer))
    return str(at)


def _overwrite(tokens: Tokens, parent: Node, value: Json) -> str | None:
    """Set a member, or replace an element; returns its name in the current document."""
    token, peer = tokens[-1], _container(parent, tokens[:-1])
    child = child_of(parent, token)
    if child is None:
        theirs = peer.members.get(token)
        if theirs is None and token in parent.gone:
            raise _Clash(tokens)
        done = theirs is not None and json_equal(value_of(theirs), value)
        if theirs is not None and not done:
            raise _Clash(tokens, value_of(theirs))
        last = token
    else:
        if child.lost:
            raise _Lost
        last = _last_token(tokens, parent, child)
        counterpart = _peer_of(child, tokens)
        done = not child.clean
        if done and not json_equal(value_of(counterpart), value):
            raise _Clash(tokens, value_of(counterpart))
    mine, its = plant_agreed(value) if done else plant_pair(value, value)
    attach(parent, token, mine, insert=False)
    attach(peer, last, its, insert=False)
    return None if done else last


def _insert(tokens: Tokens, parent: Node, value: Json) -> str | None:
    """Insert an element between the neighbours that it was meant for.

    Between neighbours that are no longer next to each other there is no one right place.
    """
    peer = _container(parent, tokens[:-1])
    at = len(parent.items) if tokens[-1] == END else int(tokens[-1])
    left = _neighbour(parent, peer, at - 1, tokens)
    right = _neighbour(parent, peer, at, tokens)
    if parent.gone:
        # Where both sides took elements away, a new one may be what replaces them.
        raise _Clash(tokens[:-1], value_of(peer))
    if right == left + 1:
        mine, its = plant_pair(value, value)
        attach(parent, str(at), mine, insert=True)
        attach(peer, str(right), its, insert=True)
        return END if tokens[-1] == END else str(right)
    between = peer.items[left + 1] if right == left + 2 else None
    if between is None or between.peer is not None or not json_equal(value_of(between), value):
        raise _Clash(tokens[:-1], value_of(peer))
    mine, its = plant_agreed(value)
    attach(parent, str(at), mine, insert=True)
    attach(peer, str(left + 1), its, insert=False)
    return None


def _neighbour(parent: Node, peer: Node, at: int, tokens: Tokens) -> int:
    if at < 0:
        return -1
    if at >= len(parent.items):
        return len(peer.items)
    node = parent.items[at]
    if node.lost:
        raise _Lost
    place = -1 if node.peer is None else position(peer, node.peer)
    if place < 0:
        raise _Clash(tokens[:-1], value_of(peer))
    return place
