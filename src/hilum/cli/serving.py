"""``serve``: the intake service, its doors and its gate."""

import signal
import sys
import threading

import click

from hilum.api.running import listen, serve_http
from hilum.app.doors import configured, keep_doors
from hilum.app.serving import keep_gate
from hilum.app.supervising import supervise
from hilum.cli.frame import Frame, command
from hilum.errors import BadInputError
from hilum.settings import load

_PARTS = ("gate", "http", "doors")


def commands(frame: Frame) -> list[click.Command]:
    """The commands of this module."""
    return [
        command(
            frame,
            "serve",
            serve,
            [
                click.Option(["--host"], default="127.0.0.1", show_default=True, help=frame.say("option.host")),
                click.Option(["--port"], default=8765, show_default=True, help=frame.say("option.port")),
                click.Option(["--workers"], default=1, show_default=True, help=frame.say("option.workers")),
                click.Option(["--part"], type=click.Choice(_PARTS), help=frame.say("option.part")),
                click.Option(["--handle"], type=int, hidden=True),
            ],
        )
    ]


def serve(frame: Frame, host: str, port: int, workers: int, part: str | None, handle: int | None) -> int:
    """Run the service, or one part of it."""
    stop = threading.Event()
    if part == "http" and handle is not None:
        serve_http(frame.home, handle)
        return 0
    for asked_to_stop in (signal.SIGTERM, signal.SIGINT):
        signal.signal(asked_to_stop, lambda *_: stop.set())
    if part == "gate":
        keep_gate(frame.home, stop, lambda reason: frame.note("serve.watch_stopped", reason=reason))
        return 0
    settings = load(frame.home)
    doors = configured(settings)
    if part == "doors":
        keep_doors(frame.home, stop, lambda sentence: click.echo(sentence, err=True))
        return 0
    try:
        listening = listen(host, port)
    except OSError as wrong:
        raise BadInputError("address_taken", host=host, port=port, why=wrong.strerror or "") from wrong
    shared = ["--home", str(frame.home), "--lang", frame.language]
    parts = {"gate": ["serve", "--part", "gate", *shared]}
    for number in range(1, workers + 1):
        parts[f"http-{number}"] = ["serve", "--part", "http", "--handle", str(listening.fileno()), *shared]
    if doors.any:
        parts["doors"] = ["serve", "--part", "doors", *shared]
    frame.note("serve.ready", host=host, port=listening.getsockname()[1])
    sys.stderr.flush()
    supervise(parts, stop, lambda name, what: frame.note(f"serve.{what}", part=name), [listening.fileno()])
    return 0
