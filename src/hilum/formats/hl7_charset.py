"""Which encoding a message is in: what MSH-18 says, unless the bytes say otherwise. Source: HL7 table 0211."""

import re

from hilum.formats.values import BROKEN

_NAMED = {
    "ASCII": "ascii",
    "UNICODE UTF-8": "utf-8",
    "UNICODE": "utf-8",
    "UTF-8": "utf-8",
    "UTF8": "utf-8",
    "UNICODE UTF-16": "utf-8",  # the stream has made UTF-8 of it
    "GB 18030-2000": "gb18030",
    "GB18030": "gb18030",
    "GB 18030": "gb18030",
    "GB2312": "gb18030",
    "GB 2312": "gb18030",
    "GBK": "gb18030",
    "CNS 11643-1992": "big5",
    "BIG-5": "big5",
    "BIG5": "big5",
} | {f"8859/{part}": "cp1252" if part == 1 else f"iso8859-{part}" for part in range(1, 16) if part != 12}
_EASTERN = ("utf-8", "gb18030", "big5")
_BROKEN_SHARE = 0.4
"""A declared encoding with more holes than that among what is not ASCII is not the one the message is in."""
_CHINESE = re.compile("[\u2010-\u2030\u2103\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]+")


def decoded(content: bytes, declared: str, fallback: str) -> tuple[str, str, str]:
    """``(text, encoding, reason)``: ``reason`` is empty, or the problem there is with what MSH-18 declares.

    ``fallback`` is the encoding of the file as a whole, for a message that declares none or a wrong one. UTF-8 that
    nothing else produces by chance wins over a declaration: many interfaces declare a default they do not use.
    """
    if content.isascii():
        return content.decode("ascii"), "ascii", ""
    wanted = _NAMED.get(declared.strip().upper(), "")
    as_utf8 = _strict(content, "utf-8")
    if as_utf8 is not None and _is_surely_utf8(as_utf8, wanted):
        return (
            as_utf8,
            "utf-8",
            "" if wanted in ("", "utf-8") and _is_known(declared, wanted) else "hl7_charset_differs",
        )
    named = _strict(content, wanted) if wanted and wanted != "ascii" else None
    if named is not None:
        return named, wanted, ""
    if wanted and wanted != "ascii" and not (fallback in _EASTERN and _strict(content, fallback) is not None):
        text = content.decode(wanted, errors="replace")
        few = text.count(BROKEN) <= _BROKEN_SHARE * sum(letter > "\x7f" for letter in text)
        if few or (wanted == "utf-8" and _CHINESE.search(text)):  # Chinese in UTF-8 is no Western text by chance
            return text, wanted, "hl7_bytes_broken"
    text = content.decode(fallback, errors="replace")
    if BROKEN in text:
        return text, fallback, "hl7_bytes_broken"
    return text, fallback, "hl7_charset_differs" if declared else ""


def _is_known(declared: str, wanted: str) -> bool:
    return bool(wanted) or not declared.strip()


def _is_surely_utf8(text: str, wanted: str) -> bool:
    if wanted in ("gb18030", "big5"):
        foreign = "".join(letter for letter in text if letter > "\x7f")
        return _CHINESE.fullmatch(foreign) is not None and len(foreign) > 1
    return True


def _strict(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeError:
        return None
