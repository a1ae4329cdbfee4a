"""Words a person reads, in both languages at once."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Bilingual:
    """The same statement in Chinese and in English."""

    zh: str
    en: str

    def say(self, language: Literal["zh", "en"]) -> str:
        return self.zh if language == "zh" else self.en
