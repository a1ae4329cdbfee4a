"""The one way a text that people wrote is folded before anything compares or reads it."""

import unicodedata

_UNSEEN = ("Cf", "Cc")
"""Formatting and control characters: nobody sees them, and a terminal would obey some of them."""


def plain(text: str) -> str:
    """NFKC, the true minus sign as ``-``, invisible characters dropped, runs of white space as one blank, trimmed."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split()) if "  " in text or text != text.strip() else text
    folded = unicodedata.normalize("NFKC", text).replace("\u2212", "-")
    kept = "".join(letter for letter in folded if letter.isspace() or unicodedata.category(letter) not in _UNSEEN)
    return " ".join(kept.split())
