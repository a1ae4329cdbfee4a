"""The page: well formed, escaped, in one language, without anything from outside; its words follow the figures."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from hilum.formats.report_html import SECTIONS, html
from hilum.formats.report_markup import Markup, tag
from hilum.formats.report_words import Words
from hilum.messages import LANGUAGES, Language
from hilum.model.record import Kind, Locator
from hilum.model.text import Bilingual
from hilum.quality.collection import CollectionReport, Cover, Figures, Proportion, collect
from hilum.quality.rule import Ruleset
from hilum.registry.stored import Source, StoredProblem
from hilum.testing.report_bank import shaped_bank, shaped_report
from hilum.testing.report_rules import shaped_rules

HOSTILE = "\"><script>alert('x')</script><img src=//evil onerror=1>&amp;\u202e"
CJK = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]")


@pytest.fixture(scope="module")
def report() -> CollectionReport:
    return shaped_report()


def empty() -> CollectionReport:
    cover = Cover("", "Bank", "2026-11-23T00:00:00.000000Z", "Hilum 0")
    return collect(cover, Figures({}, {}, (), (), (), Ruleset((), "d" * 64)))


class Strict(HTMLParser):
    """Fails on an end tag that closes nothing, an element left open, a repeated id, a script or a handler."""

    VOID = frozenset({"meta", "br"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.ids: set[str] = set()
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in ("script", "iframe", "object", "embed", "form", "link", "img"), tag
        self.seen.append(tag)
        for name, value in attrs:
            assert not name.startswith("on"), name
            assert name not in ("src", "style", "xlink:href", "action"), name
            assert name != "href" or (value or "").startswith("#"), value
            if name == "id" and value is not None:
                assert value not in self.ids, value
                self.ids.add(value)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def parse(page: str) -> Strict:
    reader = Strict()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    return reader


def body(page: str) -> ElementTree.Element:
    """The page's body, strict as XML (but for ``<br>``, the one empty element it uses)."""
    inner = page[page.index("<body>") : page.index("</body>") + 7]
    return ElementTree.fromstring(inner.replace("<br>", "<br/>"))


def said(page: str) -> str:
    return "".join(body(page).itertext())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_whole_report_is_strictly_well_formed(report: CollectionReport, language: Language) -> None:
    page = html(report, language)
    reader = parse(page)
    assert reader.seen.count("h1") == 1
    assert reader.seen.count("h2") == len(SECTIONS)
    assert set(SECTIONS) <= reader.ids
    assert page.startswith("<!DOCTYPE html>")
    assert "⟨" not in said(page), "a place in the words was not filled"


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_empty_bank_gives_a_whole_page_that_says_so(language: Language) -> None:
    page = html(empty(), language)
    parse(page)
    assert Words(language)("trust.none") in said(page)


def test_every_label_a_table_or_chart_refers_to_is_there(report: CollectionReport) -> None:
    page = html(report, "zh")
    wanted = set(re.findall(r'aria-labelledby="([^"]+)"', page)) | set(re.findall(r'href="#([^"]+)"', page))
    wanted |= set(re.findall(r"url\(#([^)]+)\)", page))
    assert {name for names in wanted for name in names.split()} <= parse(page).ids


def test_the_english_page_holds_no_chinese_but_the_banks_own_name(report: CollectionReport) -> None:
    page = html(report, "en").replace(report.cover.organization, "")
    found = CJK.findall(re.sub(r"<style>.*?</style>", "", page, flags=re.S))
    assert found == []


def test_the_chinese_page_says_no_rule_title_in_english(report: CollectionReport) -> None:
    page = said(html(report, "zh"))
    titles = [one.rule.title for one in report.findings if one.rule is not None]
    assert titles
    assert all(title.zh in page and title.en not in page for title in titles)


@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_names_are_shown_as_text(language: Language) -> None:
    ruleset, _ = shaped_rules()
    rule = replace(ruleset.rules[1], title=Bilingual(HOSTILE, HOSTILE), hint=Bilingual(HOSTILE, HOSTILE), topic=HOSTILE)
    source = Source("S", HOSTILE, HOSTILE, HOSTILE, 5, "2026-11-01T00:00:00.000000Z")
    figures = Figures(
        counts={("specimen", "accepted"): 60, ("specimen", "held"): 40},
        finding_counts={(rule.id, "fail", "specimen"): 40, (HOSTILE, "fail", "specimen"): 1},
        score_rows=[("specimen", "held", "S", (59.0,) * 6)] * 40,
        sources=[source],
        problems=[StoredProblem(HOSTILE, Locator("S", HOSTILE, 1), {"column": HOSTILE}, fatal=True)],
        ruleset=Ruleset((rule,), HOSTILE),
        site_counts={(HOSTILE, "specimen", "held"): 40, ("other", "specimen", "accepted"): 60},
        blocking_sets={("specimen", "held", (rule.id,)): 39, ("specimen", "held", (HOSTILE,)): 1},
    )
    page = html(collect(Cover(HOSTILE, HOSTILE, "2026-11-23T00:00:00.000000Z", HOSTILE), figures), language)
    parse(page)
    assert "<script" not in page
    assert HOSTILE in said(page)


