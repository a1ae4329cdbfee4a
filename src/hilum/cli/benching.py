"""``gate-bench``: make a data set, run it through a fresh bank, score anybody's answers."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console

from hilum.app import benching
from hilum.app.benching import CLASSES, FORMATS, LEVELS, SIZES, Proportion, Ran, Score, Wanted
from hilum.cli.frame import Frame, Json, command, group
from hilum.messages import text

_TARGET = 0.95


def commands(frame: Frame) -> list[click.Command]:
    """The command group of this module."""
    levels = (*LEVELS, "clean")
    what = [
        click.Option(["--format", "form"], default="csv", type=click.Choice(FORMATS),
                     help=frame.say("option.bench_format")),
        click.Option(["--level"], default="middle", type=click.Choice(levels), help=frame.say("option.bench_level")),
        click.Option(["--size"], default="standard", type=click.Choice(tuple(SIZES)),
                     help=frame.say("option.bench_size")),
        click.Option(["--class", "codes"], multiple=True, type=click.Choice(tuple(CLASSES)), metavar="CLASS",
                     help=frame.say("option.bench_class")),
    ]  # fmt: skip
    seed = click.Option(["--seed"], default=1, type=click.IntRange(0), help=frame.say("option.bench_seed"))
    seeds = click.Option(
        ["--seed", "seeds"], multiple=True, default=(1,), type=click.IntRange(0), help=frame.say("option.bench_seed")
    )
    folder = click.Argument(["folder"], type=click.Path(path_type=Path), metavar="DIR")
    keep = click.Option(["--keep"], type=click.Path(path_type=Path), help=frame.say("option.bench_keep"))
    path = click.Path(path_type=Path)
    scored = [
        click.Option(["--ledger"], required=True, type=path, help=frame.say("option.bench_ledger")),
        click.Option(["--result"], required=True, type=path, help=frame.say("option.bench_result")),
    ]
    return [group(frame, "gate-bench", [
        command(frame, "make", make, [folder, seed, *what], key="gate-bench.make"),
        command(frame, "run", run, [seeds, keep, *what], key="gate-bench.run"),
        command(frame, "score", score, scored, key="gate-bench.score"),
        command(frame, "classes", classes, key="gate-bench.classes"),
    ])]  # fmt: skip


def make(frame: Frame, folder: Path, seed: int, form: str, level: str, size: str, codes: tuple[str, ...]) -> int:
    """Write a data set."""
    made = benching.make(folder, Wanted(seed, size, level, form, codes))
    numbers = {
        "donors": made.donors, "specimens": made.specimens, "records": made.records, "plants": made.plants,
        "expressible": made.expressible,
    }  # fmt: skip
    answer = {"folder": str(folder), **numbers}
    frame.answer(answer, lambda console: console.print(frame.say("bench.made", place=folder, **numbers), markup=False))
    return 0


def run(
    frame: Frame, seeds: Sequence[int], keep: Path | None, form: str, level: str, size: str, codes: tuple[str, ...]
) -> int:
    """Make, take in and score, seed after seed; the score is of all seeds together."""
    runs = []
    for seed in dict.fromkeys(seeds):
        frame.note("bench.running", seed=seed)
        place = keep / f"seed-{seed}" if keep else None
        runs.append(benching.run(Wanted(seed, size, level, form, codes), place))
    whole = benching.pooled(one.score for one in runs)
    causes = sum((Counter(one.blocking) for one in runs), Counter())
    first = runs[0]
    basis: dict[str, object] = {
        "generator": first.made.generator, "ruleset": first.ruleset[:12], "rules": first.rules, "format": form,
        "level": level, "size": size, "seeds": ", ".join(str(one.made.wanted.seed) for one in runs),
    }  # fmt: skip

    def show(console: Console) -> None:
        _show(frame, console, whole)
        if causes:
            told = ", ".join(f"{rule} {count}" for rule, count in causes.most_common(12))
            console.print(frame.say("bench.causes", causes=told), markup=False)
        for one in runs:
            _show_speed(frame, console, one)
        console.print(frame.say("bench.basis", **basis), markup=False)

    frame.answer(
        {**as_json(whole), "basis": basis, "blocking": dict(causes), "speed": [_speed(one) for one in runs]}, show
    )
    return 0


def score(frame: Frame, ledger: Path, result: Path) -> int:
    """Score anybody's answers."""
    whole = benching.score_file(ledger, result)
    frame.answer(as_json(whole), lambda console: _show(frame, console, whole))
    return 0


def classes(frame: Frame) -> int:
    """List the classes of defect."""
    rows = {
        one.code: {
            "class": text(f"gatebench.class.{one.code}", frame.language),
            "planted": text(f"gatebench.planted.{one.code}", frame.language),
            "due": text(f"gatebench.due.{one.due}", frame.language),
            "known_by": text(f"gatebench.known_by.{one.known_by}", frame.language),
            "correction": text(f"gatebench.correction.{one.correction}", frame.language),
        }
        for one in CLASSES.values()
    }

    def show(console: Console) -> None:
        table = frame.table("bench_class", "bench_planted", "bench_due", "bench_known_by", "bench_correction")
        for code, row in rows.items():
            table.add_row(f"{row['class']} ({code})", row["planted"], row["due"], row["known_by"], row["correction"])
        console.print(table)

    frame.answer(rows, show)
    return 0


