r"""Named text patterns for ``matches(column, 'name')``.

Written in the subset that means the same in Python ``re``, Rust ``regex`` (Polars), RE2 (DuckDB), PostgreSQL ARE and
Java: literals, ``[…]`` of plain ranges, ``( | )``, ``?``, ``{m,n}``, ``+``; no ``\d``, ``\w``, ``.``, ``^``, ``$``,
look-around or back-references. A pattern is always matched against the whole text.
"""

_TCGA = "TCGA-[0-9A-Z]{2}-[0-9A-Z]{4}"
_SAMPLE = f"{_TCGA}-[0-9]{{2}}[A-Z]"
_HEX = "[0-9A-Fa-f]"
_HIDDEN = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f"
_MONTH_DAY = "(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])"

_PATTERNS = {
    # Barcodes of the TCGA Biospecimen Core Resource, one per level.
    "tcga_patient": _TCGA,
    "tcga_sample": _SAMPLE,
    "tcga_portion": f"{_SAMPLE}-[0-9]{{2}}",
    "tcga_analyte": f"{_SAMPLE}-[0-9]{{2}}[A-Z]",
    "tcga_aliquot": f"{_SAMPLE}-[0-9]{{2}}[A-Z]-[0-9A-Z]{{4}}-[0-9]{{2}}",
    "tcga_shipped_portion": f"{_SAMPLE}-[0-9]{{2}}-[0-9A-Z]{{4}}-[0-9]{{2}}",
    "tcga_slide": f"{_SAMPLE}-[0-9]{{2}}-(TS|BS|MS|DX)[0-9A-Z]+",
    "tcga_any": f"{_TCGA}(-[0-9A-Za-z]+)*",
    # RFC 9562 text form.
    "uuid": f"{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}",
    # An identifier as scanners and labels can carry it: visible, no blanks, no control or full-width characters.
    "identifier": "[0-9A-Za-z][0-9A-Za-z_./:+#-]{0,62}[0-9A-Za-z*]?",
    "barcode_2d": "[0-9A-Z]{8,14}",
    "plate_id": "[0-9A-Z]{4}",
    "plate_row": "[A-P]",
    "well": "[A-P]([1-9]|0[1-9]|1[0-9]|2[0-4])",
    "two_digits": "[0-9]{2}",
    # SPREC: seven elements; a fluid has one letter where a solid has the three of its fixation.
    "sprec_fluid": "[A-Z][A-Z0-9]{2}-[A-Z][A-Z0-9]{2}(-[A-Z]){5}",
    "sprec_solid": "[A-Z][A-Z0-9]{2}-[A-Z][A-Z0-9]{2}-[A-Z]-[A-Z]-[A-Z][A-Z0-9]{2}-[A-Z]-[A-Z]",
    # What no printed label shows and no keyboard types: zero-width and direction marks, byte-order mark, soft hyphen.
    "hidden_character": f"[^\\n]*[{_HIDDEN}][^\\n]*",
    # Letters of another script that look like Latin ones among Latin letters or digits.
    "mixed_script": "[^\\n]*[\u0391-\u03ff\u0400-\u04ff][^\\n]*",
    # Classifications.
    "icd10": "[A-Z][0-9][0-9A-Z](\\.[0-9A-Zx]{1,4})?[+*]?",
    "icdo_site": "C[0-9]{2}\\.[0-9]",
    "icdo_histology": "[0-9]{4}/[0-9]{1,2}",
    "t_category": "([cpr]|yc|yp)?T(X|0|is([ (]*[A-Za-z]+\\)?)?|a|[1-4](mic?|[a-e][12]?)?)( ?\\([ms0-9]+\\))?",
    "n_category": "([cpr]|yc|yp)?N(X|0|[1-3](mi|[a-c])?)([ (]*(i|mol|sn)[+-]?\\)?)*",
    "m_category": "([cpr]|yc|yp)?M(X|0|1[a-e]?)( ?\\(i[+-]\\))?",
    # China: GB 11643 (18 characters; 15 digits before 1999), mainland mobile and fixed lines.
    "national_id": f"[1-8][0-9]{{5}}(18|19|20)[0-9]{{2}}{_MONTH_DAY}[0-9]{{3}}[0-9X]",
    "national_id_15": f"[1-8][0-9]{{5}}[0-9]{{2}}{_MONTH_DAY}[0-9]{{3}}",
    "phone_china": "((\\+|00)?86[- ]?)?(1[3-9][0-9]{9}|0[0-9]{2,3}-?[0-9]{7,8})",
    # What spreadsheets and browsers would run.
    "formula": "(=[^\\n]*|[+@-][A-Za-z(@|=][^\\n]*)",
    "markup": "[^<\\n]*<[A-Za-z!/][^\\n]*",
    "sentinel_text": "(9{4,}|-9{3,}|0{4,}|1234[0-9]*|[xX]{3,}|[tT][eE][sS][tT][0-9]*)",
    "form_file": "[^/\\n]+\\.svs",
}


def names() -> frozenset[str]:
    """Names of all patterns."""
    return frozenset(_PATTERNS)


def pattern(name: str) -> str:
    """The pattern called ``name``, to be matched against a whole text. Raises ``KeyError``."""
    return _PATTERNS[name]
