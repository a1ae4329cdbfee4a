"""The shipped SOP templates are their own specification: a story, and how it stands to the template.

``sops.md`` beside this file shows the same table to a curator; write it again with ``python tests/spec/test_sops.py``.
"""

from pathlib import Path

import pytest

from hilum.messages import text
from hilum.quality.process import Happening, Standing, assess, compile_sop, trace_of
from hilum.quality.process_checks import ProcessOutcome
from hilum.quality.sop import known_steps
from hilum.quality.sop_text import templates

PAGE = Path(__file__).with_name("sops.md")
DAY = 1_440
PLASMA = "consent@-60 collect@0 receive@30 centrifuge@60 freeze@90 store@120"
STORIES: tuple[tuple[str, str, int, str, str], ...] = (
    ("plasma-edta", PLASMA, DAY, "conform", ""),
    ("plasma-edta", "consent@-60 collect@0 centrifuge@121 freeze@150 store@160", DAY, "hold", "centrifuge-in-time"),
    ("plasma-edta", "consent@-60 collect@0 centrifuge@60", 100, "pending",
     "freeze-in-time freeze-recorded store-recorded"),
    ("plasma-edta", "consent@-60 collect@0", 60, "pending",
     "centrifuge-recorded centrifuge-in-time freeze-recorded store-recorded"),
    ("plasma-edta", "consent@-60 collect@0", 5 * DAY, "hold",
     "centrifuge-recorded centrifuge-in-time freeze-recorded store-recorded"),
    ("plasma-edta", "collect@0 centrifuge@60 freeze@90 store@120", DAY, "hold", "consent-first"),
    ("plasma-edta", "consent@30 collect@0 centrifuge@60 freeze@90 store@120", DAY, "hold", "consent-first"),
    ("plasma-edta", "consent@day collect@0 centrifuge@60 freeze@90 store@120", DAY, "conform", ""),
    ("plasma-edta", f"{PLASMA} thaw@5000", 9_000, "conform", "not-thawed"),
    ("plasma-edta", "consent@-60 collect@0 centrifuge@60 freeze@50 store@120", DAY, "hold",
     "centrifuge-before-freeze freeze-in-time"),
    ("plasma-edta", "consent@-60 collect@0 centrifuge@? freeze@90 store@120", DAY, "unclear",
     "centrifuge-in-time collect-before-centrifuge centrifuge-before-freeze freeze-in-time"),
    ("serum", "consent@-60 collect@0 centrifuge@45 freeze@90 store@120", DAY, "conform", ""),
    ("serum", "consent@-60 collect@0 centrifuge@20 freeze@60 store@120", DAY, "hold", "centrifuge-not-too-soon"),
    ("pbmc", "consent@-60 collect@0 separate@300 freeze@400 store@500", DAY, "conform", ""),
    ("pbmc", "consent@-60 collect@0 separate@500 freeze@600 store@700", DAY, "hold", "separate-in-time"),
    ("pbmc", "consent@-60 collect@0 freeze@400 store@500", DAY, "hold",
     "separate-recorded separate-in-time separate-before-freeze"),
    ("tissue-ffpe", "consent@-60 collect@0 fix@40 embed@1000 store@1100", 2 * DAY, "conform", ""),
    ("tissue-ffpe", "consent@-60 collect@0 fix@90 embed@1000 store@1100", 2 * DAY, "hold", "fix-in-time"),
    ("tissue-ffpe", "consent@-60 collect@0 fix@40 embed@200 store@1100", 2 * DAY, "hold", "embed-not-too-soon"),
    ("tissue-ffpe", "consent@-60 collect@0 fix@40 embed@4500 store@4600", 5 * DAY, "conform", "embed-in-time"),
    ("tissue-frozen", "consent@-60 collect@0 freeze@25 store@60", DAY, "conform", ""),
    ("tissue-frozen", "consent@-60 collect@0 freeze@45 store@60", DAY, "hold", "freeze-in-time"),
    ("urine", "consent@-60 collect@0 centrifuge@60 freeze@120 store@200", DAY, "conform", ""),
    ("urine", "consent@-60 collect@0 freeze@300 store@400", DAY, "conform", "centrifuge-in-time freeze-in-time"),
    ("urine", "consent@-60 collect@0", 600, "hold", "freeze-recorded centrifuge-in-time freeze-in-time store-recorded"),
    ("rna-paxgene", "consent@-60 collect@0 freeze@180 store@200", 2 * DAY, "conform", ""),
    ("rna-paxgene", "consent@-60 collect@0 freeze@60 store@200", 2 * DAY, "hold", "freeze-not-too-soon"),
)  # fmt: skip
"""SOP, story (step@minute; ? undated; day: the whole day), minute of asking, verdict, and the demands not met."""

_FINE = (ProcessOutcome.SATISFIED, ProcessOutcome.NOT_APPLICABLE)


def happening(told: str) -> Happening:
    step, minute = told.split("@")
    times = {"?": (None, None), "day": (-8 * 3600, 16 * 3600)}
    first, last = times[minute] if minute in times else (int(minute) * 60, int(minute) * 60)
    return Happening(step, f"REC-{step}", first, last)


def stand(sop: str, story: str, now: int) -> Standing:
    return assess(compile_sop(templates()[sop]), trace_of(map(happening, story.split())), now * 60)


def unmet(standing: Standing) -> set[str]:
    """Demands that are not as they should be, but for devices nobody told of."""
    return {
        one.constraint
        for one in standing.outcomes
        if one.outcome not in _FINE and not one.constraint.endswith("-device")
    }


@pytest.mark.parametrize(("sop", "story", "now", "verdict", "wanted"), STORIES)
def test_a_story_stands_to_its_template_as_the_table_says(
    sop: str, story: str, now: int, verdict: str, wanted: str
) -> None:
    standing = stand(sop, story, now)
    assert (standing.verdict.value, unmet(standing)) == (verdict, set(wanted.split()))


def test_every_template_has_a_story_that_conforms_and_one_that_does_not() -> None:
    seen = {name: {verdict for sop, _, _, verdict, _ in STORIES if sop == name} for name in templates()}
    assert not [name for name, verdicts in seen.items() if not {"conform", "hold"} <= verdicts]


def page() -> str:
    """The table as a curator reads it."""
    lines = [
        "# 流程规范模板 · SOP templates",
        "",
        "每个模板的例子和判定；分钟从采集算起。由模板自动生成，测试逐一运行。",
        "",
        "Stories and how they stand; minutes count from collection. Generated; a test runs each one.",
        "",
    ]
    for name, sop in templates().items():
        lines += [
            f"## {sop.title.zh} · {sop.title.en}",
            "",
            "| 经过 story | 询问时 asked at | 判定 verdict | 未满足 not met |",
        ]
        lines.append("| --- | --- | --- | --- |")
        for of, story, now, verdict, wanted in STORIES:
            if of == name:
                told = " → ".join(_spelt(one) for one in story.split())
                words = " ".join(text(f"process.{verdict}", language) for language in ("zh", "en"))
                lines.append(f"| {told} | {now} min | {words} | {wanted.replace(' ', ', ') or '—'} |")
        lines.append("")
    return "\n".join(lines)


def _spelt(told: str) -> str:
    step, minute = told.split("@")
    words = known_steps()[step]
    return f"{words.zh} {words.en} {minute}"


def test_the_page_for_curators_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
