"""Units as laboratories write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hilum.formats.values import plain
from hilum.terms import units
from hilum.terms.analytes import analytes, fitting_units


@pytest.mark.parametrize(
    ("spelling", "code"),
    [
        ("mg/dl", "mg/dL"),
        ("MG/DL", "mg/dL"),
        ("µmol/L", "umol/L"),
        ("μmol/L", "umol/L"),
        ("毫克/分升", "mg/dL"),
        ("微摩尔/升", "umol/L"),
        ("×10^9/L", "10*9/L"),
        ("10^9/L", "10*9/L"),
        ("10E9/L", "10*9/L"),
        ("10⁹/L", "10*9/L"),
        ("个/HP", "/[HPF]"),
        ("个/μL", "/uL"),
        ("IU/L", "[IU]/L"),
        ("mIU/mL", "m[IU]/mL"),
        ("U/l", "U/L"),
        ("℃", "Cel"),
        ("°C", "Cel"),
        ("CEL", "Cel"),
        ("mmHg", "mm[Hg]"),
        ("次/分", "/min"),
        ("kg/m2", "kg/m2"),
        ("copies/mL", "/mL"),
        ("mEq/L", "meq/L"),
        ("mL/min/1.73m²", "mL/min/{1.73_m2}"),
        ("mg/m2/day", "mg/m2/d"),
        ("g%", "g/dL"),
        ("cGy", "cGy"),
        ("[iU]/kg", "[IU]/kg"),
        ("S/CO", "{S_CO_ratio}"),
    ],
)
def test_spellings_of_laboratories_find_their_unit(spelling: str, code: str) -> None:
    assert units.canonical_unit(spelling) == code


@pytest.mark.parametrize("spelling", ["×10⁹/L", "μmol/L", "m²", "℃", "㎎"])
def test_a_unit_survives_the_normalisation_of_readers(spelling: str) -> None:
    assert units.canonical_unit(plain(spelling)) is not None


@pytest.mark.parametrize("spelling", ["C", "M", "", "斤", "mg//dL", "mg/dL/dL", "umol per L", None])
def test_what_says_no_unit_for_certain_is_refused(spelling: str | None) -> None:
    assert units.canonical_unit(spelling) is None
    assert units.dimension(spelling) is None


@pytest.mark.parametrize(
    ("value", "unit", "target", "analyte", "expected"),
    [
        (1.0, "mg/dL", "umol/L", "creatinine", 88.402),
        (1.0, "mg/dL", "umol/L", "bilirubin_total", 17.104),
        (5.0, "mmol/L", "mg/dL", "glucose", 90.078),
        (1.0, "mmol/L", "mg/dL", "calcium", 4.0078),
        (1.0, "mmol/L", "mg/dL", "cholesterol_total", 38.666),
        (37.0, "Cel", "[degF]", "", 98.6),
        (-80.0, "Cel", "K", "", 193.15),
        (98.6, "[degF]", "Cel", "", 37.0),
        (6000.0, "cGy", "Gy", "", 60.0),
        (150.0, "ng/uL", "ug/uL", "", 0.15),
        (187000.0, "/uL", "10*9/L", "platelets", 187.0),
        (40.0, "IU/L", "U/L", "alt", 40.0),
        (1.0, "g/dL", "g/L", "albumin", 10.0),
        (14.0, "kPa", "mm[Hg]", "", 105.009),
    ],
)
def test_conversions_agree_with_the_published_factors(
    value: float, unit: str, target: str, analyte: str, expected: float
) -> None:
    assert units.convert(value, unit, target, analyte) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize(
    ("unit", "target", "analyte"),
    [
        ("mg/dL", "umol/L", ""),
        ("mg/dL", "umol/L", "platelets"),
        ("mg/dL", "Cel", "glucose"),
        ("C", "Cel", ""),
        ("[IU]/L", "U/L", "hcg"),
        ("mg/dL", "umol", "creatinine"),
        ("ng/mL", "[IU]/mL", "afp"),
    ],
)
def test_what_cannot_be_converted_has_no_conversion(unit: str, target: str, analyte: str) -> None:
    assert units.conversion(unit, target, analyte) is None


@given(st.sampled_from(sorted(set(units.units()))), st.floats(-1e6, 1e6))
def test_there_and_back_again_is_the_same_value(unit: str, value: float) -> None:
    for target in sorted({code for code in ("mg/dL", "Cel", "mol/L", "L", "Gy") if units.conversion(unit, code)}):
        there = units.convert(value, unit, target)
        assert there is not None
        back = units.convert(there, target, unit)
        assert back == pytest.approx(value, rel=1e-9, abs=1e-6)


def test_units_lists_every_spelling_with_the_dimension_of_its_code() -> None:
    listed = units.units()
    assert listed == {word: units.dimension(word) for word in listed}
    assert set(units.spellings()) == set(listed)


def test_every_analyte_has_sources_and_limits_that_agree_between_its_units() -> None:
    for code, found in analytes().items():
        assert found.limits_source, code
        assert (found.molar_mass is None) == (found.mass_source == ""), code
        first, *others = found.limits or (None,)
        for limit in found.limits:
            assert units.canonical_unit(limit.unit) == limit.unit, (code, limit.unit)
            assert limit.low < limit.high, code
        for other in others:
            assert first is not None
            high = units.convert(other.high, other.unit, first.unit, code)
            assert high is None or 0.7 < high / first.high < 1.4, (code, other.unit)


def test_a_value_names_the_units_in_which_it_would_be_possible() -> None:
    assert fitting_units("creatinine", 0.9) == ("mg/dL",)
    assert fitting_units("creatinine", 88.0) == ("umol/L",)
    assert fitting_units("creatinine", 20.0) == ("umol/L", "mg/dL")
    assert fitting_units("albumin", 5200.0) == ("mg/dL",)
    assert fitting_units("nothing", 1.0) == ()
