import hashlib
from pathlib import Path

from hilum.formats import mirna
from hilum.model.record import Item, Kind, Record, SourceProblem

FIRST, SECOND = "TCGA-ZZ-0001-01A-11R-A000-13", "TCGA-ZZ-0002-11A-21R-A000-13"
HEADER = f"Gene\t{FIRST}\t{SECOND}\n"


def _read(tmp_path: Path, text: str) -> list[Item]:
    path = tmp_path / "ZZ.miRseq_mature_RPM.txt"
    path.write_text(text, encoding="utf-8", newline="")
    return list(mirna.read(path, path.name, "SRC"))


def test_every_column_becomes_one_assay(tmp_path: Path) -> None:
    found = _read(tmp_path, HEADER + "mir-1\t1.5\t2\nmir-2\tNA\t-3\nmir-3\t0.25\t\n")
    records = [item for item in found if isinstance(item, Record)]
    assert [(one.kind, one.key, one.donor, one.locator.line) for one in records] == [
        (Kind.ASSAY, f"mirna|{FIRST}", "TCGA-ZZ-0001", 1),
        (Kind.ASSAY, f"mirna|{SECOND}", "TCGA-ZZ-0002", 1),
    ]
    kept = [{name: one.fields[name] for name in ("features", "missing", "negative", "total")} for one in records]
    assert kept == [
        {"features": 3, "missing": 1, "negative": 0, "total": 1.75},
        {"features": 3, "missing": 1, "negative": 1, "total": -1.0},
    ]
    assert records[0].fields["specimen_id"] == FIRST


def test_the_digest_is_what_its_description_says(tmp_path: Path) -> None:
    record = _read(tmp_path, HEADER + "mir-1\t1\t2\nmir-2\t3\t4\n")[0]
    names, column = hashlib.sha256(b"mir-1\nmir-2\n").digest(), hashlib.sha256(b"1\n3\n").digest()
    assert isinstance(record, Record)
    assert record.fields["content_digest"] == hashlib.sha256(names + column).hexdigest()


def test_blocks_do_not_show_in_the_result(tmp_path: Path) -> None:
    body = "".join(f"mir-{n}\t{n}\t{-n}\n" for n in range(1000))
    first, second = (item for item in _read(tmp_path, HEADER + body) if isinstance(item, Record))
    assert (first.fields["features"], first.fields["total"]) == (1000, 499_500.0)
    assert (second.fields["negative"], second.fields["total"]) == (999, -499_500.0)
    column = hashlib.sha256("".join(f"{n}\n" for n in range(1000)).encode()).digest()
    names = hashlib.sha256("".join(f"mir-{n}\n" for n in range(1000)).encode()).digest()
    assert first.fields["content_digest"] == hashlib.sha256(names + column).hexdigest()


def test_what_is_no_number_is_a_problem_with_line_and_column(tmp_path: Path) -> None:
    found = _read(tmp_path, HEADER + "mir-1\t1\t2\nmir-2\tinf\t1_000\nmir-3\t1\t1\n")
    problems = [item for item in found if isinstance(item, SourceProblem)]
    assert [(one.reason, one.locator.line, one.values["value"]) for one in problems] == [
        ("value_unreadable", 3, "inf"),
        ("value_unreadable", 3, "1_000"),
    ]
    assert [item.fields["missing"] for item in found if isinstance(item, Record)] == [1, 1]


def test_a_ragged_row_is_a_problem_and_does_not_count(tmp_path: Path) -> None:
    found = _read(tmp_path, HEADER + "mir-1\t1\n\nmir-2\t1\t2\n")
    assert [(item.reason, item.locator.line) for item in found if isinstance(item, SourceProblem)] == [
        ("line_ragged", 2)
    ]
    assert [item.fields["features"] for item in found if isinstance(item, Record)] == [1, 1]


def test_an_aliquot_that_comes_twice_is_told_and_both_are_registered(tmp_path: Path) -> None:
    found = _read(tmp_path, f"Gene\t{FIRST}\t{FIRST}\nmir-1\t1\t2\n")
    assert [item.reason for item in found if isinstance(item, SourceProblem)] == ["mirna_column_twice"]
    assert [item.fields["total"] for item in found if isinstance(item, Record)] == [1.0, 2.0]


def test_an_empty_matrix_is_a_problem(tmp_path: Path) -> None:
    assert [item.reason for item in _read(tmp_path, "") if isinstance(item, SourceProblem)] == ["file_empty"]


def test_only_such_a_matrix_is_taken_for_one() -> None:
    assert mirna.fits(HEADER.strip())
    assert not mirna.fits("Gene\tCD4\tCD8")
    assert not mirna.fits(f"date\t{FIRST}")
    assert not mirna.fits("Gene")
