"""What a record hangs on: donor, parent, siblings, consent, what was done before, fetched for a whole batch at once.

Look-ups go to the bank once per batch; what the batch itself accepts is laid over them, so that a child may follow its
parent in the same file. Columns are those :mod:`hilum.quality.row` describes; only the ones the rules read are made.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache

from hilum.model.event import EventKind
from hilum.model.record import Kind, Value
from hilum.quality.row import CHAIN_SPACES, SWAPPED, Row, day_number, own_columns, second_number, swapped
from hilum.registry.accession import happening
from hilum.registry.chain import CHAINED, Before, Chains
from hilum.registry.logs import Trips, trip_columns
from hilum.registry.ports import Unit, Vault
from hilum.registry.privacy import Parted
from hilum.registry.stored import Fact, Siblings

_LINEAGE: tuple[tuple[str, Callable[[str], int]], ...] = (
    ("created_on", day_number),
    ("collected_at", second_number),
    ("collected_offset_days", int),
)
_SUMMED = ("amount_ug", "volume_ul", "weight_mg")


@dataclass(slots=True)
class Neighbours:
    """Facts around one batch, and the batch's own acceptances laid over them."""

    donors: dict[str, Fact] = field(default_factory=dict)
    consents: dict[str, list[Fact]] = field(default_factory=dict)
    conditions: dict[str, list[Fact]] = field(default_factory=dict)
    specimens: dict[str, Fact] = field(default_factory=dict)
    siblings: dict[str, Siblings] = field(default_factory=dict)
    occupants: dict[str, str] = field(default_factory=dict)
    barcodes: dict[str, str] = field(default_factory=dict)
    earlier: dict[tuple[Kind, str], Fact] = field(default_factory=dict)
    rivals: dict[tuple[Kind, str], list[Fact]] = field(default_factory=dict)
    """Facts under one key that the same source states with different contents; the records need not be accepted."""
    people: dict[str, str] = field(default_factory=dict)
    personal: dict[str, dict[str, Value]] = field(default_factory=dict)
    trips: Trips | None = None
    chains: Chains = field(default_factory=Chains)
    _flat: dict[tuple[str, str, Kind], Row] = field(default_factory=dict)

    def accept(self, fact: Fact) -> None:
        """Lay an accepted fact over the look-ups."""
        old = self.earlier.get((fact.kind, fact.key))
        self.earlier[fact.kind, fact.key] = fact
        if fact.kind is Kind.DONOR:
            self.donors[fact.key] = fact
        elif fact.kind is Kind.CONSENT and fact.donor:
            self.consents[fact.donor] = [f for f in self.consents.get(fact.donor, []) if f.key != fact.key] + [fact]
        elif fact.kind is Kind.CONDITION and fact.donor:
            self.conditions[fact.donor] = [f for f in self.conditions.get(fact.donor, []) if f.key != fact.key] + [fact]
        elif fact.kind is Kind.SPECIMEN:
            self._accept_specimen(fact, old)
        elif fact.kind is Kind.LOG and self.trips is not None:
            self.trips.accept(fact)
        elif fact.kind in CHAINED and fact.parent:
            self.chains.add(fact, self.specimen_name(fact))

    def _accept_specimen(self, fact: Fact, old: Fact | None) -> None:
        self.specimens[fact.key] = fact
        if fact.alias:
            self.specimens[fact.alias] = fact
        if fact.position:
            self.occupants[fact.position] = fact.key
        if fact.barcode:
            self.barcodes[fact.barcode] = fact.key
        if old is not None and old.parent:
            self.siblings[old.parent] = _added(self.siblings.get(old.parent), old, -1)
        if fact.parent:
            self.siblings[fact.parent] = _added(self.siblings.get(fact.parent), fact, 1)

    def forget(self, fact: Fact) -> None:
        """Take a retracted fact out of the look-ups again."""
        self.earlier.pop((fact.kind, fact.key), None)
        if fact.kind in CHAINED:
            self.chains.drop(fact)
        if fact.kind is Kind.LOG and self.trips is not None:
            self.trips.lose(fact)
        if fact.kind is Kind.SPECIMEN:
            self.specimens.pop(fact.key, None)
            self.specimens.pop(fact.alias or "", None)
            if fact.parent:
                self.siblings[fact.parent] = _added(self.siblings.get(fact.parent), fact, -1)
            for index, at in ((self.occupants, fact.position), (self.barcodes, fact.barcode)):
                if at and index.get(at) == fact.key:
                    del index[at]

    def lose(self, fact: Fact) -> None:
        """Look at the bank as if ``fact`` were not there."""
        self.forget(fact)
        if fact.kind is Kind.DONOR:
            self.donors.pop(fact.key, None)
        for kind, index in ((Kind.CONSENT, self.consents), (Kind.CONDITION, self.conditions)):
            if fact.kind is kind and fact.donor:
                index[fact.donor] = [other for other in index.get(fact.donor, []) if other.key != fact.key]

    def specimen_name(self, fact: Fact) -> str:
        """What the specimen of ``fact`` is called in :attr:`chains`, whichever of its names the record uses."""
        known = self.specimens.get(fact.parent or "")
        return known.key if known else fact.parent or ""

    def specimen_names(self, fact: Fact) -> set[str]:
        """Every name by which records may call the specimen of ``fact``."""
        known = self.specimens.get(fact.parent or "")
        return {name for name in (fact.parent, *((known.key, known.alias) if known else ())) if name}

    def before(self, fact: Fact) -> Before:
        """What was done with the specimen of ``fact`` just before it."""
        return self.chains.before(fact, self.specimen_name(fact))

    def after(self, fact: Fact) -> Iterator[Fact]:
        """The links that ``fact`` may precede."""
        return self.chains.after(fact, self.specimen_name(fact))

    def primary_condition(self, donor: str) -> Fact | None:
        """The donor's diagnosis: the first condition of category ``primary``, else the first of all."""
        known = self.conditions.get(donor, [])
        return next((fact for fact in known if fact.fields.get("category") == "primary"), known[0] if known else None)

    def consent_in_force(self, donor: str) -> Fact | None:
        """The strictest consent known: a withdrawal or refusal outweighs everything, else the latest."""
        known = self.consents.get(donor, [])
        ended = [one for one in known if happening(one.kind, one.fields) is EventKind.CONSENT_WITHDRAWN]
        return ended[-1] if ended else known[-1] if known else None

    def flat(self, space: str, fact: Fact, wanted: Collection[str], for_kind: Kind) -> Row:
        """The columns of ``fact`` under ``space.`` that rules for ``for_kind`` want, made once."""
        name = (space, fact.record, for_kind)
        found = self._flat.get(name)
        if found is None:
            fields = dict(fact.fields) | self.personal.get(fact.record, {})
            if fact.donor in self.people:
                fields["donor_id"] = self.people[fact.donor]
            everything = own_columns(fact.kind, fields, f"{space}.")
            found = {name: everything[name] for name in wanted if name in everything} | {f"{space}.known": True}
            self._flat[name] = found
        return found


