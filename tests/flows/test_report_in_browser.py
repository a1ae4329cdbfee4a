"""The report in a real browser: nothing from outside, no error, no sideways scrolling, one language, readable by all.

Needs Chromium (``CHROMIUM`` names it, otherwise it is looked for in the path); without one these tests are skipped,
but under ``CI`` they fail.
"""

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, sync_playwright

from hilum.formats.report_html import html
from hilum.messages import LANGUAGES, Language
from hilum.quality.collection import CollectionReport
from hilum.testing.report_bank import shaped_report

FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)
CJK = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]")
SCREENS = [(1366, 768), (820, 1180), (390, 844)]
LANGUAGE_TAG = {"zh": "zh-CN", "en": "en"}

# every text on the page against the ground it stands on (WCAG 2.2, 1.4.3); charts have their own test
CONTRAST = """() => {
  const parse = c => { const m = c.match(/[\\d.]+/g).map(Number); return {rgb: m.slice(0, 3), a: m[3] ?? 1}; };
  const light = rgb => rgb.map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = e => { for (; e; e = e.parentElement) {
    const c = parse(getComputedStyle(e).backgroundColor); if (c.a > 0) return c.rgb; } return [255, 255, 255]; };
  const poor = [];
  for (const e of document.querySelectorAll('main *:not(svg *)')) {
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
    const [a, b] = [light(parse(getComputedStyle(e).color).rgb), light(ground(e))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) poor.push(e.outerHTML.slice(0, 120));
  }
  return poor;
}"""

# words in a chart that stick out of it or lie over each other
COLLISIONS = """() => [...document.querySelectorAll('svg.chart')].flatMap(svg => {
  const box = svg.getBoundingClientRect();
  const texts = [...svg.querySelectorAll('text')].map(t => [t.textContent, t.getBoundingClientRect()]);
  const out = texts.filter(([, r]) => r.left < box.left - 1 || r.right > box.right + 1 || r.bottom > box.bottom + 1);
  const over = texts.filter(([, a], i) => texts.some(([, b], j) => j > i &&
    a.left < b.right - 1 && b.left < a.right - 1 && a.top + 3 < b.bottom - 3 && b.top + 3 < a.bottom - 3));
  return [...out, ...over].map(([words]) => svg.id + ': ' + words);
})"""


@dataclass(slots=True)
class Visit:
    """A page and what went wrong on it."""

    page: Page
    wrong: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def report() -> CollectionReport:
    return shaped_report()


@pytest.fixture(scope="module")
def files(report: CollectionReport, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("report")
    written = {language: folder / f"{language}.html" for language in LANGUAGES}
    for language in LANGUAGES:
        written[language].write_text(html(report, language), encoding="utf-8")
    return {str(language): file for language, file in written.items()}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not chromium:
        if os.environ.get("CI"):
            pytest.fail("these tests need Chromium: apt-get install chromium fonts-noto-cjk")
        pytest.skip("no Chromium: apt-get install chromium fonts-noto-cjk, or name it in CHROMIUM")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        yield launched
        launched.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """A fresh page; errors, violations and outside requests are gathered and fail the test at its end."""
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    made = Visit(page)

    def only_the_file(route: Route) -> None:
        if route.request.url.startswith("file:") and route.request.resource_type == "document":
            route.continue_()
        else:
            made.wrong.append(f"asked for {route.request.url}")
            route.abort()

    page.route("**/*", only_the_file)
    page.on(
        "console", lambda message: made.wrong.append(message.text) if message.type in ("error", "warning") else None
    )
    page.on("pageerror", lambda error: made.wrong.append(str(error)))
    yield made
    page.close()
    assert made.wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("width", "height"), SCREENS)
def test_the_page_never_scrolls_sideways(
    visit: Visit, files: dict[str, Path], language: Language, width: int, height: int
) -> None:
    visit.page.set_viewport_size({"width": width, "height": height})
    visit.page.goto(files[language].as_uri())
    assert visit.page.evaluate("() => document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_in_the_language_it_says(visit: Visit, files: dict[str, Path], language: Language) -> None:
    visit.page.goto(files[language].as_uri())
    assert visit.page.evaluate("() => document.documentElement.lang") == LANGUAGE_TAG[language]


def test_nothing_shown_in_english_is_chinese_but_the_banks_own_name(
    visit: Visit, files: dict[str, Path], report: CollectionReport
) -> None:
    visit.page.goto(files["en"].as_uri())
    shown = visit.page.evaluate("() => document.title + document.body.textContent")
    assert CJK.findall(shown.replace(report.cover.organization, "")) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_headings_go_down_one_step_at_a_time(visit: Visit, files: dict[str, Path], language: Language) -> None:
    visit.page.goto(files[language].as_uri())
    levels = visit.page.evaluate("() => [...document.querySelectorAll('h1,h2,h3,h4')].map(h => +h.tagName[1])")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reader_finds_names_headers_and_landmarks(visit: Visit, files: dict[str, Path], language: Language) -> None:
    visit.page.goto(files[language].as_uri())
    nameless = visit.page.evaluate(
        """() => [
          ...[...document.querySelectorAll('svg[role=img]')].filter(s => !s.querySelector('title').textContent
            || !s.querySelector('desc').textContent),
          ...[...document.querySelectorAll('svg:not([role])')].filter(s => s.getAttribute('aria-hidden') !== 'true'),
          ...[...document.querySelectorAll('table')].filter(t => !t.caption || !t.caption.textContent
            || t.querySelector('thead th:not([scope=col]), tbody tr > :first-child:not([scope=row])')),
          ...[...document.querySelectorAll('[tabindex]')].filter(e => !e.getAttribute('aria-label')),
          ...[...document.querySelectorAll('thead th')].filter(h => !h.textContent.trim()),
        ].map(e => e.outerHTML.slice(0, 150))"""
    )
    assert nameless == []
    assert visit.page.locator("main").count() == 1
    assert visit.page.locator("svg[role=img]").count() >= 8


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_stands_out_from_its_ground(visit: Visit, files: dict[str, Path], language: Language) -> None:
    visit.page.goto(files[language].as_uri())
    assert visit.page.evaluate(CONTRAST) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_words_in_a_chart_stick_out_or_lie_over_each_other(
    visit: Visit, files: dict[str, Path], language: Language
) -> None:
    visit.page.goto(files[language].as_uri())
    assert visit.page.evaluate(COLLISIONS) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_contents_lead_to_their_sections(visit: Visit, files: dict[str, Path], language: Language) -> None:
    visit.page.goto(files[language].as_uri())
    visit.page.locator("nav a").last.click()
    assert visit.page.evaluate("() => location.hash") == "#sign"
    assert visit.page.locator("#sign").is_visible()


@pytest.mark.parametrize("language", LANGUAGES)
def test_on_paper_nothing_is_cut_off_at_the_side(visit: Visit, files: dict[str, Path], language: Language) -> None:
    visit.page.set_viewport_size({"width": 680, "height": 960})  # A4 less its margins, at 96 dots an inch
    visit.page.emulate_media(media="print")
    visit.page.goto(files[language].as_uri())
    wide = visit.page.evaluate(
        """() => [...document.querySelectorAll('table,svg.chart,.tiles,.facts')]
          .filter(e => e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 120))"""
    )
    assert wide == []
    pages = visit.page.pdf(prefer_css_page_size=True, print_background=True)
    assert pages.startswith(b"%PDF")
