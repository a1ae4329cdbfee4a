"""Opening the bank a command works on, as the account that typed it."""

import getpass

from hilum.app.running import Hilum, actor_of, open_hilum
from hilum.cli.frame import Frame
from hilum.model.party import Actor


def opened(frame: Frame) -> tuple[Hilum, Actor]:
    """The bank and who acts in it: the account of the operating system, or the one named with ``--as``."""
    app = open_hilum(frame.home)
    real = getpass.getuser()
    return app, actor_of(app.settings, frame.account or real, via=real)
