"""A person at the terminal: types commands, reads answers."""

import json
from dataclasses import dataclass
from pathlib import Path

import click
from click.testing import CliRunner, Result

from hilum.cli.main import perform
from hilum.cli.stopping import LOG


@dataclass(frozen=True, slots=True)
class Terminal:
    """One bank at ``home``; commands are typed as they would be, without the word ``hilum``."""

    home: Path
    language: str = "zh"

    def type(self, *words: str | Path, code: int = 0) -> Result:
        """Carry out a command in this process; its exit code must be ``code``."""
        arguments = ["--home", str(self.home), "--lang", self.language, *map(str, words)]
        program = click.Command("hilum", callback=lambda: perform(arguments, {}))
        result = CliRunner().invoke(program, [], catch_exceptions=False)
        log = self.home / LOG
        broken = log.read_text(encoding="utf-8") if result.exit_code == 1 and log.is_file() else ""
        assert result.exit_code == code, f"{words}: {result.exit_code}\n{result.output}\n{broken}"
        return result

    def ask(self, *words: str | Path, code: int = 0) -> object:
        """The same with ``--json``; the answer as a value."""
        return json.loads(self.type(*words, "--json", code=code).stdout)

    def table(self, *words: str | Path, code: int = 0) -> dict[str, object]:
        """An answer that is an object."""
        answer = self.ask(*words, code=code)
        assert isinstance(answer, dict)
        return answer
