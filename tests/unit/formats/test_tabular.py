"""CSV as hospitals export it: encodings, delimiters, titles, torn rows, and nothing lost in silence."""

from pathlib import Path

import pytest

from hilum.formats import tabular
from hilum.formats.mapping import TableMapping
from hilum.formats.suggestion import suggest
from hilum.model.record import Item, Record, SourceProblem

HEADER = "样本编号,病案号,样本类型,采集时间,体积(mL),采集人"
GOOD = "S1,P1,血浆,2024-03-05 08:30,0.5,护士1"


def write(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "t.csv"
    path.write_bytes(text.encode(encoding))
    return path


def mapping_of(path: Path) -> TableMapping:
    seen = tabular.preview(path, "t.csv")
    assert seen is not None
    return suggest(seen.headers, seen.samples, seen.title).mapping


def read(path: Path, skip: int = 0) -> list[Item]:
    return list(tabular.items(path, "t.csv", "SRC", skip, mapping_of(path)))


def records(items: list[Item]) -> list[Record]:
    return [item for item in items if isinstance(item, Record)]


def reasons(items: list[Item]) -> list[str]:
    return [item.reason for item in items if isinstance(item, SourceProblem)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_the_same_table_in_any_encoding_is_the_same_records(tmp_path: Path, encoding: str) -> None:
    path = write(tmp_path, f"{HEADER}\r\n{GOOD}\r\nS2,P1,血清,2024/3/5 8:31,０.５,护士２\r\n", encoding)
    made = records(read(path))
    assert [record.fields["volume_ul"] for record in made] == [500.0, 500.0]
    assert [record.fields["specimen_type"] for record in made] == ["Plasma", "Serum"]
    assert [record.locator.line for record in made] == [2, 3]


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "，", "|"])
def test_the_delimiter_is_found_by_itself(tmp_path: Path, delimiter: str) -> None:
    path = write(tmp_path, f"{HEADER}\n{GOOD}\n{GOOD}\n".replace(",", delimiter))
    assert [record.key for record in records(read(path))] == ["S1", "S1"]


def test_titles_above_the_header_and_a_footer_below_are_not_data(tmp_path: Path) -> None:
    text = f"某医院样本库\n采集登记表,,,,,\n\n{HEADER}\n{GOOD}\n合计,,,,1,\n填表人：李四,,,,,\n"
    items = read(write(tmp_path, text))
    assert [record.locator.line for record in records(items)] == [5]
    assert reasons(items) == ["footer_line", "footer_line"]


def test_a_header_in_two_rows_is_one_header(tmp_path: Path) -> None:
    text = "基本信息,,样本类型,运输记录,\n样本编号,病案号,,温度下限,温度上限\nS1,P1,血浆,2,8\n"
    seen = tabular.preview(write(tmp_path, text), "t.csv")
    assert seen is not None
    assert seen.headers == ("样本编号", "病案号", "样本类型", "温度下限", "温度上限")
    assert seen.samples == (("S1", "P1", "血浆", "2", "8"),)


def test_a_repeated_header_of_a_paged_export_is_skipped(tmp_path: Path) -> None:
    items = read(write(tmp_path, f"{HEADER}\n{GOOD}\n{HEADER}\n{GOOD}\n"))
    assert len(records(items)) == 2
    assert reasons(items) == ["repeated_header"]


def test_a_short_row_is_read_with_a_note_and_a_long_one_is_not_guessed_at(tmp_path: Path) -> None:
    items = read(write(tmp_path, f"{HEADER}\nS1,P1,血浆\nS2,P1,血浆,2024-03-05 08:30,0.5,护士1,多,余\n{GOOD}\n"))
    assert [record.locator.line for record in records(items)] == [2, 4]
    assert reasons(items) == ["row_short", "row_long"]


def test_cells_with_line_breaks_quotes_and_delimiters_are_whole(tmp_path: Path) -> None:
    items = read(write(tmp_path, f'{HEADER}\nS1,P1,血浆,2024-03-05 08:30,0.5,"护士""1"",\n二楼"\n{GOOD}\n'))
    made = records(items)
    assert made[0].fields["collected_by"] == '护士"1", 二楼'
    assert [record.locator.line for record in made] == [2, 4]


def test_a_quote_that_never_closes_costs_its_own_line_only(tmp_path: Path) -> None:
    text = f'{HEADER}\nS0,P1,血浆,2024-03-05 08:30,0.5,"护士\n' + f"{GOOD}\n" * 300
    items = read(write(tmp_path, text))
    assert len(records(items)) == 301
    assert reasons(items) == ["unclosed_quote"]
    assert records(items)[0].fields["collected_by"] == '"护士'


def test_two_columns_of_one_name_are_told_and_the_first_is_read(tmp_path: Path) -> None:
    items = read(write(tmp_path, "样本编号,样本类型,采集时间,采集人,采集人\nS1,血浆,2024-03-05 08:30,甲,乙\n"))
    assert reasons(items) == ["duplicate_header", "unmapped_column"]
    assert records(items)[0].fields["collected_by"] == "甲"