def _added(to: Siblings | None, fact: Fact, sign: int) -> Siblings:
    base = to or Siblings(0, 0.0, 0.0, 0.0)
    amounts = [
        getattr(base, name) + sign * (value if isinstance(value := fact.fields.get(name), int | float) else 0.0)
        for name in _SUMMED
    ]
    return Siblings(base.count + sign, *amounts)


def gather(unit: Unit, vault: Vault, batch: Iterable[Parted], facts_of: Mapping[str, Fact]) -> Neighbours:
    """Every look-up the records of ``batch`` need; ``facts_of`` maps a record id to the fact it would establish."""
    near = Neighbours()
    records = list(batch)
    near.people = {p.stored.donor: p.whole.donor for p in records if p.stored.donor and p.whole.donor}
    donors = sorted(near.people)
    near.donors = unit.facts(Kind.DONOR, donors)
    near.consents = unit.donor_facts(Kind.CONSENT, donors)
    near.conditions = unit.donor_facts(Kind.CONDITION, donors)
    facts = [facts_of[p.stored.id] for p in records]
    near.specimens = _lineages(unit, facts)
    mine = [fact for fact in facts if fact.kind is Kind.SPECIMEN]
    near.siblings = unit.siblings(sorted({f.parent for f in mine if f.parent}))
    near.occupants = unit.occupants(sorted({f.position for f in mine if f.position}))
    near.barcodes = unit.barcodes(sorted({f.barcode for f in mine if f.barcode}))
    _fetch_chains(unit, near, facts)
    near.trips = Trips(unit)
    near.trips.fetch(fact for fact in facts if fact.kind is Kind.TRANSPORT)
    for kind in sorted({fact.kind for fact in facts}):
        keys = sorted({fact.key for fact in facts if fact.kind is kind})
        near.earlier |= {(kind, key): fact for key, fact in unit.facts(kind, keys).items() if fact.key == key}
    _fetch_personal(near, vault)
    return near


def chained(unit: Unit, links: Collection[Fact], accepted: Iterable[Fact]) -> Neighbours:
    """The chains that ``links`` belong to and nothing else, with what was ``accepted`` since laid over them."""
    near = Neighbours()
    near.specimens = unit.facts(Kind.SPECIMEN, sorted({fact.parent for fact in links if fact.parent}))
    _fetch_chains(unit, near, links)
    for fact in accepted:
        near.accept(fact)
    return near


def _fetch_chains(unit: Unit, near: Neighbours, facts: Iterable[Fact]) -> None:
    """The custody records and preparations of the specimens these records are about, in one question per kind."""
    linked = [fact for fact in facts if fact.kind in CHAINED and fact.parent]
    if not linked:
        return
    called = {name: near.specimen_name(fact) for fact in linked for name in near.specimen_names(fact)}
    for found in unit.facts_about(sorted({fact.kind for fact in linked}), sorted(called)).values():
        for link in found:
            near.chains.add(link, called[link.parent or ""])


