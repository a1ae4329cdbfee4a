"""Settings: defaults, then the file in the bank's home, then the environment; a wrong one is named with its place."""

from pathlib import Path

import pytest

from hilum.errors import BadInputError
from hilum.messages import LANGUAGES
from hilum.settings import FILE_NAME, Settings, load


def _home(folder: Path, text: str) -> Path:
    (folder / FILE_NAME).write_text(text, encoding="utf-8")
    return folder


def _refused(home: Path, environment: dict[str, str] | None = None) -> BadInputError:
    with pytest.raises(BadInputError) as refused:
        load(home, environment or {})
    for language in LANGUAGES:
        words = refused.value.message(language) + refused.value.advice(language)
        assert "⟨" not in words
    return refused.value


def test_a_bank_without_a_file_has_the_defaults(tmp_path: Path) -> None:
    settings = load(tmp_path, {})
    assert settings == Settings(home=tmp_path)
    assert (settings.language, settings.batch, settings.engine, settings.actors) == ("zh", 500, "polars", ())
    assert settings.vault_folder == tmp_path / "vault"
    assert settings.pack_folder == tmp_path / "rules"


def test_the_file_says_what_differs(tmp_path: Path) -> None:
    text = """
name = "协和样本库"
language = "en"
batch = 50
engine = "judge"
database = "postgresql+pg8000://bank@db/hilum"
vault = "/secure/vault"
packs = "/shared/rules"

[actors]
li = ["curator", "data_manager"]
"王芳" = ["auditor"]
guest = []
"""
    settings = load(_home(tmp_path, text), {})
    assert (settings.name, settings.language, settings.batch, settings.engine) == ("协和样本库", "en", 50, "judge")
    assert settings.database == "postgresql+pg8000://bank@db/hilum"
    assert (settings.vault_folder, settings.pack_folder) == (Path("/secure/vault"), Path("/shared/rules"))
    assert settings.actors == (("li", ("curator", "data_manager")), ("王芳", ("auditor",)), ("guest", ()))


def test_the_environment_outweighs_the_file(tmp_path: Path) -> None:
    home = _home(tmp_path, 'batch = 50\nlanguage = "en"\nname = "A"\n')
    settings = load(home, {"HILUM_BATCH": "7", "HILUM_LANGUAGE": "zh", "HILUM_ENGINE": "duckdb", "PATH": "/bin"})
    assert (settings.batch, settings.language, settings.engine, settings.name) == (7, "zh", "duckdb", "A")


def test_the_process_environment_is_used_when_none_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HILUM_BATCH", "9")
    assert load(tmp_path).batch == 9


def test_nobody_becomes_an_actor_and_no_bank_moves_by_the_environment(tmp_path: Path) -> None:
    settings = load(tmp_path, {"HILUM_ACTORS": "root", "HILUM_HOME": "/elsewhere"})
    assert (settings.actors, settings.home) == ((), tmp_path)


def test_an_unknown_setting_names_the_file_the_setting_and_the_known_ones(tmp_path: Path) -> None:
    error = _refused(_home(tmp_path, 'langauge = "en"\n'))
    assert error.reason == "settings_unknown"
    assert error.values["place"] == str(tmp_path / FILE_NAME)
    assert error.values["name"] == "langauge"
    assert "language" in str(error.values["known"])


def test_a_bank_cannot_say_that_it_lives_elsewhere(tmp_path: Path) -> None:
    assert _refused(_home(tmp_path, 'home = "/elsewhere"\n')).reason == "settings_unknown"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("batch = 0\n", "batch"),
        ("batch = 10001\n", "batch"),
        ("batch = -1\n", "batch"),
        ("batch = 1.5\n", "batch"),
        ("batch = true\n", "batch"),
        ('batch = "many"\n', "batch"),
        ('batch = ""\n', "batch"),
        ('language = "fr"\n', "language"),
        ('language = "ZH"\n', "language"),
        ("language = 1\n", "language"),
        ('language = ["zh"]\n', "language"),
        ('engine = "spark"\n', "engine"),
        ('actors = "li"\n', "actors"),
        ('actors = ["li"]\n', "actors"),
        ('[actors]\nli = "curator"\n', "actors.li"),
        ("[actors]\nli = true\n", "actors.li"),
        ('database = ["sqlite://"]\n', "database"),
        ("[vault]\n", "vault"),
        ("name = 301\n", "name"),
        ("packs = false\n", "packs"),
    ],
)
def test_a_wrong_value_names_the_file_the_setting_and_the_value(text: str, name: str, tmp_path: Path) -> None:
    error = _refused(_home(tmp_path, text))
    assert error.reason == "settings_value"
    assert (error.values["place"], error.values["name"]) == (str(tmp_path / FILE_NAME), name)


@pytest.mark.parametrize(("name", "value"), [("BATCH", "x"), ("BATCH", ""), ("LANGUAGE", "de"), ("ENGINE", "sqlite")])
def test_a_wrong_value_in_the_environment_is_refused_as_well(name: str, value: str, tmp_path: Path) -> None:
    error = _refused(tmp_path, {f"HILUM_{name}": value})
    assert (error.reason, error.values["place"], error.values["name"]) == ("settings_value", "HILUM_*", name.lower())


@pytest.mark.parametrize("batch", ["1", "10000"])
def test_the_limits_of_a_batch_are_inside(batch: str, tmp_path: Path) -> None:
    assert load(tmp_path, {"HILUM_BATCH": batch}).batch == int(batch)


@pytest.mark.parametrize("content", [b"batch = \n", b"[actors\n", b"a = 1\na = 2\n", b"name = '\xff'\n", b"\x00"])
def test_a_file_that_is_no_toml_says_where_and_why(content: bytes, tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(content)
    error = _refused(tmp_path)
    assert error.reason == "settings_unreadable"
    assert error.values["place"] == str(tmp_path / FILE_NAME)
    assert str(error.values["why"]).strip()
