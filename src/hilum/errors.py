"""One error tree: every failure a person can meet has a code, an HTTP status, an exit code and advice.

Bad *records* are never errors: they are findings (:mod:`hilum.quality.finding`). An error means that a command
could not be carried out. The words stand in the catalogue under ``error.<code>`` and ``advice.<code>``.
"""

from typing import ClassVar

from hilum.messages import Language, text


class Word(str):
    """A value of an error that is itself a catalogue key (``state.held``): said in the reader's language."""

    __slots__ = ()


class HilumError(Exception):
    """Root of all errors Hilum raises on purpose. ``values`` fill the message; never personal data."""

    code: ClassVar[str] = "unexpected"
    http_status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 1

    def __init__(self, reason: str, /, **values: object) -> None:
        super().__init__(reason)
        self.reason = reason
        self.values: dict[str, object] = values

    def message(self, language: Language) -> str:
        """What happened, in one sentence (catalogue key ``error.<reason>``)."""
        return text(f"error.{self.reason}", language, **self._spoken(language))

    def advice(self, language: Language) -> str:
        """What to do about it (catalogue key ``advice.<reason>``)."""
        return text(f"advice.{self.reason}", language, **self._spoken(language))

    def _spoken(self, language: Language) -> dict[str, object]:
        return {name: text(one, language) if isinstance(one, Word) else one for name, one in self.values.items()}

    def __str__(self) -> str:
        return f"{self.message('en')} {self.advice('en')}"


class BadInputError(HilumError):
    """A file, an option or a value cannot be used as given."""

    code, http_status, exit_code = "bad_input", 400, 3


class RuleError(BadInputError):
    """A rule pack does not say something the language can mean."""

    code, exit_code = "bad_rule", 4


class NotFoundError(HilumError):
    """There is no such thing in this bank."""

    code, http_status, exit_code = "not_found", 404, 5


class AccessDenied(HilumError):  # noqa: N818 - the design's word: a denial is an answer, not a fault
    """The actor may not do this."""

    code, http_status, exit_code = "access_denied", 403, 6


class ConflictError(HilumError):
    """The state of the bank does not allow this now."""

    code, http_status, exit_code = "conflict", 409, 7


class StoreError(HilumError):
    """The bank's store is missing, locked, damaged or of another version."""

    code, http_status, exit_code = "store", 503, 8


class NetworkError(HilumError):
    """A server could not be reached, answered with an error, or sent something that does not match its checksum."""

    code, http_status, exit_code = "network", 502, 11


class BusyError(HilumError):
    """More waits than can be judged soon; nothing was taken, send it again after ``retry_after`` seconds."""

    code, http_status, exit_code = "busy", 429, 12

    @property
    def retry_after(self) -> int:
        return int(str(self.values.get("seconds", 1)))


class NotAuthenticatedError(HilumError):
    """Nobody knows who asks: no token, or one that is unknown, expired or ended."""

    code, http_status, exit_code = "not_authenticated", 401, 13
