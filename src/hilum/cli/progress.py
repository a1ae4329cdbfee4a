"""A progress bar for long work: shown to people at a terminal, silent for programs and logs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from hilum.cli.frame import Frame

Report = Callable[[str, int, int], None]


@contextmanager
def progress_bar(frame: Frame) -> Iterator[Report]:
    """Yields ``report(what, done, total)``."""
    console = Console(stderr=True)
    if frame.as_json or not console.is_terminal:
        yield lambda what, done, total: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=1)

        def report(what: str, done: int, total: int) -> None:
            bar.update(task, description=what[-60:], completed=done, total=total)

        yield report
