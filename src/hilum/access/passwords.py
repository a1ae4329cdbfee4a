"""What a password must be, and how names are spelt.

After NIST SP 800-63B: length counts, kinds of characters do not, and what is easily guessed is refused.
"""

import re
import unicodedata

from hilum.access.account import Account, AccountKind
from hilum.access.roles import conflict
from hilum.errors import BadInputError, ConflictError
from hilum.model.party import Role

LEAST, MOST = 12, 256
"""Characters of a password."""
_KINDS = 5
_NAME = re.compile(r"[a-z0-9\u4e00-\u9fff][a-z0-9\u4e00-\u9fff._@-]{0,63}")
_ORGANIZATION = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_ROWS = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiopasdfghjklzxcvbnm", "!@#$%^&*()")
_RUN = 6
LINE = 200
"""Characters of a name, label or reason."""
_UNSEEN = frozenset({"Cc", "Cs", "Cn", "Co", "Cf", "Zl", "Zp"})


def plain(password: str) -> str:
    """The one spelling of a password, whatever keyboard it was typed on (NFKC)."""
    return unicodedata.normalize("NFKC", password)


def check_password(password: str, account: str) -> None:
    """Raise :class:`BadInputError` with what is wrong; never with the password."""
    written = plain(password)
    if len(written) < LEAST:
        raise BadInputError("password_short", least=LEAST)
    if len(written) > MOST:
        raise BadInputError("password_long", most=MOST)
    if account.casefold() in written.casefold():
        raise BadInputError("password_has_name")
    if _is_guessable(written.casefold()):
        raise BadInputError("password_guessable")


def _is_guessable(written: str) -> bool:
    """Few different characters, the same piece again and again, or little besides runs along the alphabet or keys."""
    if len(set(written)) < _KINDS or written in (written + written)[1:-1]:
        return True
    rest = written
    for row in (*_ROWS, *(one[::-1] for one in _ROWS)):
        for length in range(len(row), _RUN - 1, -1):
            for start in range(len(row) - length + 1):
                rest = rest.replace(row[start : start + length], "")
    return len(rest) < _RUN


def is_name(name: str) -> bool:
    """Whether ``name`` can be an account's: nothing that looks like another."""
    return _NAME.fullmatch(name) is not None


def check_name(name: str) -> None:
    """Raise :class:`BadInputError` unless ``name`` can be an account's."""
    if not is_name(name):
        raise BadInputError("account_name", name=printable(name)[:64])


def check_words(*written: str) -> None:
    """Raise :class:`BadInputError` for a name, label or reason that cannot be shown or is longer than a line."""
    for one in written:
        if len(one) > LINE or one != printable(one):
            raise BadInputError("words_unusable", most=LINE)


def printable(written: str) -> str:
    """Without control characters and broken halves of characters."""
    return "".join(letter for letter in written if unicodedata.category(letter) not in _UNSEEN)


def check_organization(organization: str) -> None:
    """Raise :class:`BadInputError` unless this can be an organization's identifier."""
    if not _ORGANIZATION.fullmatch(organization):
        raise BadInputError("organization_id", name=printable(organization)[:64])


def check_roles(account: Account) -> None:
    """Raise :class:`ConflictError` for roles that nobody may hold together, or that no program may hold."""
    both = conflict(account.roles)
    if both is not None:
        raise ConflictError("roles_apart", role=both[0].value, other=both[1].value)
    alone = sorted(account.roles & {Role.ADMINISTRATOR, Role.SECURITY_OFFICER})
    if account.kind is AccountKind.SERVICE and alone:
        raise ConflictError("role_for_people", role=alone[0].value)
