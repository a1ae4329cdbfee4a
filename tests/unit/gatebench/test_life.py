"""The clean life cycles: the same from the same seed, and coherent in themselves."""

from datetime import date, timedelta

import pytest

from hilum.errors import BadInputError
from hilum.formats.hospital_people import check_digit
from hilum.gatebench.entry import SPECIMEN_TABLES, Life, read_clock
from hilum.gatebench.life import SIZES, live


@pytest.fixture(scope="module")
def life() -> Life:
    return live(7, "standard")


def _cells(life: Life) -> list[dict[str, str]]:
    return [entry.cells for entry in life.everything()]


def test_the_same_seed_gives_the_same_life_cycles() -> None:
    assert _cells(live(3, "small")) == _cells(live(3, "small"))


def test_another_seed_gives_others() -> None:
    assert _cells(live(3, "small")) != _cells(live(4, "small"))


def test_a_size_gives_about_that_many_specimens(life: Life) -> None:
    assert abs(life.specimens - SIZES["standard"]) < SIZES["standard"] * 0.15


def test_a_size_nobody_knows_is_refused() -> None:
    with pytest.raises(BadInputError):
        live(1, "enormous")


def test_every_identity_number_has_its_check_digit_birth_date_and_sex(life: Life) -> None:
    for entry in life.entries["donors"]:
        number = entry.cells["national_id"]
        assert check_digit(number[:17]) == number[17]
        assert number[6:14] == entry.cells["birth_on"].replace("-", "")
        assert (int(number[16]) % 2 == 1) == (entry.cells["sex"] in ("男", "男性", "M"))


def test_everybody_consented_before_the_draw_and_for_longer(life: Life) -> None:
    consents = {entry.donor: entry.cells for entry in life.entries["consents"]}
    for tube in life.entries["tubes"]:
        drawn, consent = read_clock(tube.cells["collected_at"]).date(), consents[tube.donor]
        assert date.fromisoformat(consent["consented_on"]) <= drawn
        assert not consent["expires_on"] or date.fromisoformat(consent["expires_on"]) > life.handed_in.date()


def test_steps_follow_each_other_within_the_limits(life: Life) -> None:
    for entry in life.entries["aliquots"]:
        names = ("collected_at", "received_at", "centrifuged_at", "frozen_at", "stored_at")
        drawn, received, spun, frozen, stored = (read_clock(entry.cells[name]) for name in names)
        assert drawn < received < spun < frozen < stored < life.handed_in
        assert spun - drawn <= timedelta(hours=4)
        assert frozen - spun <= timedelta(hours=2)


def test_tissue_is_frozen_or_fixed_soon_and_never_both(life: Life) -> None:
    embeddings = {entry.specimen: entry.cells for entry in life.entries["steps"] if entry.cells["step"] == "包埋"}
    frozen = blocks = 0
    for entry in life.entries["tissues"]:
        cells = entry.cells
        excised, stored = read_clock(cells["collected_at"]), read_clock(cells["stored_at"])
        assert bool(cells["frozen_at"]) != bool(cells["fixed_at"])
        assert excised < read_clock(cells["received_at"]) < stored < life.handed_in
        if cells["frozen_at"]:
            frozen += 1
            assert timedelta() < read_clock(cells["frozen_at"]) - excised <= timedelta(minutes=30)
            assert cells["storage_c"] == "-80"
            continue
        blocks += 1
        fixed = read_clock(cells["fixed_at"])
        assert timedelta() < fixed - excised <= timedelta(hours=1)
        embedded = read_clock(embeddings[entry.specimen]["started_at"])
        assert timedelta(hours=6) <= embedded - fixed <= timedelta(hours=72)
        assert embedded < stored
    assert frozen > 50
    assert blocks > 20


def test_only_inpatients_with_a_tumour_are_operated_on(life: Life) -> None:
    inpatients = {entry.donor for entry in life.entries["encounters"] if entry.cells["class"] == "住院"}
    tumours = {entry.donor for entry in life.entries["diagnoses"] if entry.cells.get("icdo_site")}
    assert {entry.donor for entry in life.entries["tissues"]} <= inpatients & tumours


def test_paxgene_tubes_lie_for_two_hours_to_three_days_before_they_are_frozen_and_are_stored(life: Life) -> None:
    drawn = {one.specimen: read_clock(one.cells["collected_at"]) for one in life.entries["tubes"]}
    stored = {one.specimen: read_clock(one.cells["stored_at"]) for one in life.entries["storage"]}
    freezings = [one for one in life.entries["steps"] if one.cells["step"] == "冻存"]
    assert len(freezings) > 20
    assert {one.specimen for one in freezings} == set(stored) == {name for name in drawn if name.endswith("-R")}
    for entry in freezings:
        frozen = read_clock(entry.cells["started_at"])
        assert timedelta(hours=2) <= frozen - drawn[entry.specimen] <= timedelta(hours=72)
        assert frozen < stored[entry.specimen] < life.handed_in


def test_rna_has_a_number_for_its_integrity_and_its_amount_is_concentration_times_volume(life: Life) -> None:
    made = [entry.cells for entry in life.entries["extracts"] if entry.cells["specimen_type"] == "RNA"]
    assert len(made) > 40
    for cells in made:
        assert 1 <= float(cells["rin"]) <= 10
        assert 1.8 <= float(cells["a260_a280"]) <= 2.2
        amount = float(cells["concentration"]) * float(cells["volume_ul"]) / 1000
        assert abs(float(cells["amount_ug"]) - amount) < 0.001
    assert not [one for one in life.entries["extracts"] if one.cells["specimen_type"] == "DNA" and one.cells["rin"]]


def test_who_takes_out_does_not_hand_out(life: Life) -> None:
    people: dict[str, list[str]] = {}
    for entry in life.entries["requests"]:
        people.setdefault(entry.specimen, []).append(entry.cells["performed_by"])
    assert people
    assert all(len(set(names)) == 2 for names in people.values())


def test_aliquots_never_exceed_half_of_their_tube(life: Life) -> None:
    tubes = {entry.specimen: int(entry.cells["volume_ul"]) for entry in life.entries["tubes"]}
    given: dict[str, int] = {}
    for entry in life.entries["aliquots"]:
        given[entry.parent] = given.get(entry.parent, 0) + int(entry.cells["volume_ul"])
    assert given
    assert all(2 * volume <= tubes[parent] for parent, volume in given.items())


def test_identifiers_positions_and_codes_are_taken_once(life: Life) -> None:
    specimens = [entry for name in SPECIMEN_TABLES for entry in life.entries[name]]
    for name in ("specimen_id", "location", "barcode_2d"):
        found = [entry.cells[name] for entry in specimens if entry.cells.get(name)]
        assert len(found) == len(set(found))


def test_every_trip_has_a_log_that_covers_it_within_its_limits(life: Life) -> None:
    for log in life.logs:
        trip = life.trips[log.trip]
        assert log.readings[0][0] <= trip.dispatched
        assert log.readings[-1][0] >= trip.received
        assert all(2 <= float(text) <= 8 for _, text in log.readings)