# showing ------------------------------------------------------------------------------------------------------------


def _show(frame: Frame, console: Console, whole: Score) -> None:
    table = frame.table(
        "bench_class", "bench_due", "bench_n", "bench_stopped", "bench_flagged", "bench_repaired", "bench_recall",
        "bench_top1", "bench_named",
    )  # fmt: skip
    for one in whole.classes:
        mark = "" if one.target else " *"
        low, high = one.recall.band
        table.add_row(
            f"{text(f'gatebench.class.{one.code}', frame.language)} ({one.code}){mark}",
            text(f"gatebench.due.{CLASSES[one.code].due}", frame.language), str(one.n), str(one.stopped),
            str(one.flagged), str(one.repaired), f"{_share(one.recall)} ({low:.2f}–{high:.2f})",
            f"{one.top1}/{one.fixable}" if one.fixable else "–", f"{one.named}/{one.n}",
        )  # fmt: skip
    console.print(table)
    _show_whole(frame, console, whole)


def _show_whole(frame: Frame, console: Console, whole: Score) -> None:
    below = [one.code for one in whole.classes if one.target and (one.recall.share or 0) < _TARGET]
    found = whole.recall
    told = {"found": found.successes, "n": found.n, "below": ", ".join(below) or frame.say("bench.none")}
    console.print(frame.say("bench.recall", share=_share(found), **_band(found), **told), markup=False)
    blocked = whole.blocked
    console.print(frame.say(
        "bench.blocked", count=blocked.successes, n=blocked.n, share=_share(blocked), flags=whole.false_flags,
        dependants=whole.dependants, stopped=whole.dependants_stopped, **_band(blocked),
    ), markup=False)  # fmt: skip
    top1, all_ = whole.top1, whole.top1_all
    console.print(frame.say(
        "bench.hints", top1=_share(top1), right=top1.successes, fixable=top1.n, named=_share(whole.named),
        all=_share(all_), all_right=all_.successes, all_fixable=all_.n, withheld=whole.withheld, **_band(top1),
    ), markup=False)  # fmt: skip
    if whole.inexpressible:
        lost = ", ".join(f"{code} {count}" for code, count in sorted(whole.inexpressible.items()))
        said = frame.say("bench.inexpressible", count=whole.inexpressible.total(), classes=lost)
        console.print(said, markup=False)


def _show_speed(frame: Frame, console: Console, one: Ran) -> None:
    told = {name: f"{value:,.3f}" if name != "scan" else f"{value:,.0f}" for name, value in _speed(one).items()}
    console.print(frame.say(
        "bench.speed", gate_p50=told["gate_p50"], gate_p99=told["gate_p99"], intake_p50=told["intake_p50"],
        intake_p99=told["intake_p99"], scan=told["scan"],
    ), markup=False)  # fmt: skip


def _share(one: Proportion) -> str:
    return "–" if one.share is None else f"{one.share:.4f}"


def _band(one: Proportion) -> dict[str, str]:
    low, high = one.band
    return {"low": f"{low:.4f}", "high": f"{high:.4f}"}


def _speed(one: Ran) -> dict[str, float]:
    speed = one.speed
    return {
        "gate_p50": speed.gate_p50, "gate_p99": speed.gate_p99, "intake_p50": speed.intake_p50,
        "intake_p99": speed.intake_p99, "scan": speed.scan,
    }  # fmt: skip


def as_json(whole: Score) -> dict[str, Json]:
    """The score for programs: shares as successes, number, and 95 % band."""
    classes = {
        one.code: {
            "due": CLASSES[one.code].due, "known_by": CLASSES[one.code].known_by, "target": one.target, "n": one.n,
            "stopped": one.stopped, "flagged": one.flagged, "repaired": one.repaired, "recall": _proportion(one.recall),
            "correction": CLASSES[one.code].correction, "fixable": one.fixable, "top1": one.top1, "named": one.named,
        }
        for one in whole.classes
    }  # fmt: skip
    return {
        "classes": classes,
        "whole": {
            "recall": _proportion(whole.recall), "false_blocks": _proportion(whole.blocked),
            "false_flags": whole.false_flags, "top1": _proportion(whole.top1),
            "top1_all": _proportion(whole.top1_all), "withheld": whole.withheld, "named": _proportion(whole.named),
            "dependants": whole.dependants, "dependants_stopped": whole.dependants_stopped,
            "inexpressible": whole.inexpressible.total(),
        },
        "inexpressible": dict(sorted(whole.inexpressible.items())),
    }  # fmt: skip


def _proportion(one: Proportion) -> dict[str, float | int | None]:
    return {"successes": one.successes, "n": one.n, "share": one.share, "low": one.band[0], "high": one.band[1]}
