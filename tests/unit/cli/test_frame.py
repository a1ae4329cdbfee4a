"""What every command shares: options anywhere on the line, the language, and answers for people and for programs."""

import json
from collections.abc import Mapping
from pathlib import Path

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hilum.cli.frame import Frame, command, group, language_of, surroundings
from hilum.cli.stopping import USAGE, fail, guarded
from hilum.errors import BadInputError, HilumError, NotFoundError, RuleError
from hilum.messages import LANGUAGES, Language

_SHARED = (
    ["--json"],
    ["--home", "bank"],
    ["--home=bank"],
    ["--lang", "en"],
    ["--lang=en"],
    ["--as", "li"],
    ["--as=li"],
)


@pytest.mark.parametrize(
    ("chosen", "environment", "language"),
    [
        ("", {}, "zh"),
        ("en", {}, "en"),
        ("zh", {"HILUM_LANGUAGE": "en", "LANG": "en_US.UTF-8"}, "zh"),
        ("", {"HILUM_LANGUAGE": "en", "LANG": "zh_CN.UTF-8"}, "en"),
        ("", {"HILUM_LANGUAGE": "zh", "LANG": "en_US.UTF-8"}, "zh"),
        ("fr", {"HILUM_LANGUAGE": "en"}, "en"),
        ("", {"HILUM_LANGUAGE": "fr"}, "zh"),
        ("", {"LANG": "en_GB.UTF-8"}, "en"),
        ("", {"LANG": "zh_CN.UTF-8"}, "zh"),
        ("", {"LANG": "C.UTF-8"}, "zh"),
        ("", {"LANG": "de_DE.UTF-8"}, "zh"),
        ("", {"LC_ALL": "zh_CN.UTF-8", "LANG": "en_US.UTF-8"}, "zh"),
        ("", {"LC_MESSAGES": "en_US.UTF-8", "LANG": "zh_CN.UTF-8"}, "en"),
        ("", {"LC_ALL": "", "LC_MESSAGES": "en_US", "LANG": ""}, "en"),
    ],
)
def test_the_language_is_chosen_by_option_then_setting_then_locale(
    chosen: str, environment: Mapping[str, str], language: Language
) -> None:
    assert language_of(chosen, environment) == language


@given(st.permutations(list(range(len(_SHARED)))), st.lists(st.integers(0, 3), min_size=7, max_size=7))
def test_shared_options_may_stand_anywhere_on_the_line(order: list[int], places: list[int]) -> None:
    line: list[list[str]] = [["queue"], ["--limit"], ["5"]]
    for option, place in zip(order, places, strict=True):
        line.insert(min(place, len(line)), _SHARED[option])
    frame, rest = surroundings([word for words in line for word in words], {})
    assert rest == ["queue", "--limit", "5"]
    assert (frame.as_json, frame.home, frame.language, frame.account) == (True, Path("bank"), "en", "li")


def test_without_options_the_environment_and_the_defaults_hold() -> None:
    frame, rest = surroundings(["queue"], {})
    assert (frame.home, frame.language, frame.account, frame.as_json, rest) == (
        Path("hilum-bank"),
        "zh",
        "",
        False,
        ["queue"],
    )
    assert surroundings([], {"HILUM_HOME": "/srv/bank"})[0].home == Path("/srv/bank")
    assert surroundings(["--home", "here"], {"HILUM_HOME": "/srv/bank"})[0].home == Path("here")


def test_the_last_of_an_option_given_twice_counts() -> None:
    assert surroundings(["--as", "li", "queue", "--as=wang"], {})[0].account == "wang"


def test_what_follows_two_dashes_belongs_to_the_command() -> None:
    frame, rest = surroundings(["fix", "--", "--json", "--as", "li"], {})
    assert rest == ["fix", "--", "--json", "--as", "li"]
    assert (frame.as_json, frame.account) == (False, "")


def test_a_value_may_hold_an_equals_sign() -> None:
    frame, rest = surroundings(["fix", "--set", "storage_c=-80", "--home=/a=b"], {})
    assert (frame.home, rest) == (Path("/a=b"), ["fix", "--set", "storage_c=-80"])


