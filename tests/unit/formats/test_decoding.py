from pathlib import Path

import pytest

from hilum.formats.decoding import detect, lines

CHINESE = "样本编号,姓名,采集时间\nS1,张三,2024-03-05 08:30\n"


def _file(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "given.txt"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"plain ascii\n", "utf-8"),
        (b"", "utf-8"),
        (CHINESE.encode(), "utf-8"),
        (CHINESE.encode("utf-8-sig"), "utf-8-sig"),
        (CHINESE.encode("gbk"), "gb18030"),
        (CHINESE.encode("utf-16"), "utf-16"),
        (b"\xfe\xff" + CHINESE.encode("utf-16-be"), "utf-16"),
        ("sample,donor\nS1,D1\n".encode("utf-16-le"), "utf-16-le"),
        ("sample,donor\nS1,D1\n".encode("utf-16-be"), "utf-16-be"),
        (CHINESE.encode("utf-32"), "utf-32"),
        (b"Bacillus \x96 Gu\xe9rin, 25 \xb5g at 4 \xb0C\n", "cp1252"),
        (b"Carcinoma \xa0Papillary\n", "cp1252"),
        (b"caf\xe9\x81 \x8d\n", "latin-1"),
    ],
)
def test_an_encoding_is_told_from_the_bytes(tmp_path: Path, content: bytes, expected: str) -> None:
    assert detect(_file(tmp_path, content)) == expected


def test_a_byte_that_is_not_utf8_far_behind_the_start_still_decides(tmp_path: Path) -> None:
    path = _file(tmp_path, b"x,y\n" * 600_000 + b"\xb5g\n")
    assert detect(path) == "cp1252"


def test_a_character_cut_by_the_chunk_boundary_is_no_damage(tmp_path: Path) -> None:
    path = _file(tmp_path, b"a" * ((1 << 20) - 1) + "样\n".encode())
    assert detect(path) == "utf-8"


def test_a_wrong_byte_order_mark_does_not_win_over_the_content(tmp_path: Path) -> None:
    assert detect(_file(tmp_path, b"\xef\xbb\xbfcaf\xe9 au lait\n")) == "cp1252"


def test_lines_end_in_lf_crlf_or_cr_and_in_nothing_else(tmp_path: Path) -> None:
    path = _file(tmp_path, "a\r\nb\rc\n\nd\u2028e\x0bf\x85g".encode())
    assert list(lines(path, "utf-8")) == [(1, "a"), (2, "b"), (3, "c"), (4, ""), (5, "d\u2028e\x0bf\x85g")]


def test_a_line_over_the_limit_is_skipped_and_the_next_one_is_read(tmp_path: Path) -> None:
    path = _file(tmp_path, b"first\n" + b"x" * 3_000_000 + b"\nlast\n")
    assert list(lines(path, "utf-8", longest=1000)) == [(1, "first"), (2, None), (3, "last")]


def test_a_line_of_exactly_the_limit_is_read(tmp_path: Path) -> None:
    path = _file(tmp_path, b"x" * 10 + b"\n" + b"y" * 11 + b"\n" + b"z" * 10)
    assert list(lines(path, "utf-8", longest=10)) == [(1, "x" * 10), (2, None), (3, "z" * 10)]


def test_an_endless_last_line_ends_with_the_file(tmp_path: Path) -> None:
    assert list(lines(_file(tmp_path, b"x" * 5_000_000), "utf-8", longest=1000)) == [(1, None)]


def test_bytes_outside_the_encoding_become_the_replacement_character(tmp_path: Path) -> None:
    assert list(lines(_file(tmp_path, b"a\xffb\n"), "utf-8")) == [(1, "a\ufffdb")]
