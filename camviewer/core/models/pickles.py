"""Reads pickles and runs nothing of them: what they name is not imported, what they call is not called.

Python's own unpickler, even with its `find_class` overridden, calls, hashes, compares and allocates what the
file says; nested tuples as a key of a dict keep it busy for ever. Here `pickletools` reads the operations,
and a small machine makes plain data of them.
"""

from __future__ import annotations

import pickletools
from collections.abc import Callable, Mapping, Sequence
from typing import IO, Any

MAX_OPERATIONS = 1_500_000
"""Of one pickle; a state dict takes some thirty a tensor. Each makes a small object at most."""
MAX_PICKLE = 200_000_000
"""Bytes of a pickle that is in memory as a whole; a state dict takes some hundreds a tensor."""
_MAX_BITS = 1024
"""Of an integer: hashing large ones takes time."""
_MAX_KEY = 16
"""Elements of a tuple that is a key."""

_ARGUMENTS = frozenset(
    each.name for each in pickletools.opcodes if each.arg and not each.stack_before and each.stack_after
) - {"GLOBAL", "PERSID", "GET", "BINGET", "LONG_BINGET", "EXT1", "EXT2", "EXT4"}
"""Operations that push their argument."""
_NEW: Mapping[str, Callable[[], object]] = {
    "NONE": lambda: None,
    "NEWTRUE": lambda: True,
    "NEWFALSE": lambda: False,
    "EMPTY_TUPLE": tuple,
    "EMPTY_LIST": list,
    "EMPTY_DICT": dict,
    "EMPTY_SET": list,  # its members would be hashed
}
_GROUPS: Mapping[str, Callable[[list[object]], object]] = {
    "TUPLE": tuple,
    "LIST": list,
    "FROZENSET": tuple,
    "DICT": lambda items: put({}, items),
}
"""What is made of everything above the last mark."""
_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}


class PickleError(ValueError):
    """A pickle that is damaged or asks for too much."""


class StandIn:
    """What a pickle names (args is None) or makes by a call (args are the call's). It does nothing.

    path: such as ``argparse.Namespace``. state: what it would have got; items and entries: what it would have
    held as a list and as a dict.
    """

    __slots__ = ("args", "entries", "items", "path", "state")

    def __init__(self, path: str, args: tuple[object, ...] | None = None) -> None:
        self.path, self.args = path, args
        self.state: object = None
        self.items: list[object] = []
        self.entries: dict[Any, object] = {}

    def __repr__(self) -> str:
        return self.path


Call = Callable[..., object]


def unpickle(
    file: IO[bytes],
    calls: Mapping[str, Call],
    persistent: Callable[[object], object],
    paths: set[str],
) -> object:
    """The first pickle in a file as plain data, and stand-ins for the rest; sets become lists and tuples.

    calls: what to make of the calls of a few names. persistent: what to make of persistent ids. paths: gets
    the names of all that the pickle wanted to import. Raises PickleError, ValueError, LookupError, TypeError
    and what `calls` and `persistent` raise if the pickle is damaged.
    """
    machine = _Machine(calls, persistent, paths)
    for count, (operation, argument, _) in enumerate(pickletools.genops(file)):
        if count >= MAX_OPERATIONS:
            raise PickleError("too many operations")
        if operation.name == "STOP":
            break
        machine.step(operation.name, argument)
    return machine.stack.pop()


