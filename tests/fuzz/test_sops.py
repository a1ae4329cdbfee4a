"""Whatever bytes come as an SOP: an SOP that the strict reader takes back, or one of our own errors, nothing else."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hilum.app.sop import read_sop
from hilum.errors import BadInputError, HilumError
from hilum.formats.bpmn import duration, read_bpmn
from hilum.formats.specimen_definition import read_specimen_definition
from hilum.messages import LANGUAGES
from hilum.quality.process import Happening, assess, compile_sop, trace_of
from hilum.quality.sop import Sop
from hilum.quality.sop_text import as_text, load_sop, templates
from tests.fuzz.depth import look
from tests.unit.formats.test_bpmn import DIAGRAM
from tests.unit.formats.test_specimen_definition import DEFINITION

LOOK = look(400)
PIECES = st.sampled_from([
    "sop: a", "version: 1", "version: 1e9", "title: {zh: 甲, en: A}", "steps: [collect, freeze]", "constraints:",
    "- id: x", "  kind: within", "  step: collect", "  then: freeze", "  minutes: .inf", "&a", "*a", "!!python/x",
    "applies: 1/0", "\t", "\0", "{", "[", "]]>", "hint: {zh: 甲, en: A}", "deadline: {after: collect, minutes: 1}",
])  # fmt: skip


def speaks(told: HilumError) -> None:
    """An error of ours says what happened and what to do, with nothing left open."""
    for language in LANGUAGES:
        assert "⟨" not in told.message(language) + told.advice(language)


def holds(sop: Sop) -> None:
    """An SOP that was read can be written, read again, and asked of a story."""
    assert load_sop(as_text(sop), "again") == sop
    assess(compile_sop(sop), trace_of([Happening(step, "REC-1", 0, 0) for step in sop.steps]), 1)


@LOOK
@given(st.one_of(st.binary(max_size=400), st.lists(PIECES, max_size=14).map(lambda some: "\n".join(some).encode())))
def test_any_bytes_in_a_file_are_an_sop_or_our_own_error(content: bytes) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "sop.yaml"
        file.write_bytes(content)
        try:
            sop, _ = read_sop(str(file))
        except HilumError as told:
            speaks(told)
        else:
            holds(sop)


@LOOK
@given(st.data())
def test_a_diagram_with_lines_lost_doubled_or_swapped_is_read_or_refused(data: st.DataObject) -> None:
    lines = DIAGRAM.strip().splitlines()
    kept = data.draw(st.lists(st.sampled_from(lines[2:-2]), max_size=30))
    broken = data.draw(st.sampled_from(["", "", "&x;", "<", '<!DOCTYPE a [<!ENTITY x "y">]>']))
    content = "\n".join([*lines[:2], *kept, broken, *lines[-2:]]).encode()
    try:
        sop, notices = read_bpmn(content, "sop.bpmn")
    except BadInputError as told:
        speaks(told)
    else:
        holds(sop)
        assert all(notice.reason for notice in notices)


@st.composite
def definitions(draw: st.DrawFn) -> object:
    """A definition with some value anywhere in it replaced by another JSON value."""
    found = json.loads(DEFINITION)
    odd = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=9), st.just([]), st.just({}))
    for _ in range(draw(st.integers(1, 3))):
        place = found
        while True:
            key = draw(st.sampled_from(list(place) if isinstance(place, dict) else range(len(place))))
            if isinstance(place[key], dict | list) and place[key] and draw(st.booleans()):
                place = place[key]
                continue
            place[key] = draw(odd)
            break
    return found


@LOOK
@given(definitions())
def test_a_definition_with_odd_values_anywhere_is_read_or_refused(definition: object) -> None:
    try:
        sop, _ = read_specimen_definition(json.dumps(definition).encode(), "sop.json")
    except BadInputError as told:
        speaks(told)
    else:
        holds(sop)


@given(st.text(alphabet="PTWDHMS0123456789.,-", max_size=12))
def test_any_duration_is_minutes_or_nothing(written: str) -> None:
    found = duration(written)
    assert found is None or found >= 0


@pytest.mark.parametrize("name", sorted(templates()))
def test_a_template_survives_the_reader_it_was_written_for(name: str) -> None:
    holds(templates()[name])
