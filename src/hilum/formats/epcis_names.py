"""What an identifier in an EPCIS event names, in one spelling whichever way it is written.

EPC URNs (``urn:epc:id:sgtin:…``) and GS1 Digital Link URIs (``https://…/01/…/21/…``) of one thing become the same GS1
element string as a scanner prints under the bar code: ``(01)04012345111118(21)9876``. Of another URN the part after its
name space and sort stands (``S-1`` of ``urn:lab:specimen:S-1``), of another web address the last part of its path, and
a plain text is taken as it is. Sources: GS1 EPC Tag Data Standard 2.0 (pure identity URIs), GS1 Digital Link 1.3, CBV
2.0 chapter 8.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from urllib.parse import unquote

_LONGEST = 500
_REMEMBERED = 16_384
_KEYS = {"00": 18, "01": 14, "253": 0, "255": 0, "401": 0, "402": 0, "414": 13, "8003": 0, "8004": 0, "8006": 0,
         "8010": 0, "8017": 0, "8018": 0, "417": 13}  # fmt: skip
"""Application identifiers a Digital Link begins with, and the width a number is padded to (0: as it stands)."""
_QUALIFIERS = frozenset({"10", "21", "22", "235", "254", "8011", "8019"})
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
_EPC = re.compile(r"urn:epc:(?:id|class|idpat):([a-z]+):(.+)", re.IGNORECASE)
_TRANSACTION = re.compile(r"urn:epcglobal:cbv:bt:[^:]*:(.+)")


def check_digit(digits: str) -> str:
    """The GS1 check digit of a number without it (weights 3 and 1 from the right)."""
    total = sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


@lru_cache(maxsize=_REMEMBERED)
def name_of(text: str) -> str:
    """The identifier ``text`` names; see the module. Never fails: what cannot be taken apart stays as it is."""
    text = text.strip()
    if len(text) > _LONGEST or not _SCHEME.match(text):
        return text
    if text[:4].lower() == "urn:":
        return _of_urn(text)
    if text[:7].lower() == "http://" or text[:8].lower() == "https://":
        return _of_web(text)
    return text


def transaction_of(text: str) -> str:
    """The number of a business transaction, without the company that gave it (``urn:epcglobal:cbv:bt:GLN:number``)."""
    found = _TRANSACTION.fullmatch(text.strip())
    return unquote(found[1]) if found else name_of(text)


@lru_cache(maxsize=_REMEMBERED)
def word_of(text: str) -> str:
    """The bare word of a term of the Core Business Vocabulary: ``shipping`` of ``urn:epcglobal:cbv:bizstep:shipping``,
    of ``https://ref.gs1.org/cbv/BizStep-shipping`` and of ``cbv:BizStep-shipping``."""
    last = re.split(r"[/:#]", text.strip())[-1]
    return re.sub(r"^(BizStep|Disp|BTT|SDT|MT)-", "", last)


def is_box(name: str) -> bool:
    """Whether the name is that of a logistic unit (SSCC), which is never a specimen itself."""
    return name.startswith("(00)")


def _of_urn(text: str) -> str:
    found = _EPC.fullmatch(text)
    if found:
        make = _SCHEMES.get(found[1].lower())
        parts = [unquote(part) for part in found[2].split(".", 2)]
        return (make(parts) if make else None) or text
    rest = text.split(":", 2)[2] if text.count(":") > 1 else ""
    named = rest.partition(":")[2] or rest
    return unquote(named) if named else text


def _of_web(text: str) -> str:
    path = re.split(r"[?#]", text, maxsplit=1)[0].split("/")[3:]
    for start, part in enumerate(path[:-1]):
        if part in _KEYS and path[start + 1]:
            return _linked([unquote(one) for one in path[start:]])
    named = [part for part in path if part]
    return unquote(named[-1]) if named else text


def _linked(parts: list[str]) -> str:
    width = _KEYS[parts[0]]
    found = f"({parts[0]}){parts[1].rjust(width, '0') if width else parts[1]}"
    for code, value in zip(parts[2::2], parts[3::2], strict=False):
        if code in _QUALIFIERS and value:
            found += f"({code}){value}"
    return found


def _trade_item(parts: list[str]) -> str | None:
    """Company prefix and reference whose first digit is the indicator: a GTIN of 14 digits."""
    company, reference = parts[0], parts[1]
    body = reference[:1] + company + reference[1:]
    return f"(01){body}{check_digit(body)}" if body.isdecimal() and body.isascii() and len(body) == 13 else None


def _then(make: Callable[[list[str]], str | None], code: str) -> Callable[[list[str]], str | None]:
    def made(parts: list[str]) -> str | None:
        head = make(parts) if len(parts) == 3 and parts[2] else None
        return f"{head}({code}){parts[2]}" if head else None

    return made


def _place(parts: list[str]) -> str | None:
    number = _numbered("414", 12)(parts)
    if number is None or len(parts) < 3 or parts[2] in ("", "0"):
        return number
    return f"{number}(254){parts[2]}"


def _numbered(code: str, width: int) -> Callable[[list[str]], str | None]:
    """Company prefix and reference of so many digits together, with their check digit."""

    def made(parts: list[str]) -> str | None:
        body = "".join(parts[:2])
        return f"({code}){body}{check_digit(body)}" if _is_number(body, width) else None

    return made


def _is_number(body: str, width: int) -> bool:
    return body.isascii() and body.isdecimal() and len(body) == width


def _logistic(parts: list[str]) -> str | None:
    if len(parts) != 2:
        return None
    body = parts[1][:1] + parts[0] + parts[1][1:]
    return f"(00){body}{check_digit(body)}" if _is_number(body, 17) else None


def _asset(parts: list[str]) -> str | None:
    return f"(8004){parts[0]}{'.'.join(parts[1:])}" if len(parts) > 1 and parts[1] else None


def _with_serial(code: str, lead: str) -> Callable[[list[str]], str | None]:
    """A returnable asset or a document: number of 13 digits, then its serial."""

    def made(parts: list[str]) -> str | None:
        body = "".join(parts[:2])
        if len(parts) < 3 or not _is_number(body, 12):
            return None
        return f"({code}){lead}{body}{check_digit(body)}{parts[2]}"

    return made


_SCHEMES: dict[str, Callable[[list[str]], str | None]] = {
    "sgtin": _then(_trade_item, "21"),
    "lgtin": _then(_trade_item, "10"),
    "sscc": _logistic,
    "sgln": _place,
    "pgln": _numbered("417", 12),
    "giai": _asset,
    "grai": _with_serial("8003", "0"),
    "gdti": _with_serial("253", ""),
    "gsrn": _numbered("8018", 17),
}
