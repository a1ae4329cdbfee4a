"""What an intake keeps of the records it held: enough to count them, and little of each."""

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from hilum.app.remembered import Remembered

FEW = st.sampled_from("abcdefgh")


@given(st.lists(st.tuples(st.booleans(), st.lists(FEW, max_size=4)), max_size=12))
def test_it_answers_as_a_set_of_the_texts_would(steps: list[tuple[bool, list[str]]]) -> None:
    seen, wanted = Remembered(), set[str]()
    for adding, texts in steps:
        if adding:
            for one in texts:
                seen.add(one)
            wanted |= set(texts)
        else:
            assert seen.take_out(texts) == len(set(texts) & wanted)
            wanted -= set(texts)
        assert {one for one in "abcdefgh" if one in seen} == wanted


def test_two_hundred_thousand_identifiers_take_less_than_twenty_bytes_each() -> None:
    seen = Remembered()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for number in range(200_000):
            seen.add(f"REC-{number:013X}-D")
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown < 20 * 200_000
    assert "REC-0000000000001-D" in seen
    assert "REC-0000000FFFFFF-D" not in seen
