"""A person at the terminal: types commands, reads answers."""

import json
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner, Result

from hilum.cli.frame import surroundings
from hilum.cli.main import build


@dataclass(frozen=True, slots=True)
class Terminal:
    """One bank at ``home``; commands are typed as they would be, without the word ``hilum``."""

    home: Path
    language: str = "zh"

    def type(self, *words: str | Path, code: int = 0) -> Result:
        """Carry out a command in this process; its exit code must be ``code``."""
        arguments = ["--home", str(self.home), "--lang", self.language, *map(str, words)]
        frame, rest = surroundings(arguments, {})
        result = CliRunner().invoke(build(frame), rest, prog_name="hilum", catch_exceptions=False)
        assert result.exit_code == code, f"{words}: {result.exit_code}\n{result.output}"
        return result

    def ask(self, *words: str | Path, code: int = 0) -> object:
        """The same with ``--json``; the answer as a value."""
        return json.loads(self.type(*words, "--json", code=code).stdout)

    def table(self, *words: str | Path, code: int = 0) -> dict[str, object]:
        """An answer that is an object."""
        answer = self.ask(*words, code=code)
        assert isinstance(answer, dict)
        return answer
