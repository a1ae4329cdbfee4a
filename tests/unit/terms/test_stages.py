"""Stage groups of the eighth edition: the tables answer what the books say, and nothing where they do not decide."""

import pytest

from hilum.terms.stages import _tables as tables
from hilum.terms.stages import group
from hilum.terms.valuesets import members


@pytest.mark.parametrize(
    ("site", "t", "n", "m", "stage"),
    [
        ("C34", "T1c", "N0", "M0", "IA3"),
        ("C34", "T2a", "N1", "M0", "IIB"),
        ("C34", "T4", "N3", "M0", "IIIC"),
        ("C34", "T1a", "N0", "M1c", "IVB"),
        ("C18", "T3", "N1b", "M0", "IIIB"),
        ("C20", "T4b", "N0", "cM0", "IIC"),
        ("C16", "T4a", "N2", "M0", "IIIA"),
        ("C50", "T1c", "N1mi", "M0", "IB"),
        ("C50", "T2", "N1a", "M0", "IIB"),
        ("C64", "T1b", "N0", "M0", "I"),
        ("C67", "T4a", "N0", "M0", "IIIA"),
        ("C53", "T2a1", "N0", "M0", "IIA1"),
        ("C22", "T3", "N0", "cM1", "IVB"),
        ("C50", "Tis(DCIS)", "N0", "M0", "0"),
    ],
)
def test_a_group_follows_from_t_n_and_m(site: str, t: str, n: str, m: str, stage: str) -> None:
    assert group(site, t, n, m) == stage


@pytest.mark.parametrize(
    ("site", "t", "n", "m"),
    [
        ("C34", "T2", "N0", "M0"),  # IB or IIA
        ("C18", "T3", "N2", "M0"),  # IIIB or IIIC
        ("C16", "T2", "N3", "M0"),  # IIIA or IIIB
        ("C61", "T2", "N0", "M0"),  # needs PSA and grade group
        ("C73", "T1", "N0", "M0"),  # needs the age
        ("C34", "TX", "N0", "M0"),
        ("C34", "T1a", "N0", "MX"),
        ("C34", "", "", ""),
        ("", "T1", "N0", "M0"),
    ],
)
def test_nothing_is_said_where_t_n_and_m_do_not_decide(site: str, t: str, n: str, m: str) -> None:
    assert group(site, t, n, m) == ""


def test_every_group_in_the_tables_is_a_stage() -> None:
    by_t = {one for rows, _ in tables().values() for by_n in rows.values() for one in by_n.values()}
    by_m = {one for _, groups in tables().values() for one in groups.values()}
    assert "IIIC" in by_t
    assert (by_t | by_m) - {""} <= members("stage")
