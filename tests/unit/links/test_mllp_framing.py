"""MLLP's frames, wherever the bytes were cut."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hilum.links.mllp_framing import Dropped, Frame, Framer, Heard, Noise, Unfinished, framed

MESSAGE = b"MSH|^~\\&|LIS|H|HILUM|B|20260801||ORU^R01|1|P|2.5.1\rPID|1||P-1\r"
SECOND = MESSAGE.replace(b"|1|P", b"|2|P")


def heard(*parts: bytes, largest: int = 10_000) -> list[Heard]:
    framer = Framer(largest)
    found = [one for part in parts for one in framer.feed(part)]
    return found + framer.finish()


def test_a_frame_split_at_every_position_is_the_same_message() -> None:
    whole = framed(MESSAGE)
    for cut in range(len(whole) + 1):
        assert heard(whole[:cut], whole[cut:]) == [Frame(MESSAGE)]


def test_a_frame_that_drips_byte_by_byte_is_the_same_message() -> None:
    assert heard(*(bytes([one]) for one in framed(MESSAGE))) == [Frame(MESSAGE)]


def test_two_frames_in_one_packet_are_two_messages_in_order() -> None:
    assert heard(framed(MESSAGE) + framed(SECOND)) == [Frame(MESSAGE), Frame(SECOND)]


def test_bytes_between_frames_are_told_and_do_no_harm() -> None:
    found = heard(b"hello" + framed(MESSAGE) + b"\r\n \0" + framed(SECOND) + b"rest")
    assert found == [Noise(b"hello", 5), Frame(MESSAGE), Frame(SECOND), Noise(b"rest", 4)]


def test_a_frame_without_an_end_is_never_a_message() -> None:
    assert heard(b"\x0b" + MESSAGE) == [Unfinished(len(MESSAGE) + 1)]


def test_a_sender_that_starts_again_in_the_middle_loses_only_the_half() -> None:
    half = MESSAGE[:20]
    assert heard(b"\x0b" + half + framed(SECOND)) == [Unfinished(20), Frame(SECOND)]


def test_a_frame_too_large_is_dropped_with_its_beginning_and_the_next_one_is_heard() -> None:
    large = MESSAGE + b"x" * 500
    for size in (1, 7, 1000):
        sent = framed(large) + framed(SECOND)
        parts = [sent[at : at + size] for at in range(0, len(sent), size)]
        first, second = heard(*parts, largest=200)
        assert isinstance(first, Dropped)
        assert first.size == len(large)
        assert large.startswith(first.head)
        assert b"MSH" in first.head
        assert second == Frame(SECOND)


def test_what_is_kept_of_a_frame_that_is_too_large_stays_small() -> None:
    framer = Framer(1_000)
    framer.feed(b"\x0b")
    for _ in range(1_000):
        framer.feed(b"y" * 1_000)
        assert framer.held <= 2_002
    assert framer.begun >= 1_000_000


def test_a_frame_there_is_no_room_for_says_so() -> None:
    framer = Framer(10_000)
    framer.feed(b"\x0b" + MESSAGE)
    framer.drop()
    (found,) = framer.feed(b"more\x1c\r")
    assert found == Dropped(MESSAGE, len(MESSAGE) + 4, crowded=True)


def test_an_end_whose_carriage_return_never_comes_is_an_end_after_a_pause() -> None:
    framer = Framer(10_000)
    assert framer.feed(b"\x0b" + MESSAGE + b"\x1c") == []
    assert framer.pause() == [Frame(MESSAGE)]
    assert framer.feed(b"\r" + framed(SECOND)) == [Frame(SECOND)]


@pytest.mark.parametrize("end", [b"\x1c\n", b"\x1c\x0b"])
def test_other_ends_that_leave_no_doubt_are_ends(end: bytes) -> None:
    rest = SECOND + b"\x1c\r"
    sent = b"\x0b" + MESSAGE + end + (rest if end.endswith(b"\x0b") else b"\x0b" + rest)
    assert heard(sent) == [Frame(MESSAGE), Frame(SECOND)]


def test_an_end_character_in_the_middle_of_a_text_is_text() -> None:
    odd = MESSAGE + b"NTE|1||a\x1cb\r"
    assert heard(framed(odd)) == [Frame(odd)]


def test_an_empty_frame_is_nothing() -> None:
    assert heard(framed(b"") + framed(b"\r\n") + framed(MESSAGE)) == [Frame(MESSAGE)]


PIECES = st.lists(
    st.sampled_from(
        [b"\x0b", b"\x1c", b"\r", b"\n", b"MSH|^~\\&|", b"PID|1", b"x" * 40, framed(MESSAGE), b"\0", b" y "]
    ),
    max_size=14,
)


@given(PIECES, st.lists(st.integers(0, 400), max_size=12))
def test_where_the_bytes_were_cut_never_matters(pieces: list[bytes], cuts: list[int]) -> None:
    sent = b"".join(pieces)
    places = sorted({0, len(sent), *(cut for cut in cuts if cut < len(sent))})
    parts = [sent[start:end] for start, end in pairwise(places)]
    assert heard(*parts, largest=100) == heard(sent, largest=100)


@given(
    st.lists(
        st.binary(min_size=1, max_size=60).filter(lambda one: not set(one) & {0x0B, 0x1C} and one.strip(b" \t\r\n\0"))
    )
)
def test_what_was_framed_comes_out_as_it_went_in(messages: list[bytes]) -> None:
    assert heard(b"".join(map(framed, messages))) == [Frame(one) for one in messages]