def test_unmapped_columns_are_named_and_their_contents_never_kept(tmp_path: Path) -> None:
    items = read(write(tmp_path, "样本编号,样本类型,采集时间,家庭住址\nS1,血浆,2024-03-05 08:30,幸福路1号\n"))
    assert items[0] == SourceProblem("unmapped_column", items[0].locator, {"columns": "家庭住址", "count": 1})
    assert "幸福路" not in repr(items)


def test_a_missing_column_stops_the_table_and_a_new_one_does_not(tmp_path: Path) -> None:
    path = write(tmp_path, f"{HEADER}\n{GOOD}\n")
    mapping = mapping_of(path)
    fewer = write(tmp_path, "样本编号,病案号,样本类型,采集时间,采集人,楼层\nS1,P1,血浆,2024-03-05 08:30,护士1,2\n")
    stopped = list(tabular.items(fewer, "t.csv", "SRC", 0, mapping))
    assert [
        (item.reason, item.fatal, item.values["columns"]) for item in stopped if isinstance(item, SourceProblem)
    ] == [("column_missing", True, "体积(mL)")]
    assert not records(stopped)
    more = write(tmp_path, f"楼层,{HEADER}\n2,{GOOD}\n")
    goes_on = list(tabular.items(more, "t.csv", "SRC", 0, mapping))
    assert reasons(goes_on) == ["column_new"]
    assert records(goes_on)[0].fields["volume_ul"] == 500.0


def test_a_formula_is_kept_as_text_and_told_once_per_column(tmp_path: Path) -> None:
    bad = '"=HYPERLINK(""http://example.invalid"")"'
    items = read(
        write(
            tmp_path,
            HEADER + f"\nS1,P1,血浆,2024-03-05 08:30,0.5,{bad}" * 1 + f"\nS2,P1,血浆,2024-03-05 08:30,-0.5,{bad}\n",
        )
    )
    assert reasons(items) == ["formula_cell"]
    assert records(items)[0].fields["collected_by"] == '=HYPERLINK("http://example.invalid")'
    assert records(items)[1].fields["volume_ul"] == -500.0


def test_excels_way_of_keeping_leading_zeros_is_undone(tmp_path: Path) -> None:
    items = read(write(tmp_path, f'{HEADER}\n"=""00123""",="007",血浆,2024-03-05 08:30,0.5,\n'))
    assert records(items)[0].key == "00123"
    assert records(items)[0].donor == "007"
    assert reasons(items) == []


def test_nul_bytes_and_invisible_characters_are_dropped_aloud(tmp_path: Path) -> None:
    items = read(write(tmp_path, f"{HEADER}\nS\u200b1,P1,血浆,2024-03-05 08:30,0.5,护\0士\n"))
    assert sorted(reasons(items)) == ["invisible_character", "nul_bytes"]
    assert records(items)[0].key == "S1"
    assert records(items)[0].fields["collected_by"] == "护士"


def test_a_line_without_end_is_a_problem_and_the_rest_goes_on(tmp_path: Path) -> None:
    items = read(write(tmp_path, f"{HEADER}\n{'x' * 1_200_000}\n{GOOD}\n"))
    assert reasons(items) == ["line_too_long"]
    assert [record.locator.line for record in records(items)] == [3]


def test_an_empty_file_and_a_table_nobody_mapped_are_fatal_problems(tmp_path: Path) -> None:
    empty = list(tabular.items(write(tmp_path, "\n\n"), "t.csv", "SRC", 0, None))
    assert [(item.reason, item.fatal) for item in empty if isinstance(item, SourceProblem)] == [("table_empty", True)]
    unmapped = list(tabular.items(write(tmp_path, f"{HEADER}\n{GOOD}\n"), "t.csv", "SRC", 0, None))
    assert reasons(unmapped) == ["mapping_needed"]
    assert "P1" not in repr(unmapped)


def test_reading_goes_on_where_it_stopped(tmp_path: Path) -> None:
    text = f"{HEADER}\n" + "".join(f"S{n},P1,血浆,2024-03-05 08:30,0.5,护士1\nS{n},P1\n" for n in range(40))
    path = write(tmp_path, text)
    whole = read(path)
    assert [read(path, skip) for skip in (0, 1, 37, len(whole))] == [whole, whole[1:], whole[37:], []]


def test_a_broken_export_cannot_flood_the_bank_with_problems(tmp_path: Path) -> None:
    items = read(write(tmp_path, f"{HEADER}\n" + "S1,P1\n" * 500))
    assert len(records(items)) == 500
    assert reasons(items) == ["row_short"] * 50 + ["problems_left_out"]
    assert items[-1] == SourceProblem("problems_left_out", items[-1].locator, {"reason": "row_short", "count": 450})
