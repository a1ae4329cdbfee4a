"""What a hospital's own pack does to a shipped rule: put another in its place, or switch it off."""

from dataclasses import dataclass

from hilum.quality.rule import Rule


@dataclass(frozen=True, slots=True)
class Replacement(Rule):
    """A hospital's rule that stands in the place of the shipped rule ``overrides``."""

    overrides: str = ""


@dataclass(frozen=True, slots=True)
class Disabling(Rule):
    """Not a rule but the word that rule ``id`` is switched off here; ``why`` says for what reason."""
