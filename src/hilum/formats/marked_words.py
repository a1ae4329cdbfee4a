"""The words by which a workbook answered by the gate is known again when it is handed back corrected."""

from functools import cache

from hilum.messages import LANGUAGES, Language, text

COLUMNS = ("verdict", "hint", "score")
"""The columns put at the right of a table, in this order; catalogue keys ``marked.column.<name>``."""


def column_names(language: Language) -> tuple[str, ...]:
    """The heads of the three columns."""
    return tuple(text(f"marked.column.{name}", language) for name in COLUMNS)


def sheet_name(language: Language) -> str:
    """The name of the sheet that sums up."""
    return text("marked.sheet", language)


@cache
def known_columns() -> frozenset[str]:
    """Those heads in every language: columns that answer, and are never data."""
    return frozenset(name for language in LANGUAGES for name in column_names(language))


@cache
def known_sheets() -> frozenset[str]:
    """The names of the summing sheet in every language."""
    return frozenset(sheet_name(language) for language in LANGUAGES)