class _Machine:
    def __init__(
        self, calls: Mapping[str, Call], persistent: Callable[[object], object], paths: set[str]
    ) -> None:
        self.calls, self.persistent, self.paths = calls, persistent, paths
        self.stack: list[Any] = []
        self._below: list[list[Any]] = []
        """What lies below each mark."""
        self._memo: dict[int, object] = {}

    def step(self, name: str, argument: Any) -> None:
        """Do one operation."""
        stack = self.stack
        if name in _ARGUMENTS:
            if type(argument) is int and argument.bit_length() > _MAX_BITS:
                raise PickleError("a huge integer")
            stack.append(argument)
        elif name in _NEW:
            stack.append(_NEW[name]())
        elif name in _GROUPS:
            items = self._above_mark()
            self.stack.append(_GROUPS[name](items))
        elif name in _TUPLES:
            self._replace(_TUPLES[name], lambda *items: items)
        else:
            self._act(name, argument)

    def _act(self, name: str, argument: Any) -> None:
        stack = self.stack
        match name:
            case "BINGET" | "LONG_BINGET" | "GET":
                stack.append(self._memo[argument])
            case "BINPUT" | "LONG_BINPUT" | "PUT":
                self._memo[argument] = stack[-1]
            case "MEMOIZE":
                self._memo[len(self._memo)] = stack[-1]
            case "MARK":
                self._below.append(stack)
                self.stack = []
            case "GLOBAL":
                stack.append(self._named(*argument.split(" ", 1)))
            case "STACK_GLOBAL":
                self._replace(2, self._named)
            case "PERSID":
                stack.append(self.persistent(argument))
            case "BINPERSID":
                self._replace(1, self.persistent)
            case "REDUCE" | "NEWOBJ":
                self._replace(2, self._called)
            case "NEWOBJ_EX":
                self._replace(3, lambda function, args, _: self._called(function, args))
            case "OBJ":
                function, *args = self._above_mark()
                self.stack.append(self._called(function, tuple(args)))
            case "INST":
                args = self._above_mark()
                self.stack.append(self._called(self._named(*argument.split(" ", 1)), tuple(args)))
            case "BUILD":
                state = stack.pop()
                if isinstance(stack[-1], StandIn):
                    stack[-1].state = state
            case "APPEND":
                item = stack.pop()
                _extend(stack[-1], [item])
            case "APPENDS" | "ADDITEMS":
                items = self._above_mark()
                _extend(self.stack[-1], items)
            case "SETITEM":
                items = [stack.pop(-2), stack.pop()]
                put(stack[-1], items)
            case "SETITEMS":
                items = self._above_mark()
                put(self.stack[-1], items)
            case "DUP":
                stack.append(stack[-1])
            case "POP":
                self.stack.pop() if stack else self._above_mark()
            case "POP_MARK":
                self._above_mark()
            case "PROTO" | "FRAME":
                pass
            case _:  # the registry of extensions, buffers beside the pickle
                raise PickleError(f"{name} is not for files")

    def _above_mark(self) -> list[Any]:
        items, self.stack = self.stack, self._below.pop()
        return items

    def _replace(self, count: int, make: Call) -> None:
        """Put what `make` makes of the last so many in their place."""
        items = self.stack[-count:]
        if len(items) < count:
            raise PickleError("nothing on the stack")
        self.stack[-count:] = [make(*items)]

    def _named(self, module: object, name: object) -> StandIn:
        if not isinstance(module, str) or not isinstance(name, str):
            raise PickleError("a name that is no text")
        path = f"{module}.{name}"
        self.paths.add(path)
        return StandIn(path)

    def _called(self, function: object, args: object) -> object:
        if not isinstance(args, tuple):
            raise PickleError("arguments that are no tuple")
        path = function.path if isinstance(function, StandIn) and function.args is None else ""
        call = self.calls.get(path)
        return StandIn(path, args) if call is None else call(*args)


def _extend(target: object, items: list[object]) -> None:
    if isinstance(target, StandIn):
        target = target.items
    if not isinstance(target, list):
        raise PickleError("items for what is no list")
    target.extend(items)


def put(target: object, items: Sequence[object]) -> object:
    """Set entries of a dict or stand-in, keys and values by turns, and return it.

    What isn't a simple key is left out: hashing it could take for ever. Raises PickleError for odd numbers.
    """
    entries = target.entries if isinstance(target, StandIn) else target
    if not isinstance(entries, dict) or len(items) % 2:
        raise PickleError("entries for what is no dict")
    for key, value in zip(items[::2], items[1::2], strict=True):
        if _simple(key) or (type(key) is tuple and len(key) <= _MAX_KEY and all(map(_simple, key))):
            entries[key] = value
    return target


def _simple(key: object) -> bool:
    return key is None or isinstance(key, str | bytes | int | float | StandIn)
