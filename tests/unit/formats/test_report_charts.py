"""Charts: well-formed pictures with words in them, that say no more than was measured."""

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hilum.formats.charts import Bar, Head, Part, Range, Whisker, axis, flow, histogram, profile, stacked, whiskers
from hilum.formats.report_markup import Markup
from hilum.formats.report_svg import TONES, WIDTH, shorten, text_width

HEAD = Head("chart-x", "Title <&>", "What it shows")
SVG = "{http://www.w3.org/2000/svg}"


def parsed(drawing: Markup) -> ElementTree.Element:
    return ElementTree.fromstring(drawing)


def blocks(drawing: Markup) -> list[ElementTree.Element]:
    return [one for one in parsed(drawing).iter("rect") if one.get("fill") not in ("none", None)]


def test_a_chart_is_an_image_with_a_title_and_a_description() -> None:
    chart = parsed(stacked(HEAD, [Bar("row", (Part("held", 1, "Held", "1"),), "1")]))
    assert chart.get("role") == "img"
    named = {one.get("id"): one.text for one in chart if one.tag in ("title", "desc")}
    assert named == {"chart-x-title": "Title <&>", "chart-x-desc": "What it shows"}
    assert chart.get("aria-labelledby") == "chart-x-title chart-x-desc"


def test_a_part_of_one_in_a_million_is_still_seen_and_the_bar_keeps_its_length() -> None:
    parts = (Part("accepted", 999_999, "Accepted", ""), Part("rejected", 1, "Rejected", ""))
    widths = [float(one.get("width", 0)) for one in blocks(stacked(HEAD, [Bar("row", parts, "")]))]
    whole = [float(one.get("width", 0)) for one in blocks(stacked(HEAD, [Bar("row", parts[:1], "")]))]
    assert widths[1] >= 2
    assert sum(widths) == pytest.approx(sum(whole), abs=0.02)


def test_a_bar_of_nothing_is_an_empty_frame() -> None:
    chart = parsed(stacked(HEAD, [Bar("row", (Part("held", 0, "Held", "0"),), "—")]))
    assert [one.get("stroke-dasharray") for one in chart.iter("rect")] == ["3 3"]


@given(st.floats(0, 1), st.floats(0, 1))
def test_the_axis_covers_the_data_and_stays_between_nothing_and_all(one: float, other: float) -> None:
    low, high = min(one, other), max(one, other)
    marks = axis(low, high)
    assert 0 <= marks[0] <= low + 1e-6
    assert high - 1e-6 <= marks[-1] <= 1
    assert 4 <= len(marks) <= 9
    assert marks == sorted(set(marks))


def test_a_share_is_drawn_between_the_ends_of_its_band() -> None:
    chart = parsed(
        whiskers(HEAD, [Whisker("a", 0.9, 0.8, 0.95, "90%"), Whisker("b", 0.5, 0.2, 0.8, "50%", hollow=True)])
    )
    dots = [float(one.get("cx", 0)) for one in chart.iter("circle")]
    lines = [
        (float(one.get("x1", 0)), float(one.get("x2", 0))) for one in chart.iter("line") if one.get("stroke-width")
    ]
    assert all(low < dot < high for (low, high), dot in zip(lines, dots, strict=True))
    assert [one.get("fill") == "#FFFFFF" for one in chart.iter("circle")] == [False, True]


def test_charts_of_nothing_are_drawn_without_error() -> None:
    nothing = Part("accepted", 0, "All", "0")
    for drawing in (
        whiskers(HEAD, []),
        histogram(HEAD, []),
        profile(HEAD, []),
        stacked(HEAD, []),
        flow(HEAD, nothing, []),
    ):
        assert parsed(drawing).get("viewBox", "").startswith(f"0 0 {WIDTH} ")


def test_the_flow_names_every_part_that_is_not_empty_and_no_other() -> None:
    parts = [Part("accepted", 90, "Accepted", "90"), Part("held", 10, "Held", "10"), Part("refused", 0, "Refused", "0")]
    said = "".join(parsed(flow(HEAD, Part("accepted", 100, "All", "100"), parts)).itertext())
    assert "Accepted" in said
    assert "Held" in said
    assert "Refused" not in said


def test_the_tallest_column_of_a_histogram_is_the_commonest() -> None:
    parts = [Part("poor", 1, "0–9", "1%"), Part("good", 99, "90–100", "99%")]
    heights = [float(one.get("height", 0)) for one in blocks(histogram(HEAD, parts))]
    assert heights[0] == pytest.approx(heights[1] / 99, abs=1.6)


def test_a_profile_puts_the_median_where_it_is_on_a_scale_of_a_hundred() -> None:
    chart = parsed(profile(HEAD, [Range("a", 50, 60, 90, "60"), Range("b", 60, 90, 100, "90")]))
    at = [float(one.get("cx", 0)) for one in chart.iter("circle")]
    grid = [float(one.get("x1", 0)) for one in chart.iter("line")]
    assert at == pytest.approx([grid[1], grid[2]], abs=0.02)


def test_a_long_name_is_cut_to_its_room_and_told_whole() -> None:
    name = "省立第一附属医院转化医学研究中心生物样本库分库"
    chart = parsed(whiskers(HEAD, [Whisker(name, 0.5, 0.4, 0.6, "50%")]))
    label = next(one for one in chart.iter("text") if "".join(one.itertext()).startswith(name))
    assert [one.text for one in label.iter("title")] == [name]
    assert text_width(shorten(name, 100)) <= 100


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("name", TONES)
def test_every_mark_holds_three_to_one_against_the_paper(name: str) -> None:
    assert contrast(TONES[name].outline, "#FFFFFF") >= 3


@pytest.mark.parametrize("names", [("accepted", "held", "rejected", "refused", "history"), ("good", "middle", "poor")])
def test_tones_side_by_side_differ_in_more_than_colour(names: tuple[str, ...]) -> None:
    looks = [(TONES[name].pattern, round(luminance(TONES[name].fill), 1)) for name in names]
    assert len(set(looks)) == len(looks)


def test_a_chart_holds_no_script_and_no_address() -> None:
    drawing = flow(HEAD, Part("accepted", 1, "<script>alert(1)</script>", "1"), [Part("held", 1, "http://x", "1")])
    assert "<script" not in drawing
    assert not re.search(r"(href|src|url\((?!#))", drawing)
