"""The Chinese lunar calendar, 1900 to 2050: a lunar day as the day of the common calendar.

The table holds one number a year: bits 0 to 12 say which months, in order and the leap month among them, have thirty
days (the others have 29), and the bits above say after which month the leap month comes (0: none). The first day of
the first month of 1900 was 1900-01-31. It is the calendar as it was published (Purple Mountain Observatory, Hong Kong
Observatory); every month of it has been compared with computed new moons at Beijing and with two other tables. It ends
where published tables begin to differ.
"""

from datetime import date, timedelta

FIRST, LAST = 1900, 2050
_NEW_YEAR_1900 = date(1900, 1, 31)
_YEARS = """
    116d2 00752 00ea5 0b64a 0064b 00a9b 09556 0056a 00b59 05752
    00752 0db25 00b25 00a4b 0b4ab 002ad 0056b 04b69 00da9 0fd92
    00e92 00d25 0ba4d 00a56 002b6 095b5 006d4 00ea9 05e92 00e92
    0cd26 0052b 00a57 0b2b6 00b5a 006d4 06ec9 00749 0f693 00a93
    0052b 0ca5b 00aad 0056a 09b55 00ba4 00b49 05a93 00a95 0f52d
    00536 00aad 0b5aa 005b2 00da5 07d4a 00d4a 10a95 00a97 00556
    0cab5 00ad5 006d2 08ea5 00ea5 0064a 06c97 00a9b 0f55a 0056a
    00b69 0b752 00b52 00b25 0964b 00a4b 114ab 002ad 0056d 0cb69
    00da9 00d92 09d25 00d25 15a4d 00a56 002b6 0c5b5 006d5 00ea9
    0be92 00e92 00d26 06a56 00a57 114d6 0035a 006d5 0b6c9 00749
    00693 0952b 0052b 00a5b 0555a 0056a 0fb55 00ba4 00b49 0ba93
    00a95 0052d 08aad 00ab5 135aa 005d2 00da5 0dd4a 00d4a 00c95
    0952e 00556 00ab5 055b2 006d2 0cea5 00725 0064b 0ac97 00cab
    0055a 06ad6 00b69 17752 00b52 00b25 0da4b 00a4b 004ab 0a55b
    005ad 00b6a 05b52 00d92 0fd25 00d25 00a55 0b4ad 004b6 005b5
    06daa
"""
_TABLE = tuple(int(one, 16) for one in _YEARS.split())


def leap_month(year: int) -> int:
    """The month of lunar ``year`` that comes twice, 0 for none. Raises ``ValueError`` outside the table."""
    return _of(year) >> 13


def common_day(year: int, month: int, day: int, leap: bool = False) -> date:
    """The common calendar's day of a lunar day. Raises ``ValueError`` for a day that year does not have."""
    coded = _of(year)
    doubled = coded >> 13
    if not 1 <= month <= 12 or (leap and month != doubled):
        raise ValueError(month)
    place = month - 1 + (1 if doubled and (month > doubled or leap) else 0)
    if not 1 <= day <= 29 + (coded >> place & 1):
        raise ValueError(day)
    before = sum(_days(one) for one in range(FIRST, year)) + sum(29 + (coded >> one & 1) for one in range(place))
    return _NEW_YEAR_1900 + timedelta(days=before + day - 1)


def _of(year: int) -> int:
    if not FIRST <= year <= LAST:
        raise ValueError(year)
    return _TABLE[year - FIRST]


def _days(year: int) -> int:
    coded = _TABLE[year - FIRST]
    months = 13 if coded >> 13 else 12
    return sum(29 + (coded >> place & 1) for place in range(months))