_GENERATIONS = 8


def _lineages(unit: Unit, facts: Iterable[Fact]) -> dict[str, Fact]:
    """Parents, their parents and so on, a generation per look-up."""
    found: dict[str, Fact] = {}
    wanted = {fact.parent for fact in facts if fact.parent}
    for _ in range(_GENERATIONS):
        generation = unit.facts(Kind.SPECIMEN, sorted(wanted))
        found |= generation
        wanted = {fact.parent for fact in generation.values() if fact.parent} - found.keys()
        if not wanted:
            break
    return found


def _fetch_personal(near: Neighbours, vault: Vault) -> None:
    """Personal values of donors (a date of birth) and the identifiers of donors met only through a parent."""
    others = {f.donor for f in near.specimens.values() if f.donor} - set(near.people)
    if others:
        near.people |= vault.people(sorted(others))
    if near.donors:
        near.personal = vault.personal(sorted(fact.record for fact in near.donors.values()))


@lru_cache(maxsize=64)
def _received(at: str) -> Row:
    """When the bank received a record: the only "now" its rules know, so that a verdict can be repeated."""
    return {"received.on": day_number(at[:10]), "received.at": second_number(at)}


def columns_for(parted: Parted, fact: Fact, near: Neighbours, needs: Collection[str]) -> Row:
    """The context columns of one record (see :mod:`hilum.quality.row`)."""
    donor = fact.donor or ""
    row = dict(_received(parted.stored.received_at))
    linked = near.specimens.get(fact.parent) if fact.parent else None
    linked_space = "parent" if fact.kind is Kind.SPECIMEN else "specimen"
    rivals = near.rivals.get((fact.kind, fact.key), ())
    rival = next((one for one in rivals if one.record != fact.record and one.source == fact.source), None)
    earlier = rival or near.earlier.get((fact.kind, fact.key))
    spaces = (
        ("donor", near.donors.get(donor)),
        ("consent", near.consent_in_force(donor)),
        ("condition", near.primary_condition(donor)),
        (linked_space, linked),
        ("earlier", earlier),
    )
    for space, other in spaces:
        if other is None:
            row[f"{space}.known"] = False
        else:
            row.update(near.flat(space, other, needs, fact.kind))
    row["earlier.same_source"] = rival is not None
    if fact.kind is Kind.SPECIMEN:
        row.update(_specimen_columns(fact, near, earlier))
        row.update(_lineage_columns(fact, near))
        if SWAPPED in needs and isinstance(text := fact.fields.get("collected_at"), str):
            row[SWAPPED] = swapped(text)
    if fact.kind in CHAINED:
        row.update(_chain_columns(fact, near, needs))
    if fact.kind is Kind.TRANSPORT and near.trips is not None:
        row.update(trip_columns(fact, near.trips, needs))
    return row


def _chain_columns(fact: Fact, near: Neighbours, needs: Collection[str]) -> Row:
    """What was done with the specimen just before, and who held it then."""
    before = near.before(fact) if fact.parent else Before()
    links = {"previous": before.previous, "holder": before.holder}
    row: Row = {}
    for space in CHAIN_SPACES[fact.kind]:
        link = links[space]
        row.update(near.flat(space, link, needs, fact.kind) if link else {f"{space}.known": False})
    return row


def _lineage_columns(fact: Fact, near: Neighbours) -> Row:
    """When the nearest ancestor that says so was collected or made."""
    row: Row = {}
    seen = {fact.key}
    above = near.specimens.get(fact.parent) if fact.parent else None
    while above is not None and above.key not in seen:
        seen.add(above.key)
        for name, number in _LINEAGE:
            value = above.fields.get(name)
            if f"lineage.{name}" not in row and isinstance(value, str | int):
                with suppress(ValueError):  # a partial date has no number; an older ancestor may have one
                    row[f"lineage.{name}"] = number(value) if isinstance(value, str) else value
        above = near.specimens.get(above.parent) if above.parent else None
    return row


def _specimen_columns(fact: Fact, near: Neighbours, earlier: Fact | None) -> Row:
    total = near.siblings.get(fact.parent) if fact.parent else None
    if total is not None and earlier is not None and earlier.parent == fact.parent:
        total = _added(total, earlier, -1)
    occupant = near.occupants.get(fact.position) if fact.position else None
    holder = near.barcodes.get(fact.barcode) if fact.barcode else None
    return {
        "siblings.count": total.count if total else 0,
        "siblings.amount_ug": total.amount_ug if total else 0.0,
        "siblings.volume_ul": total.volume_ul if total else 0.0,
        "siblings.weight_mg": total.weight_mg if total else 0.0,
        "place.taken": occupant is not None and occupant != fact.key,
        "place.occupant": occupant,
        "barcode.taken": holder is not None and holder != fact.key,
        "barcode.holder": holder,
    }
