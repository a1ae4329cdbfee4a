"""Elements of JSON files of any size: found, counted, limited, and told when they are not what they should be."""

import json
import tracemalloc
from pathlib import Path

import pytest

from hilum.formats.json_stream import Element, JsonStream, Limits
from hilum.model.record import SourceProblem


def stream(
    folder: Path, content: bytes, arrays: tuple[str, ...] = ("entry",), limits: Limits | None = None
) -> JsonStream:
    path = folder / "in.json"
    path.write_bytes(content)
    return JsonStream(path, arrays, "SRC", "in.json", limits or Limits())


def taken(one: JsonStream) -> tuple[list[object], list[str]]:
    values: list[object] = []
    problems: list[str] = []
    for item in one.elements():
        if isinstance(item, Element):
            values.append(item.value)
        else:
            problems.append(item.reason)
    return values, problems


@pytest.mark.parametrize(
    ("content", "values"),
    [
        (b'{"type":"x","entry":[{"a":1},{"a":2}]}', [{"a": 1}, {"a": 2}]),
        (b'[{"a":1},{"b":{"c":[1,2,{"d":"}"}]}}]', [{"a": 1}, {"b": {"c": [1, 2, {"d": "}"}]}}]),
        (b'{"a":1}\n\n{"a":2}\r\n', [{"a": 1}, {"a": 2}]),
        (b'{\n  "a": {\n "b": "\\"{[" }\n}', [{"a": {"b": '"{['}}]),
        (b'\xef\xbb\xbf{"entry" : [ ] }', []),
        (b'{"entry":[3,"x",null,[1]]}', [3, "x", None, [1]]),
        (b"", []),
    ],
)
def test_every_shape_a_file_may_have_gives_its_elements(tmp_path: Path, content: bytes, values: list[object]) -> None:
    assert taken(stream(tmp_path, content)) == (values, [])


def test_the_other_members_of_the_outer_object_are_kept(tmp_path: Path) -> None:
    one = stream(tmp_path, b'{"resourceType":"Bundle","entry":[{"a":1}],"total":7}')
    taken(one)
    assert one.top == {"resourceType": "Bundle", "total": 7}


def test_a_nested_array_is_found_by_its_dotted_name(tmp_path: Path) -> None:
    one = stream(tmp_path, b'{"epcisBody":{"x":1,"eventList":[{"a":1}]}}', ("epcisBody.eventList",))
    assert taken(one) == ([{"a": 1}], [])
    assert one.top == {"epcisBody.x": 1}


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (b'{"a":NaN}', "json_element_malformed"),
        (b'{"a":Infinity}', "json_element_malformed"),
        (b'{"a":1e999}', "json_element_malformed"),
        (b'{"a":[}', "json_element_malformed"),
        (b'{"a":1,"a":2}', "json_key_twice"),
        (b'{"a":1,"a" :2}', "json_key_twice"),
        (b'{"a":{"b":1,"b":"\\":"}}', "json_key_twice"),
        (b'{"a":"\xff"}', "json_not_utf8"),
        (b'{"a":' + b"[" * 5_000 + b"]" * 5_000 + b"}", "json_too_deep_element"),
    ],
)
def test_a_bad_element_costs_itself_and_no_other(tmp_path: Path, bad: bytes, reason: str) -> None:
    values, problems = taken(
        stream(
            tmp_path,
            b'{"entry":[{"z":1},'
            + bad
            + b',{"z":2}],"t":"\xe4\xb8\xad\xe6\x96\x87\xe5\xad\x97\xe6\xaf\x8d\xe4\xb8\xad"}',
        )
    )
    assert values == [{"z": 1}, {"z": 2}]
    assert problems == [reason]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'{"entry":[{"z":1},{"a":"b', "json_truncated"),
        (b'{"entry":[{"z":1}', "json_truncated"),
        (b'{"entry":[{"z":1}}', "json_malformed"),
        (b'{"entry":[{"z":1},' + b'{"a":' * 5_000, "json_too_deep"),
    ],
)
def test_a_broken_frame_ends_the_file_and_keeps_what_was_read(tmp_path: Path, content: bytes, reason: str) -> None:
    assert taken(stream(tmp_path, content)) == ([{"z": 1}], [reason])


def test_the_problem_says_at_which_byte_and_after_how_many(tmp_path: Path) -> None:
    found = list(stream(tmp_path, b'{"entry":[{"z":1},{"a').elements())[-1]
    assert isinstance(found, SourceProblem)
    assert found.fatal
    assert found.values == {"offset": 19, "count": 1}


@pytest.mark.parametrize(
    "bad", [b'{"a":"' + b"\\\\x" * 4_000_000 + b'"}', b'{"a":[' + b'{"b":"]\\""},' * 500_000 + b"1]}"]
)
def test_an_element_over_the_limit_is_passed_over(tmp_path: Path, bad: bytes) -> None:
    content = b'{"entry":[{"z":1},' + bad + b',{"z":2}]}'
    values, problems = taken(stream(tmp_path, content, limits=Limits(element=1 << 20)))
    assert values == [{"z": 1}, {"z": 2}]
    assert problems == ["json_element_too_large"]


@pytest.mark.parametrize("encoding", ["utf-16", "gb18030"])
def test_another_encoding_is_recoded_and_told(tmp_path: Path, encoding: str) -> None:
    text = json.dumps({"entry": [{"姓名": "张三李四王五赵六" * 20}]}, ensure_ascii=False)
    values, problems = taken(stream(tmp_path, text.encode(encoding)))
    assert values == [{"姓名": "张三李四王五赵六" * 20}]
    assert problems == ["json_recoded"]


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    piece = json.dumps({"fullUrl": "urn:x", "resource": {"text": "x" * 900, "n": [{"a": 1}] * 10}}).encode()
    one = stream(tmp_path, b'{"entry":[' + b",".join([piece] * 20_000) + b"]}")
    tracemalloc.start()
    try:
        count = sum(1 for _ in one.elements())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 20_000
    assert peak < 8 << 20  # the file has 20 MB


def test_ten_thousand_broken_lines_are_told_in_few_words(tmp_path: Path) -> None:
    _, problems = taken(stream(tmp_path, b'{"a":NaN}\n' * 10_000))
    assert problems[-1] == "problems_left_out"
    assert len(problems) < 1_000
