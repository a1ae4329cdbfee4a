"""``python -m hilum``: the same as the ``hilum`` command."""

from hilum.cli.main import run

if __name__ == "__main__":
    run()
