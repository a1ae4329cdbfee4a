"""The words of a notice, in either language: what is amiss, why it matters, what to do, and why it is over."""

from datetime import UTC

from hilum.clock import parse_stamp
from hilum.messages import Language, text
from hilum.model.record import Value
from hilum.quality.sop import known_steps
from hilum.quality.watch import Notice

_INSTANTS = ("dispatched_at", "until", "acknowledged_at")


def title(notice: Notice, language: Language) -> str:
    """What is amiss, in one line."""
    return text(f"watch.title.{notice.kind.value}", language, **_values(notice, language))


def why(notice: Notice, language: Language) -> str:
    """Why it matters."""
    return text(f"watch.why.{notice.kind.value}", language)


def hint(notice: Notice, language: Language) -> str:
    """What to do about it."""
    return text(f"watch.hint.{notice.kind.value}", language, **_values(notice, language)).strip()


def reason(notice: Notice, language: Language) -> str:
    """Why it was closed; empty while it is open."""
    return text(f"watch.reason.{notice.reason}", language) if notice.reason else ""


def shown_instant(stamped: str) -> str:
    """An instant as people read it, to the minute, in UTC."""
    return f"{parse_stamp(stamped).astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _values(notice: Notice, language: Language) -> dict[str, object]:
    said: dict[str, object] = {name: _shown(name, value) for name, value in notice.body.items()}
    step, kind = notice.body.get("step"), notice.body.get("kind")
    said |= {"subject": notice.subject, "since": shown_instant(notice.since)}
    said["sop_hint"] = notice.body.get(f"hint_{language}") or ""
    if isinstance(step, str):
        said["step"] = known_steps()[step].say(language) if step in known_steps() else step
    if isinstance(kind, str):
        said["kind"] = text(f"kind.{kind}", language)
    return said


def _shown(name: str, value: Value) -> object:
    if value is None:
        return "—"
    if name in _INSTANTS and isinstance(value, str):
        return shown_instant(value)
    return f"{value:g}" if isinstance(value, float) else value
