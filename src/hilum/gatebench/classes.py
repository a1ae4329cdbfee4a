"""The classes of defect: what each asks of a judge. Names and what is planted stand in the catalogue, in two languages.

``due`` says what a class deserves: ``stop`` (the record must not pass unseen by a person) or ``flag`` (a warning is
right: the specimen is usable, the deviation must be known). ``known_by`` says what a rule must see to know it:

* ``record``: the record itself; ``link``: the records it hangs on or collides with; ``trip``: the readings of a log;
* ``set``: only many records together; ``nobody``: nothing in the data contradicts it (its recall is a lower bound of
  the noise, not a target).

``correction`` says whether the data tell the right value. The ledger always knows it, having planted the wrong one; a
judge knows it only when it follows from the record and what stands around it:

* ``follows``: undoing one common slip of one value (of typing, unit, decimal point or sign, or two values exchanged)
  makes the record agree with itself, its neighbours and the lists it must keep to, and no other such slip would;
* ``open``: two statements contradict each other, and either may be the wrong one (a diagnosis and a sex, a topography
  and a code, a stage and its TNM, an amount and its factors), or the value is odd but may be what really happened;
* ``withheld``: the value is personal (identity number, birth, donor, name), or only a personal value speaks against it.
  Nothing is ever offered there, by design: a suggestion is stored and shown where personal values must not be;
* ``none``: the ledger names no correction.

This was decided class by class from the definition alone, not from what any judge offers.

``needs`` names the fields beside the spoilt one without which nothing contradicts it (a sex is wrong only because the
identity number says so; ``table.field`` is one of another table's). Where a format has no place for one of them, the
class cannot be carried there.

On the hard level some classes that a rule can know become undecidable; :data:`UNDECIDABLE` lists them.
"""

from dataclasses import dataclass

from hilum.gatebench import defects_identity, defects_measure, defects_story, defects_trip, defects_words
from hilum.gatebench.planting import Make

STOP, FLAG = "stop", "flag"
RECORD, LINK, TRIP, SET, NOBODY = "record", "link", "trip", "set", "nobody"
FOLLOWS, OPEN, WITHHELD, NONE = "follows", "open", "withheld", "none"


@dataclass(frozen=True, slots=True)
class DefectClass:
    """A class of defect: code, what it deserves, what must be seen to know it, how it is planted, whether the data tell
    the right value, and the fields beside the spoilt one that contradict it."""

    code: str
    due: str
    known_by: str
    make: Make
    correction: str = NONE
    needs: tuple[str, ...] = ()

    @property
    def is_knowable(self) -> bool:
        """Whether a rule over records and what they hang on can know it."""
        return self.known_by in (RECORD, LINK, TRIP)


