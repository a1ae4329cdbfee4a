"""The order in which records arrive does not change where they end."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from hilum.model.record import Record
from tests.unit.registry.stage import Stage, consent, donor, specimen

RECORDS: Sequence[Record] = (
    donor("P1", line=1),
    consent("consented", "P1", line=2),
    specimen("S1", "P1", line=3),
    specimen("S1-A", "P1", line=4, parent_id="S1", volume_ul=1.0),
    specimen("S1-A-1", "P1", line=5, parent_id="S1-A", volume_ul=0.5),
    specimen("S2", "P1", line=6, storage_c=80.0),
    specimen("S2-A", "P1", line=7, parent_id="S2", volume_ul=1.0),
    specimen("S3", "P2", line=8),
    specimen("S4", "P1", line=9, parent_id="S9"),
)
EXPECTED = {
    "donor": "accepted",
    "S1": "accepted",
    "S1-A": "accepted",
    "S1-A-1": "accepted",
    "S2": "held",
    "S2-A": "held",
    "S3": "held",
    "S4": "held",
}


@settings(max_examples=60, deadline=None)
@given(order=st.permutations(RECORDS), size=st.integers(1, 4))
def test_any_order_in_batches_of_any_size_ends_in_the_same_bank(order: Sequence[Record], size: int) -> None:
    stage = Stage()
    for start in range(0, len(order), size):
        stage.take(*order[start : start + size])
    states = stage.states()
    assert {key: states[key] for key in EXPECTED} == EXPECTED
    assert {fact.key for fact in stage.unit._facts().values() if fact.kind == "specimen"} == {"S1", "S1-A", "S1-A-1"}
