"""One tree of errors: each has a code, a status, an exit code of its own, and words with advice."""

from collections.abc import Iterator

import pytest

from hilum.errors import (
    AccessDenied,
    BadInputError,
    BusyError,
    ConflictError,
    HilumError,
    NetworkError,
    NotAuthenticatedError,
    NotFoundError,
    RuleError,
    StoreError,
)
from hilum.messages import LANGUAGES

TABLE = [
    (HilumError, "unexpected", 500, 1),
    (BadInputError, "bad_input", 400, 3),
    (RuleError, "bad_rule", 400, 4),
    (NotFoundError, "not_found", 404, 5),
    (AccessDenied, "access_denied", 403, 6),
    (ConflictError, "conflict", 409, 7),
    (StoreError, "store", 503, 8),
    (NetworkError, "network", 502, 11),
    (BusyError, "busy", 429, 12),
    (NotAuthenticatedError, "not_authenticated", 401, 13),
]


def _tree(root: type[HilumError]) -> Iterator[type[HilumError]]:
    yield root
    for kind in root.__subclasses__():
        yield from _tree(kind)


@pytest.mark.parametrize(("kind", "code", "status", "leaves"), TABLE, ids=[row[0].__name__ for row in TABLE])
def test_programs_can_rely_on_the_codes_of_an_error(
    kind: type[HilumError], code: str, status: int, leaves: int
) -> None:
    assert (kind.code, kind.http_status, kind.exit_code) == (code, status, leaves)


def test_the_table_is_the_whole_tree_and_no_two_errors_share_a_code() -> None:
    mine = [kind for kind in _tree(HilumError) if kind.__module__.startswith("hilum.")]
    assert {row[0] for row in TABLE} == set(mine)
    assert len({kind.code for kind in mine}) == len({kind.exit_code for kind in mine}) == len(mine)


def test_no_error_leaves_with_a_code_that_means_success_usage_or_work_to_do() -> None:
    assert not {kind.exit_code for kind in _tree(HilumError)} & {0, 2, 10, 130}


def test_a_bad_rule_is_bad_input() -> None:
    assert issubclass(RuleError, BadInputError)


def test_an_error_says_what_happened_and_what_to_do_in_both_languages() -> None:
    error = NotFoundError("record_unknown", record="REC-1")
    for language in LANGUAGES:
        assert "REC-1" in error.message(language)
        assert "⟨" not in error.message(language) + error.advice(language)
        assert error.advice(language).strip()
    assert error.message("zh") != error.message("en")
    assert str(error) == f"{error.message('en')} {error.advice('en')}"


def test_an_error_keeps_its_reason_and_values_for_programs() -> None:
    error = ConflictError("record_state", record="REC-1", state="held", wanted="accepted")
    assert error.reason == "record_state"
    assert error.values == {"record": "REC-1", "state": "held", "wanted": "accepted"}
    assert error.args == ("record_state",)


def test_a_value_may_be_called_reason() -> None:
    assert HilumError("anything", reason="why").values == {"reason": "why"}


def test_a_reason_nobody_wrote_words_for_is_found_out() -> None:
    with pytest.raises(KeyError):
        BadInputError("no_such_reason").message("zh")
