"""Taking one folder in, as a program that can be killed: ``python -m tests.flows.killed HOME FOLDER``."""

import sys
from datetime import UTC, datetime
from pathlib import Path

from hilum.app.intake import intake
from hilum.app.reading import Readers
from hilum.app.running import actor_of, open_hilum
from hilum.clock import fixed_clock


def main() -> None:
    """Take in what is left to take in, and say so."""
    home, folder = Path(sys.argv[1]), Path(sys.argv[2])
    with open_hilum(home, fixed_clock(datetime(2026, 3, 17, tzinfo=UTC))) as app:
        actor = actor_of(app.settings, "root")
        intake(app, actor, [folder], Readers(home / "mappings", "root", trusting=True))
    sys.stdout.write("done\n")


if __name__ == "__main__":
    main()
