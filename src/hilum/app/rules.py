"""The rules in force in one bank: the shipped packs, then the hospital's own."""

from functools import cache

from hilum.errors import BadInputError
from hilum.quality.examples import Trial, try_examples
from hilum.quality.pack import build_ruleset, load_pack, load_shipped
from hilum.quality.rule import Rule, Ruleset
from hilum.settings import Settings


def ruleset_of(settings: Settings) -> Ruleset:
    """All rules of the bank. Raises :class:`~hilum.errors.RuleError` with file, line and remedy."""
    own: list[Rule] = []
    folder = settings.pack_folder
    if folder.is_dir():
        for file in sorted(folder.glob("*.yaml")):
            try:
                text = file.read_text(encoding="utf-8")
            except UnicodeDecodeError as broken:
                raise BadInputError("pack_not_utf8", place=str(file)) from broken
            own.extend(load_pack(text, file.name))
    return build_ruleset(load_shipped(), tuple(own)) if own else _shipped()


@cache
def _shipped() -> Ruleset:
    """The shipped rules alone: made once in a process, since a bank without packs of its own has no others."""
    return build_ruleset(load_shipped(), ())


def trials_of(ruleset: Ruleset) -> tuple[int, tuple[Trial, ...]]:
    """Run every rule's own examples; answers how many there were and which came out otherwise."""
    return try_examples(ruleset.rules)
