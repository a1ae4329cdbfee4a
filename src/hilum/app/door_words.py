"""The gate's answer (:mod:`hilum.app.answering`) as a page a person reads."""

from collections.abc import Iterator, Mapping

from hilum.messages import Language, text

_COUNTS = ("accepted", "held", "rejected", "unchanged")


def page(name: str, answer: Mapping[str, object], language: Language) -> str:
    """What became of the file ``name``: counts, then what stopped with its findings and hints, then the problems."""
    return "\n".join(_lines(name, answer, language)) + "\n"


def _lines(name: str, answer: Mapping[str, object], language: Language) -> Iterator[str]:
    yield name
    if answer.get("state") == "aside":
        yield str(answer.get("text", ""))
        return
    yield text("ack.counted", language, **{one: answer.get(one, 0) for one in _COUNTS})
    yield text("door.arrival", language, arrival=answer.get("arrival", ""))
    for problem in _tables(answer, "problems"):
        yield ""
        yield text("door.problem", language, line=problem.get("line", 0), text=problem.get("text", ""))
    for record in _tables(answer, "records"):
        if record.get("findings"):
            yield ""
            yield from _record(record, language)


def _record(record: Mapping[str, object], language: Language) -> Iterator[str]:
    score = record.get("score")
    total = score.get("total", "") if isinstance(score, Mapping) else ""
    yield text(
        "door.record",
        language,
        place=record.get("place", ""),
        line=record.get("line", 0),
        kind=text(f"kind.{record.get('kind')}", language),
        key=record.get("key", ""),
        state=text(f"state.{record.get('state')}", language),
        score=total,
    )
    for one in _tables(record, "findings"):
        yield f"  [{one.get('rule', '')}] {one.get('title', '')}"
        yield from (f"    {word}" for part in ("why", "hint") if (word := str(one.get(part, "")).strip()))


def _tables(values: Mapping[str, object], name: str) -> list[Mapping[str, object]]:
    found = values.get(name, [])
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []
