"""Stage groups by T, N and M: the tables of ``stages.toml`` (eighth edition), for the sites where they decide it."""

import tomllib
from functools import cache
from importlib import resources

EDITION = "8"
"""The edition of the tables."""
_ALIKE = {"C19": "C18", "C20": "C18"}
_M0 = frozenset({"M0", "cM0", "pM0", "cM0 (i+)"})

Table = dict[str, dict[str, str]]


@cache
def _tables() -> dict[str, tuple[Table, dict[str, str]]]:
    """site -> T -> N -> group, and M -> group."""
    told = tomllib.loads((resources.files("hilum.terms") / "stages.toml").read_text(encoding="utf-8"))
    return {site: (_by_t(rows), dict(rows["m"])) for site, rows in told.items()}


def _by_t(rows: dict[str, list[str]]) -> Table:
    return {t: dict(zip(rows["n"], groups, strict=True)) for t, groups in rows.items() if t not in ("n", "m")}


def group(site: str, t: str, n: str, m: str) -> str:
    """The stage group of a tumour at a site (ICD-10 category, ``C34``); empty where the table does not decide it.

    A subdivision the table does not know counts as what it is part of: N1a as N1, T1a1 as T1a.
    """
    site = _ALIKE.get(site, site)
    if site not in _tables():
        return ""
    by_t, by_m = _tables()[site]
    metastasis = m.removeprefix("c").removeprefix("p")
    if metastasis.startswith("M1"):
        return _known(by_m, metastasis)
    if m not in _M0:
        return ""
    row = by_t.get(_part(by_t, t), {})
    return _known(row, n)


def _known(table: dict[str, str], name: str) -> str:
    return table.get(_part(table, name), "")


def _part(table: dict[str, str] | Table, name: str) -> str:
    """The longest beginning of a category that the table has."""
    name = name.split("(", maxsplit=1)[0].strip()
    return next((name[:end] for end in range(len(name), 1, -1) if name[:end] in table), "")
