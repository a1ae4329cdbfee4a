"""Which resource a reference means, and the identifier people call it by.

A resource is called by its business identifier: of the identifiers that are not marked ``old``, a medical record or
accession number first, then by use (official, usual, none, secondary), then in the order they stand; without one by
its logical id. National identity numbers never name anything. A first pass over the file keeps, for every resource
that has both, what its logical id and full URL stand for.
"""

from collections.abc import Iterator
from functools import lru_cache

from hilum.formats.fhir_draft import UNNAMED, Json, every, sub

MOST = 2_000_000
"""References whose meaning is kept; beyond them logical ids stand for themselves, and that is told."""
_USES = {"official": 0, "usual": 1, None: 2, "temp": 3, "secondary": 4}
_NUMBERS = frozenset({"MR", "PI", "ACSN", "PLAC", "FILL", "SID"})
_NATIONAL = frozenset({"NI", "NNCHN", "SS", "SB", "PPN", "DL", "NIIP", "HC", "JHN"})
_LONGEST = 200


def business_identifier(resource: Json) -> str | None:
    """The identifier a resource is called by, or ``None`` when it has none but its logical id."""
    told = resource.get("identifier")
    if isinstance(told, list) and len(told) == 1 and "accessionIdentifier" not in resource:
        only = told[0]
        if isinstance(only, dict) and "type" not in only:  # as nearly all are
            value = only.get("value")
            return value if isinstance(value, str) and value.strip() and only.get("use") != "old" else None
    elif told is None and "accessionIdentifier" not in resource:
        return None
    return _best_identifier(resource)


def _best_identifier(resource: Json) -> str | None:
    best, rank = None, (9, 9)
    for one in [*every(resource, "accessionIdentifier"), *every(resource, "identifier")]:
        value, use = one.get("value"), one.get("use")
        kinds = {coding.get("code") for coding in every(sub(one, "type"), "coding")}
        if not isinstance(value, str) or not value.strip() or use == "old" or not _NATIONAL.isdisjoint(kinds):
            continue
        found = (0 if not _NUMBERS.isdisjoint(kinds) else 1, _USES.get(use if isinstance(use, str) else None, 5))
        if found < rank:
            best, rank = value, found
    return best


def identifier(resource: Json) -> str | None:
    """What a resource is called: its business identifier, else its logical id."""
    found = business_identifier(resource) or resource.get("id")
    return found if isinstance(found, str) and not found.startswith(UNNAMED) else None


class References:
    """What references in one file mean."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self.reports: dict[str, str] = {}
        """Id of an Observation -> the report whose result it is; the first that says so."""
        self.full = False

    def learn(self, resource: Json, url: object) -> None:
        """Keep what a resource's own names stand for, and which results a report has."""
        if "result" in resource and resource.get("resourceType") == "DiagnosticReport":
            self._learn_results(resource)
        name = business_identifier(resource)
        kind, logical = resource.get("resourceType"), resource.get("id")
        if name is None:
            if isinstance(url, str) and isinstance(logical, str) and not url.endswith(logical):
                name = logical
            else:
                return
        if len(self._names) + len(self.reports) >= MOST:
            self.full = True
            return
        if isinstance(logical, str):
            self._names[f"{kind}/{logical}"] = name
        if isinstance(url, str) and not url.endswith(f"{kind}/{logical}"):
            self._names[url] = name

    def _learn_results(self, report: Json) -> None:
        name = identifier(report)
        for one in every(report, "result") if name is not None else ():
            told = one.get("reference")
            if not isinstance(told, str) or told.startswith("#"):
                continue
            if len(self._names) + len(self.reports) >= MOST:
                self.full = True
                return
            self.reports.setdefault(_last(told.strip().partition("/_history/")[0]), str(name))

    def report(self, resource: Json, url: object) -> str | None:
        """The report whose result an Observation is, by its logical id, else by its full URL."""
        logical = resource.get("id")
        found = self.reports.get(logical) if isinstance(logical, str) else None
        if found is None and isinstance(url, str):
            found = self.reports.get(_last(url))
        return found

    def name(self, reference: object, inside: Json) -> str | None:
        """What the target of ``reference`` (in the resource ``inside``) is called; a target nobody has seen keeps the
        id it is referred to by."""
        if not isinstance(reference, dict):
            return None
        text = reference.get("reference")
        text = text.strip() if isinstance(text, str) else ""
        if not text:
            told = sub(reference, "identifier").get("value")
            return told if isinstance(told, str) else None
        if text[0] == "#":
            held = contained(inside, text)
            return (identifier(held) or text[1:]).removeprefix("#") if held else text[1:]
        known = self._names.get(text)
        return known if known is not None else self._outside(text, reference)

    def _outside(self, text: str, reference: Json) -> str:
        if "/_history/" in text:
            text = text.partition("/_history/")[0]
        known = self._names.get(text)
        if known is None and text.count("/") > 1:
            known = self._names.get("/".join(text.rsplit("/", 2)[-2:]))
        if known is not None:
            return known
        told = sub(reference, "identifier").get("value") if "identifier" in reference else None
        return told if isinstance(told, str) and told else _last(text)


@lru_cache(maxsize=4_096)
def _last(text: str) -> str:
    """The id a reference ends in."""
    return text.rsplit("/", 1)[-1].rsplit(":", 1)[-1].partition("?")[0][:_LONGEST] or text[:_LONGEST]


def contained(resource: Json, reference: str) -> Json | None:
    """The contained resource that ``#id`` means. Contained resources hold no others, so nothing can go round."""
    wanted = reference.lstrip("#")
    return next((one for one in every(resource, "contained") if str(one.get("id")).lstrip("#") == wanted), None)


def kind_of(reference: Json, inside: Json) -> str:
    """The type a reference says its target has: by its path, its ``type`` or the contained resource."""
    text = reference.get("reference")
    if isinstance(text, str):
        if text.startswith("#"):
            return str((contained(inside, text) or {}).get("resourceType", ""))
        parts = text.partition("/_history/")[0].rsplit("/", 2)
        if len(parts) > 1 and parts[-2].isalpha():
            return parts[-2]
    told = reference.get("type")
    return told if isinstance(told, str) else ""


def displays(references: list[Json]) -> Iterator[str]:
    """The words references carry for people."""
    for one in references:
        found = one.get("display")
        if isinstance(found, str):
            yield found
