"""How a command ends that cannot go on: typed wrongly, interrupted, refused by the machine, or stopped by a bug.

People and programs get a sentence, a remedy and an exit code; a traceback goes to a file, and never with anybody's
data: it holds the kinds of the errors and the places in the program, no messages, no values, no arguments.
"""

import errno
import json
import os
import platform
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from hilum import __version__
from hilum.cli.frame import Frame, console_for
from hilum.clock import stamp, system_clock
from hilum.errors import BadInputError, HilumError, StoreError

USAGE, UNEXPECTED, INTERRUPTED = 2, 1, 130
LOG = "unexpected.log"
"""File in the bank's home that tells the developers where the program broke."""
_HELP: tuple[type[click.UsageError], ...] = tuple(
    kind for name in ("NoArgsIsHelpError",) if (kind := getattr(click.exceptions, name, None)) is not None
)
"""click from 8.2 on answers a command without its arguments with its help, as an error of this kind."""
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


def say_and_leave(frame: Frame, code: int, error: str, reason: str, message: str, advice: str) -> None:
    """Say what went wrong and what to do, on standard error, and leave with ``code``."""
    if frame.as_json:
        body = {"error": error, "reason": reason, "message": message, "advice": advice}
        click.echo(json.dumps(body, ensure_ascii=False, indent=2), err=True)
    else:
        console = console_for(sys.stderr)
        console.print(frame.say("error", message=message), style="bold red", markup=False)
        console.print(frame.say("advice", advice=advice), markup=False)
    sys.exit(code)


def fail(frame: Frame, error: HilumError) -> None:
    """Leave with an error's own words and exit code."""
    language = frame.language
    say_and_leave(frame, error.exit_code, error.code, error.reason, error.message(language), error.advice(language))


@contextmanager
def guarded(frame: Frame, command: str) -> Iterator[None]:
    """Whatever stops ``command`` (its name, without what was typed after it) ends in words and an exit code."""
    try:
        yield
    except HilumError as error:
        fail(frame, error)
    except click.UsageError as wrong:
        _usage(frame, wrong)
    except (click.Abort, KeyboardInterrupt):
        message, advice = frame.say("interrupted"), frame.say("interrupted.advice")
        say_and_leave(frame, INTERRUPTED, "interrupted", "interrupted", message, advice)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as refused:
        fail(frame, refusal(refused))
    except Exception as bug:  # the last resort: what nobody foresaw still ends in words
        file = write_log(frame.home, command, bug)
        message, advice = frame.say("unexpected", kind=type(bug).__name__), frame.say("unexpected.advice", file=file)
        say_and_leave(frame, UNEXPECTED, "unexpected", type(bug).__name__, message, advice)


def refusal(error: OSError) -> HilumError:
    """The machine would not read or write a file: the path and its reason."""
    place = str(error.filename or "—")
    if error.errno in _NO_ROOM:
        return StoreError("store_full", place=place)
    return BadInputError("file_refused", place=place, why=error.strerror or type(error).__name__)


def _usage(frame: Frame, wrong: click.UsageError) -> None:
    if isinstance(wrong, _HELP):
        wrong.show()
        sys.exit(USAGE)
    path = wrong.ctx.command_path if wrong.ctx else "hilum"
    say_and_leave(frame, USAGE, "usage", "usage", _amiss(frame, wrong), frame.say("usage.advice", command=path))


def _amiss(frame: Frame, wrong: click.UsageError) -> str:
    """What was typed wrongly; click's own words where it says more than the kind of mistake."""
    if isinstance(wrong, click.NoSuchOption):
        return frame.say("usage.option", name=wrong.option_name)
    if isinstance(wrong, click.BadOptionUsage):
        return frame.say("usage.value_missing", name=wrong.option_name)
    if isinstance(wrong, click.BadParameter):
        return _bad_parameter(frame, wrong)
    unknown = getattr(wrong, "command_name", "")  # click from 8.2 on says which word it was
    return frame.say("usage.command", name=unknown) if unknown else frame.say("usage.other", message=wrong.message)


def _bad_parameter(frame: Frame, wrong: click.BadParameter) -> str:
    hint = wrong.param_hint or (wrong.param.get_error_hint(wrong.ctx) if wrong.param and wrong.ctx else "")
    name = " ".join(hint) if isinstance(hint, list | tuple) else str(hint or "")
    if isinstance(wrong, click.MissingParameter):
        return frame.say("usage.missing", name=name.strip("'"))
    return frame.say("usage.value", name=name.strip("'"), allowed=_allowed(wrong.param.type if wrong.param else None))


def _allowed(kind: object) -> str:
    if isinstance(kind, click.Choice):
        return ", ".join(map(str, kind.choices))
    if isinstance(kind, click.IntRange):
        return f">= {kind.min}"
    return str(getattr(kind, "name", ""))


# the log -------------------------------------------------------------------------------------------------------------


def write_log(home: Path, command: str, bug: BaseException) -> Path:
    """Add where the program broke to the log in ``home``, or to a new file of its own where there is no bank."""
    text = "\n".join([f"{stamp(system_clock())} hilum {__version__} {command}", *_places(bug), "", ""])
    if home.is_dir() and os.access(home, os.W_OK):
        file = home / LOG
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    else:
        handle, name = tempfile.mkstemp(prefix="hilum-", suffix=".log")
        file = Path(name)
    with os.fdopen(handle, "w", encoding="utf-8") as log:
        log.write(text)
    return file


def _places(bug: BaseException) -> Iterator[str]:
    """The errors from the first cause on, each by its kind and the lines of the program it passed."""
    yield f"Python {platform.python_version()} {platform.system()}"
    seen: set[int] = set()
    chain: list[BaseException] = []
    one: BaseException | None = bug
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        chain.append(one)
        one = one.__cause__ or one.__context__
    for error in reversed(chain):
        yield f"{type(error).__module__}.{type(error).__qualname__}"
        for frame in traceback.extract_tb(error.__traceback__):
            yield f'  File "{frame.filename}", line {frame.lineno}, in {frame.name}'