@pytest.mark.parametrize(
    ("line", "rest"),
    [
        (["queue", "--lang", "fr"], ["queue", "--lang", "fr"]),
        (["queue", "--lang"], ["queue", "--lang"]),
        (["queue", "--home="], ["queue", "--home"]),
        (["queue", "--as"], ["queue", "--as"]),
        (["queue", "--json=yes"], ["queue", "--json=yes"]),
        (["queue", "--homes", "x"], ["queue", "--homes", "x"]),
    ],
)
def test_a_shared_option_that_is_wrong_is_left_for_the_command_to_refuse(line: list[str], rest: list[str]) -> None:
    assert surroundings(line, {})[1] == rest


def _tree(frame: Frame) -> click.Group:
    def act(frame: Frame, count: int) -> int:
        frame.answer({"数": count}, lambda console: console.print(f"{count} 份"))
        frame.note("interrupted")
        return 10 if count else 0

    return group(frame, "hilum", [command(frame, "count", act, [click.Argument(["count"], type=int)], key="queue")])


def _run(arguments: list[str]) -> int:
    frame, rest = surroundings(arguments, {})
    with pytest.raises(SystemExit) as left, guarded(frame, "count"):
        _tree(frame).main(args=rest, prog_name="hilum", standalone_mode=False)
    return int(left.value.code or 0)


def test_programs_get_json_alone_and_people_get_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(["count", "--json", "3"]) == 10
    out, err = capsys.readouterr()
    assert json.loads(out) == {"数": 3}
    assert "数" in out
    assert err == ""


def test_a_note_goes_to_standard_error_and_the_answer_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    frame = Frame("zh")
    frame.answer({}, lambda console: console.print("答案"))
    frame.note("interrupted")
    out, err = capsys.readouterr()
    assert out == "答案\n"
    assert err.strip() == frame.say("interrupted")


def test_a_command_that_answers_nothing_leaves_with_zero(capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(["count", "0", "--json"]) == 0


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "error",
    [
        NotFoundError("record_unknown", record="REC-1"),
        BadInputError("settings_unknown", place="a", name="b", known="c"),
        RuleError("predicate_empty", place="own.yaml:3"),
    ],
)
def test_an_error_is_json_for_programs_with_its_codes_and_words(
    error: HilumError, language: Language, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        fail(Frame(language, as_json=True), error)
    out, err = capsys.readouterr()
    assert left.value.code == error.exit_code
    assert out == ""
    assert json.loads(err) == {
        "error": error.code,
        "reason": error.reason,
        "message": error.message(language),
        "advice": error.advice(language),
    }


def test_an_error_is_words_for_people_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    error = NotFoundError("record_unknown", record="[red]REC-1[/red]")
    with pytest.raises(SystemExit) as left:
        fail(Frame("zh"), error)
    out, err = capsys.readouterr()
    assert (left.value.code, out) == (5, "")
    assert error.message("zh") in err
    assert error.advice("zh") in err


@pytest.mark.parametrize(
    "line",
    [
        ["count"],
        ["count", "three"],
        ["count", "1", "2"],
        ["count", "1", "--nothing"],
        ["cuont", "1"],
        ["count", "1", "--lang", "fr"],
        ["count", "1", "--home"],
        ["count", "1", "--json=yes"],
    ],
    ids=" ".join,
)
def test_a_line_typed_wrongly_leaves_with_the_code_for_usage_and_says_so_in_json(
    line: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(["--json", *line]) == USAGE
    out, err = capsys.readouterr()
    if line != ["count"]:  # a command without its arguments answers with its help
        told = json.loads(err)
        assert told["error"] == "usage"
        assert told["message"].strip()
        assert "⟨" not in told["message"] + told["advice"]
        assert out == ""


def test_every_command_shows_the_shared_options_in_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    frame = Frame("en")
    for tree in (_tree(frame), _tree(frame).commands["count"]):
        shown = tree.get_help(click.Context(tree, info_name="hilum"))
        assert all(option in shown for option in ("--home", "--lang", "--as", "--json"))