def test_the_page_may_load_and_run_nothing(report: CollectionReport) -> None:
    page = html(report, "zh")
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert policy is not None
    assert "default-src &#x27;none&#x27;" in policy[1]
    assert "http://" not in page
    assert "https://" not in page


def test_a_synthetic_bank_says_so_at_the_front_and_at_the_end(report: CollectionReport) -> None:
    warning = Words("en")("cover.synthetic")
    assert said(html(report, "en")).count(warning) == 2
    real = replace(report, cover=replace(report.cover, synthetic=False))
    assert warning not in said(html(real, "en"))


def test_the_trust_interval_is_the_first_thing_said(report: CollectionReport) -> None:
    page = said(html(report, "zh"))
    words = Words("zh", digits=2)
    assert words.band(report.fit) == "96.98%～97.14%"
    assert page.index(words.band(report.fit)) < page.index(words("section.summary") + words.count(report.fit.n))


def test_the_same_figures_give_the_same_page() -> None:
    assert html(collect(*shaped_bank(3)), "zh") == html(collect(*shaped_bank(3)), "zh")


@pytest.mark.parametrize(
    ("part", "digits", "said_"),
    [
        (1.0, 1, "100.0%"),
        (0.99996, 1, ">99.9%"),
        (0.00001, 1, "<0.1%"),
        (0.0, 2, "0.00%"),
        (0.97061, 2, "97.06%"),
        (None, 1, "—"),
    ],
)
def test_nearly_all_is_never_written_as_all(part: float | None, digits: int, said_: str) -> None:
    assert Words("en", digits=digits).share(part) == said_


def test_a_band_is_rounded_outwards() -> None:
    assert Words("en").band(Proportion(81, 263)) == "25.5% to 36.7%"
    assert Words("en").band(Proportion(20, 20)) == "83.8% to 100.0%"
    assert Words("zh").band(Proportion(0, 0)) == "—"


@pytest.mark.parametrize(
    ("size", "said_"), [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (3_200_000, "3.2 MB"), (10**16, "10000.0 TB")]
)
def test_sizes_are_in_the_unit_that_reads_best(size: int, said_: str) -> None:
    assert Words("en").size(size) == said_


def test_instants_are_shown_with_their_zone() -> None:
    assert Words("zh").instant("2026-11-23T00:12:00.000000Z") == "2026-11-23 08:12 (UTC+08:00)"
    assert Words("zh").instant("") == "—"


def test_a_hint_names_the_fields_where_a_record_would_show_values() -> None:
    ruleset, _ = shaped_rules()
    rules = {rule.id: rule for rule in ruleset.rules}
    hint = Words("en").hint(rules["SPM-NU-002"])
    assert hint == "The parent holds [Volume of the parent]: check both volumes"
    odd = replace(
        rules["SPM-NU-002"], hint=Bilingual("{found}，{abs:storage_c}，{no.such}", "{found} {abs:storage_c} {no.such}")
    )
    assert Words("en").hint(odd) == "[Volume] [Storage temperature] [no.such]"


def test_a_finding_the_gate_makes_itself_is_named_in_words() -> None:
    figures = Figures(
        counts={("reading", "held"): 3},
        finding_counts={("gate.no_rules", "unknown", "reading"): 3, ("RETIRED-1", "fail", "reading"): 1},
        score_rows=(),
        sources=(),
        problems=(),
        ruleset=Ruleset((), "d" * 64),
        blocking_sets={("reading", "held", ("gate.no_rules",)): 2, ("reading", "held", ()): 1},
    )
    page = said(html(collect(empty().cover, figures), "en"))
    assert Words("en").built_in("gate.no_rules") in page
    assert Words("en")("stop.no_rule") in page
    assert "RETIRED-1" in page


def test_markup_is_escaped_unless_it_was_made_here() -> None:
    assert tag("p", "<b>", Markup("<i>"), class_='"') == '<p class="&quot;">&lt;b&gt;<i></p>'


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_record_has_its_word(language: Language) -> None:
    assert all(Words(language).known("kind", kind) != kind.value for kind in Kind)
