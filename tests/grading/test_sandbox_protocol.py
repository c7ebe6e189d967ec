"""Bytes from a student's process: the parent decodes them to an answer, or rejects them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scratchae.grading.records import Call
from scratchae.grading.sandbox import protocol
from scratchae.grading.sandbox.child import wire
from scratchae.grading.sandbox.protocol import BrokenAnswerError, unpack_answer

pytestmark = pytest.mark.sandbox

CALL = Call("f", {"x": np.ones(2), "n": 3}, [("y", (2, 3), "float64"), ("k", (), "int64")])
VALUES = {0: np.arange(6.0).tobytes(), 1: np.int64(7).tobytes()}


def test_an_answer_comes_back_as_it_was_sent() -> None:
    answer = unpack_answer(CALL, wire.pack_answer("returned", outputs=VALUES), changed=1)
    assert answer.outcome == "returned" and answer.changed == ("x",)
    np.testing.assert_array_equal(answer.outputs[0], np.arange(6.0).reshape(2, 3))
    assert answer.outputs[1] == 7 and answer.outputs[1].shape == ()


@given(st.binary(max_size=200))
def test_any_bytes_are_an_answer_or_none(data: bytes) -> None:
    try:
        answer = unpack_answer(CALL, data)
    except BrokenAnswerError:
        return
    assert answer.outcome in wire.OUTCOMES
    assert all(output is None or output.nbytes <= len(data) for output in answer.outputs)


@given(st.data())
def test_a_damaged_answer_never_gives_an_array_of_another_form(data: st.DataObject) -> None:
    good = bytearray(wire.pack_answer("form", outputs=VALUES, faults=[(0, "dtype", "float32")], error=("E", "m", 3, 2)))
    for _ in range(data.draw(st.integers(1, 4))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(good)))
    try:
        answer = unpack_answer(CALL, bytes(good[:cut]))
    except BrokenAnswerError:
        return
    for output, (_, shape, dtype) in zip(answer.outputs, CALL.outputs, strict=True):
        assert output is None or (output.shape == shape and output.dtype == dtype and type(output) is np.ndarray)
    assert answer.outcome != "returned" or all(output is not None for output in answer.outputs)


@given(st.text(max_size=300), st.text(max_size=3000), st.integers(-(2**40), 2**40))
def test_texts_are_cut_and_cleaned(kind: str, message: str, line: int) -> None:
    data = wire.pack_answer("raised", error=(kind, message, max(line, 0), None))
    assert len(data) <= protocol.longest(CALL)
    error = unpack_answer(CALL, data).error
    if error is not None:
        assert len(error.type) <= wire.TYPE and len(error.message) <= wire.MESSAGE
        assert all(ch.isprintable() for ch in error.type + error.message)


@pytest.mark.parametrize("text", ["\x1b[2Jhidden", "a\x00b", "a\u202eb", "a\rb", "\x9b31m", "a\u2028b"])
def test_controls_become_a_visible_mark(text: str) -> None:
    cleaned = protocol.clean(text.encode())
    assert "\N{REPLACEMENT CHARACTER}" in cleaned and cleaned.isprintable()


def test_values_without_a_reason_are_no_answer() -> None:
    with pytest.raises(BrokenAnswerError, match="no values and no reason"):
        unpack_answer(CALL, wire.pack_answer("returned"))


def test_an_answer_that_claims_too_much_is_none() -> None:
    for broken in (
        b"",
        b"\xff" * 40,
        wire.pack_answer("returned", outputs=VALUES) + b"x",
        wire.pack_answer("returned", outputs=VALUES)[:-1],
    ):
        with pytest.raises(BrokenAnswerError):
            unpack_answer(CALL, broken)


def test_nan_is_a_fault_that_the_parent_sees_itself() -> None:
    data = wire.pack_answer("returned", outputs={0: np.array([1, np.nan, np.inf, 1, 1, 1]).tobytes(), 1: VALUES[1]})
    answer = unpack_answer(CALL, data)
    assert answer.outcome == "form" and answer.faults[0].got == "of 6 entries, 1 is nan and 1 is inf"


@pytest.mark.parametrize("value", [np.ones(2, "f4"), object(), [1.0], np.array(["a"])])
def test_what_does_not_go_through_the_pipe_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="the pipe (supports|does not support)"):
        protocol.pack_calls([Call("f", {"x": value}, [])])


def test_only_known_words_are_tried() -> None:
    assert protocol.tried(0) == () and protocol.tried(1) == ("network tried",)
    assert set(protocol.tried(2**32 - 1)) == set(wire.TRIED)


def test_a_time_out_of_a_file_is_read_from_any_bytes() -> None:
    told = ("TimeoutError", "still running", 7, None)
    assert wire.time_out_of(wire.pack_unfinished([told])) == told
    for other in ([], [("TimeoutError", "", 7, 2)], [("TimeoutError", "", None, None)], [("ValueError", "", 7, None)]):
        assert wire.time_out_of(wire.pack_unfinished(other)) is None
    whole = wire.pack_unfinished([told])
    for cut in range(len(whole)):
        wire.time_out_of(whole[:cut])


@pytest.mark.parametrize("announced", range(3), ids=["answers", "errors", "printed"])
def test_no_more_is_read_than_can_be_right(announced: int) -> None:
    def read(count: int) -> bytes:
        raise AssertionError(f"{count} bytes are read")

    most = (protocol.longest_reply([CALL]), wire.LONGEST_UNFINISHED, 1000)
    lengths = [0] * 6
    lengths[announced] = most[announced] + 1
    with pytest.raises(BrokenAnswerError, match="announced more"):
        protocol.answers_of([CALL], tuple(lengths), read, 1000)
