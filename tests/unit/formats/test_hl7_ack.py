"""What an HL7 v2 message is answered, in the sender's own dialect."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hilum.formats.hl7_ack import (
    MOST,
    Head,
    Note,
    acknowledgement,
    code_of,
    encoding_of,
    head_of,
    verdict_of,
)
from hilum.formats.hl7_message import Message, parse

AT = "2026-08-01T00:30:00.000000Z"
MSH = "MSH|^~\\&|LIS|H1|HILUM|B1|20260801083000||OUL^R22^OUL_R22|C-7|T|{version}|||{modes}||{charset}"
TAIL = "PID|1||P-1||张^伟\rSPM|1|S-1||BLD\rSPM|2|S-2||SER\r"


def message(version: str = "2.5.1", modes: str = "|", charset: str = "UNICODE UTF-8", encoding: str = "utf-8") -> bytes:
    return f"{MSH.format(version=version, modes=modes, charset=charset)}\r{TAIL}".encode(encoding)


def head(sent: bytes | None = None, usual: str = "UNICODE UTF-8") -> Head:
    found = head_of(message() if sent is None else sent, usual)
    assert found is not None
    return found


def read(answer: bytes, encoding: str = "utf-8") -> Message:
    lines = answer.decode(encoding).rstrip("\r").split("\r")
    return parse(1, list(enumerate(lines, 1)), bytes.decode)


def record(**more: object) -> dict[str, object]:
    finding: dict[str, object] = {
        "rule": "SPC-CODE-001",
        "severity": "block",
        "dimension": "accuracy",
        "field": "specimen_type",
        "found": "BLD",
        "title": "Type must be known",
        "why": "w",
        "hint": "Write the type | as listed",
        "waived": False,
    }
    return {"kind": "specimen", "line": 4, "state": "held", "findings": [finding | more]}


def answered(*records: Mapping[str, object], **more: object) -> dict[str, object]:
    held = sum(one["state"] == "held" for one in records)
    return {
        "state": "done",
        "accepted": len(records) - held,
        "held": held,
        "records": list(records),
        "problems": [],
    } | more


def test_sender_and_receiver_change_places_and_the_rest_is_echoed() -> None:
    answer = read(acknowledgement(head(), "AA", "OURS", AT, said="fine"))
    msh, msa = answer.segments
    assert [msh.text(number) for number in (3, 4, 5, 6)] == ["HILUM", "B1", "LIS", "H1"]
    assert msh.raw(9) == "ACK^R22^ACK"
    assert (msh.text(7), msh.text(10), msh.text(11), msh.text(12), msh.text(18)) == (
        "20260801003000+0000",
        "OURS",
        "T",
        "2.5.1",
        "UNICODE UTF-8",
    )
    assert [msa.text(number) for number in (1, 2, 3)] == ["AA", "C-7", "fine"]


def test_a_finding_names_segment_occurrence_field_rule_severity_and_hint() -> None:
    letter, _, notes = verdict_of(answered(record()), message(), "en")
    assert code_of(letter) == "AE"
    err = read(acknowledgement(head(), "AE", "OURS", AT, notes=notes)).segments[2]
    assert err.raw(2) == "SPM^2^4"
    assert err.raw(3) == "103^Table value not found^HL70357"
    assert err.text(4) == "E"
    assert err.raw(5) == "SPC-CODE-001^Type must be known^HILUM"
    assert err.text(7) == "SPC-CODE-001"
    assert err.whole(8) == "Write the type | as listed"


def test_a_sender_before_version_2_5_gets_the_one_field_it_knows() -> None:
    sent = message(version="2.4")
    _, _, notes = verdict_of(answered(record(), record()), sent, "en")
    msh, _, err = read(acknowledgement(head(sent), "AE", "OURS", AT, notes=notes)).segments
    assert msh.raw(9) == "ACK^R22"
    first, second = err.repetitions(1)
    assert first == second
    assert first.startswith("SPM^2^4^103&Write the type \\F\\ as listed&HL70357&SPC-CODE-001")
    assert err.raw(2) == ""


def test_everything_accepted_is_aa_and_warnings_are_said_along() -> None:
    letter, words, notes = verdict_of(answered(record(severity="warn") | {"state": "accepted"}), message(), "en")
    assert letter == "A"
    assert words.startswith("1 accepted")
    assert [one.severity for one in notes] == ["W"]


def test_a_waived_finding_is_not_said_again() -> None:
    assert verdict_of(answered(record(waived=True) | {"state": "accepted"}), message(), "en")[2] == []


def test_a_missing_value_is_a_required_field_missing() -> None:
    sent = answered(record(dimension="completeness", found="", rule="SPC-COMP-1", field="specimen.collected_at"))
    (note,) = verdict_of(sent, message(), "en")[2]
    assert (note.code, note.where) == ("101", "SPM^2^17")


def test_a_field_of_another_segment_is_named_there() -> None:
    (note,) = verdict_of(answered(record(field="donor_id")), message(), "en")[2]
    assert note.where == "PID^1^3"


def test_nothing_readable_is_ar_with_the_problem() -> None:
    problem = {"reason": "hl7_type_not_used", "text": "not used", "line": 1, "fatal": False}
    letter, _, (note,) = verdict_of(answered(problems=[problem]), message(), "en")
    assert (letter, note.code, note.severity, note.words) == ("R", "200", "E", "not used")


def test_a_message_set_aside_is_ar() -> None:
    letter, words, notes = verdict_of({"state": "aside", "text": "kept", "records": []}, message(), "en")
    assert (letter, words, len(notes)) == ("R", "kept", 1)


def test_a_problem_beside_records_is_a_warning() -> None:
    problem = {"reason": "hl7_segments_not_used", "text": "Z", "line": 1, "fatal": False}
    letter, _, (note,) = verdict_of(answered(record() | {"state": "accepted", "findings": []}, problems=[problem]),
                                    message(), "en")  # fmt: skip
    assert (letter, note.severity) == ("A", "W")


def test_what_is_beyond_the_limit_is_counted() -> None:
    _, _, notes = verdict_of(answered(*[record()] * (MOST + 5)), message(), "en")
    answer = read(acknowledgement(head(), "AE", "OURS", AT, notes=notes))
    assert len(answer.segments) == 2 + MOST + 1
    assert answer.segments[-1].text(8) == "+ 5"


@pytest.mark.parametrize(
    ("charset", "encoding"),
    [("UNICODE UTF-8", "utf-8"), ("GB 18030-2000", "gb18030"), ("GBK", "gb18030"), ("BIG-5", "big5")],
)
def test_the_answer_is_written_in_the_senders_character_set(charset: str, encoding: str) -> None:
    words = "樣本" if encoding == "big5" else "样本类型"
    sent = message(charset=charset, encoding="utf-8").replace("张^伟".encode(), words.encode(encoding))
    found = head(sent)
    assert found.can_say(words)
    answer = read(acknowledgement(found, "AE", "OURS", AT, said=words), encoding)
    assert answer.segments[1].text(3) == words
    assert answer.head.text(18) == charset


def test_chinese_without_a_named_character_set_is_answered_in_what_it_is() -> None:
    found = head(message(charset="", encoding="gb18030"))
    assert (found.encoding, found.charset) == ("gb18030", "GB 18030-2000")


def test_plain_ascii_without_a_character_set_is_answered_in_the_ports() -> None:
    sent = message(charset="").replace("张^伟".encode(), b"Zhang^Wei")
    found = head(sent, "GB 18030-2000")
    assert (found.encoding, found.charset) == ("gb18030", "GB 18030-2000")


def test_a_character_set_without_chinese_cannot_say_it() -> None:
    sent = message(charset="8859/1").replace("张^伟".encode(), "Müller^Jörg".encode("cp1252"))
    found = head(sent)
    assert not found.can_say("中文")
    assert found.can_say("ü")


def test_a_character_set_nobody_knows_is_ascii() -> None:
    assert encoding_of("KLINGON 1") == "ascii"


def test_delimiters_of_the_senders_own_are_used_back() -> None:
    sent = b"MSH$%~\\&$LIS$H1$HILUM$B1$1$$ORU%R01$C$P$2.5\rPID$1\r"
    answer = acknowledgement(head(sent), "AE", "OURS", AT, notes=[Note("207", "E", "a$b%c", "R", "PID^1^3")])
    assert answer.startswith(b"MSH$%~\\&$HILUM$B1$LIS$H1$")
    assert b"$PID%1%3$207%Application internal error%HL70357$E$" in answer
    assert b"a\\F\\b\\S\\c" in answer


@pytest.mark.parametrize("sent", [b"", b"PID|1", b"MSH", b"\0\0\0\0\0\0\0\0\0", b"msh|^~\\&|a|b"])
def test_what_has_no_header_has_no_head(sent: bytes) -> None:
    assert head_of(sent, "UNICODE UTF-8") is None


def test_a_control_id_makes_a_key_with_its_sender_and_its_absence_none() -> None:
    assert head().key == "LIS|H1|C-7"
    assert head(message().replace(b"|C-7|", b"||")).key == ""


@pytest.mark.parametrize(
    ("modes", "good", "bad"),
    [
        ("|", (False, False), (False, False)),
        ("AL|NE", (True, False), (True, False)),
        ("ER|ER", (False, False), (True, True)),
        ("SU|AL", (True, True), (False, True)),
    ],
)
def test_enhanced_mode_says_which_answers_are_wanted(
    modes: str, good: tuple[bool, bool], bad: tuple[bool, bool]
) -> None:
    found = head(message(modes=modes))
    assert found.enhanced is (modes != "|")
    assert tuple(found.wants(number, good=True) for number in (15, 16)) == good
    assert tuple(found.wants(number, good=False) for number in (15, 16)) == bad


@given(st.binary(max_size=300))
def test_whatever_comes_behind_msh_is_answered_or_has_no_head(rest: bytes) -> None:
    found = head_of(b"MSH|" + rest, "UNICODE UTF-8")
    if found is not None:
        answer = acknowledgement(found, "AR", "OURS", AT, said="x", notes=[Note("207", "E", "词", "R", "PID^1^3")])
        assert answer.startswith(b"MSH") or found.encoding not in ("utf-8", "ascii", "gb18030")
        assert b"\rMSA" in answer


@given(st.text(max_size=60))
def test_words_of_any_letters_come_back_as_they_were(words: str) -> None:
    answer = acknowledgement(head(), "AE", "OURS", AT, notes=[Note("207", "E", words, "R")])
    plain = read(answer).segments[2].whole(8) if len(answer.split(b"\r")) == 4 else None
    visible = "".join(one if one >= " " or one in "\r\n" else " " for one in words.replace("\r\n", "\n"))
    expected = visible.replace("\r", "\n").encode("utf-8", "replace").decode()
    assert plain == expected.rstrip() or plain == expected