_MAKERS = (
    defects_identity.MAKERS | defects_story.MAKERS | defects_measure.MAKERS | defects_words.MAKERS | defects_trip.MAKERS
)
_TRAITS: dict[str, tuple[str, str]] = {
    "bytes_undecodable": (STOP, RECORD), "id_missing": (STOP, RECORD), "donor_missing": (STOP, RECORD),
    "id_unseen": (FLAG, RECORD), "id_lookalike": (STOP, LINK), "barcode_conflict": (STOP, LINK),
    "tube_code_twice": (STOP, LINK), "position_taken": (STOP, LINK), "donor_swapped": (STOP, LINK),
    "check_digit_wrong": (STOP, RECORD), "sex_against_number": (STOP, RECORD), "names_swapped": (STOP, NOBODY),
    "numbers_swapped": (STOP, RECORD), "birth_swapped": (STOP, RECORD), "birth_year_typo": (STOP, RECORD),
    "volume_over_parent": (STOP, LINK), "parent_absent": (STOP, LINK), "parent_cycle": (STOP, LINK),
    "consent_missing": (STOP, LINK), "consent_late": (STOP, LINK), "consent_withdrawn": (STOP, LINK),
    "consent_expired": (STOP, LINK), "consent_scope": (STOP, LINK), "consent_refused": (STOP, LINK),
    "received_early": (STOP, RECORD), "half_day": (STOP, RECORD), "day_month_swapped": (STOP, RECORD),
    "year_typo": (STOP, RECORD), "late_entry": (FLAG, RECORD), "spin_delayed": (FLAG, RECORD),
    "spin_missing": (FLAG, LINK), "spin_twice": (FLAG, LINK), "steps_reversed": (STOP, RECORD),
    "device_overdue": (FLAG, RECORD), "custody_broken": (FLAG, LINK), "same_person": (FLAG, LINK),
    "thawed_often": (FLAG, RECORD), "storage_sign": (STOP, RECORD), "storage_fahrenheit": (FLAG, RECORD),
    "unit_missing": (FLAG, RECORD), "unit_other_scale": (STOP, RECORD), "unit_wrong": (STOP, RECORD),
    "decimal_slip": (STOP, RECORD), "not_a_number": (STOP, RECORD), "unit_in_number": (STOP, RECORD),
    "limits_swapped": (FLAG, RECORD), "tube_against_type": (STOP, RECORD), "spin_force": (FLAG, RECORD),
    "amount_against": (STOP, RECORD), "purity_impossible": (STOP, RECORD), "height_in_metres": (STOP, RECORD),
    "sex_against_diagnosis": (STOP, LINK), "site_against_code": (FLAG, RECORD), "code_against_words": (FLAG, RECORD),
    "code_malformed": (FLAG, RECORD), "stage_against_tnm": (STOP, RECORD), "nodes_over": (STOP, RECORD),
    "term_unknown": (STOP, RECORD), "test_unknown": (STOP, RECORD), "command_in_text": (FLAG, RECORD),
    "log_absent": (STOP, TRIP), "log_serial": (STOP, TRIP), "log_gap": (FLAG, TRIP), "log_short": (FLAG, TRIP),
    "log_sentinel": (STOP, TRIP), "log_flat": (FLAG, TRIP), "log_excursion": (FLAG, TRIP), "log_clock": (FLAG, TRIP),
    "log_fahrenheit": (FLAG, TRIP), "copied_run": (FLAG, SET), "impossible_timing": (FLAG, SET),
    "digit_preference": (FLAG, SET),
}  # fmt: skip
_CORRECTIONS = {
    FOLLOWS: (
        "id_unseen", "id_lookalike", "half_day", "day_month_swapped", "year_typo", "storage_sign", "storage_fahrenheit",
        "unit_missing", "unit_other_scale", "unit_wrong", "decimal_slip", "not_a_number", "unit_in_number",
        "limits_swapped", "purity_impossible", "height_in_metres", "code_malformed", "term_unknown", "test_unknown",
    ),
    OPEN: (
        "spin_force", "amount_against", "sex_against_diagnosis", "site_against_code", "code_against_words",
        "stage_against_tnm",
    ),
    WITHHELD: ("donor_missing", "donor_swapped", "sex_against_number", "birth_swapped", "birth_year_typo"),
}  # fmt: skip
_CORRECTION_OF = {code: correction for correction, codes in _CORRECTIONS.items() for code in codes}
_NEEDS: dict[str, tuple[str, ...]] = {
    "sex_against_number": ("national_id",), "birth_swapped": ("national_id",), "birth_year_typo": ("national_id",),
    "numbers_swapped": ("birth_on",), "half_day": ("received_at",), "received_early": ("collected_at",),
    "code_against_words": ("diagnosis",), "site_against_code": ("icd10",), "custody_broken": ("from_party", "to_party"),
    "amount_against": ("concentration", "volume_ul"), "unit_other_scale": ("unit", "value"),
    "nodes_over": ("nodes_examined",), "tube_against_type": ("specimen_type",),
    "volume_over_parent": ("tubes.volume_ul",), "sex_against_diagnosis": ("donors.sex",),
    "stage_against_tnm": ("pathologic_t", "pathologic_n", "pathologic_m", "pathologic_stage"),
}  # fmt: skip
CLASSES: dict[str, DefectClass] = {
    code: DefectClass(code, due, known_by, _MAKERS[code], _CORRECTION_OF.get(code, NONE), _NEEDS.get(code, ()))
    for code, (due, known_by) in _TRAITS.items()
}
UNDECIDABLE = {
    "hard": frozenset({"decimal_slip", "unit_other_scale", "code_against_words", "log_clock", "storage_fahrenheit"})
}
"""Level -> classes whose plants there lie within what may be true."""


def is_target(code: str, level: str) -> bool:
    """Whether recall in this class on this level is something to reach."""
    return CLASSES[code].is_knowable and code not in UNDECIDABLE.get(level, frozenset())
