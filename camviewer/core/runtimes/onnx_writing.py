"""Writes small ONNX graphs as bytes, for ONNX Runtime; the package onnx isn't needed.

Only what this program's own graphs consist of. The format is that of protocol buffers: a field is a number
with its kind, then an integer of variable length, or a length and so many bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

_ELEMENT_TYPES = {"float32": 1, "uint8": 2, "int64": 7}
"""ONNX's numbers for them."""
_INTEGER, _INTEGERS = 2, 7
"""Kinds of attributes: an integer, a list of them."""
_IR_VERSION, _OPSET = 8, 17


class GraphWriter:
    """Collects nodes and constants, in the order in which they are computed."""

    def __init__(self) -> None:
        self._nodes: list[bytes] = []
        self._constants: dict[bytes, str] = {}
        self._names = 0

    def constant(self, values: NDArray[Any]) -> str:
        """An array of float32, uint8 or int64; its name. The same one again isn't stored twice."""
        dims = b"".join(_integer(1, side) for side in values.shape)
        kind = _integer(2, _ELEMENT_TYPES[values.dtype.name])
        raw = _bytes(9, values.astype(values.dtype.newbyteorder("<")).tobytes())
        return self._constants.setdefault(dims + kind + raw, self._new_name())

    def node(self, operator: str, inputs: Sequence[str], **attributes: int | Sequence[int]) -> str:
        """One with one output; the output's name. attributes: integers and lists of them."""
        output = self._new_name()
        parts = [_text(1, name) for name in inputs] + [_text(2, output), _text(4, operator)]
        parts += [_bytes(5, _attribute(name, value)) for name, value in attributes.items()]
        self._nodes.append(b"".join(parts))
        return output

    def model(self, given: Mapping[str, Sequence[int]], made: Mapping[str, Sequence[int]]) -> bytes:
        """The model file. given, made: the graph's inputs and outputs, all uint8: name → shape."""
        tensors = (_bytes(5, parts + _text(8, name)) for parts, name in self._constants.items())
        graph = [*(_bytes(1, node) for node in self._nodes), _text(2, "camviewer"), *tensors]
        graph += [_bytes(11, _value(name, shape)) for name, shape in given.items()]
        graph += [_bytes(12, _value(name, shape)) for name, shape in made.items()]
        operators = _text(1, "") + _integer(2, _OPSET)
        return _integer(1, _IR_VERSION) + _bytes(7, b"".join(graph)) + _bytes(8, operators)

    def _new_name(self) -> str:
        self._names += 1
        return f"t{self._names}"


def _attribute(name: str, value: int | Sequence[int]) -> bytes:
    if isinstance(value, int):
        return _text(1, name) + _integer(3, value) + _integer(20, _INTEGER)
    return _text(1, name) + b"".join(_integer(8, each) for each in value) + _integer(20, _INTEGERS)


def _value(name: str, shape: Sequence[int]) -> bytes:
    """The type of an input or output of bytes."""
    sides = b"".join(_bytes(1, _integer(1, side)) for side in shape)
    tensor = _integer(1, _ELEMENT_TYPES["uint8"]) + _bytes(2, sides)
    return _text(1, name) + _bytes(2, _bytes(1, tensor))


def _integer(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _text(field: int, value: str) -> bytes:
    return _bytes(field, value.encode())


def _varint(value: int) -> bytes:
    """Seven bits in each byte, the lowest first; the eighth says that another byte follows. Not negative."""
    if value < 0:
        raise ValueError(f"{value} is negative")
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    parts.append(value)
    return bytes(parts)
