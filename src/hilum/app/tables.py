"""Confirming what the columns of a hospital's tables mean."""

from collections.abc import Sequence
from pathlib import Path

from hilum.app.reading import previews, suggested
from hilum.app.running import Hilum
from hilum.errors import BadInputError
from hilum.formats import mapping
from hilum.formats.mapping import TableMapping
from hilum.formats.suggestion import Suggestion
from hilum.messages import Language, text
from hilum.model.party import Actor
from hilum.model.vocabulary import vocabulary


def read_mapping(file: Path) -> TableMapping:
    """A mapping file a person wrote or edited."""
    return mapping.load(file)


def confirm_tables(app: Hilum, actor: Actor, file: Path, edited: Path | None, folder: Path) -> Sequence[Path]:
    """Keep the suggestion for each table of ``file``, or the ``edited`` mapping, confirmed by ``actor``."""
    app.authorise("mapping.confirm", "intake", actor)
    if not file.is_file():
        raise BadInputError("path_missing", place=str(file))
    if edited is not None:
        wanted = [mapping.load(edited)]
    else:
        wanted = [guess.mapping for guess in map(suggested, previews(file)) if guess.mapping.parts]
    if not wanted:
        raise BadInputError("mapping_empty", place=str(file))
    return [mapping.save(mapping.confirm(one, actor.name), folder) for one in wanted]


def describe(guess: Suggestion, language: Language) -> list[tuple[str, str, str, str, str, str]]:
    """A suggestion as rows of words: header, field, unit, confidence, ground, doubts."""
    rows = []
    for column in guess.columns:
        fields = "、".join(
            f"{vocabulary()[kind][name].label.say(language)} ({kind.value}.{name})" for kind, name in column.targets
        )
        basis = text(f"basis.{column.basis}", language)
        doubts = "、".join(text(f"doubt.{doubt}", language) for doubt in column.doubts)
        rows.append((column.header, fields or "—", column.unit, f"{column.confidence:.0%}", basis, doubts))
    return rows
