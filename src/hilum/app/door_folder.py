"""What a file in a watched folder means: taken in for the folder's account, its verdict written beside it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from hilum.app.door_admission import Admit
from hilum.app.door_patience import Tell
from hilum.app.door_words import page
from hilum.errors import AccessDenied, BusyError, HilumError, StoreError
from hilum.links.folder import Verdict
from hilum.messages import Language, text
from hilum.registry.arrivals import BYTES, Door, Incoming, Receive

TAKEN, REFUSED = "taken", "refused"
_WAIT_S = 20.0
_LEFT = ("too_large", "unreadable", "link")


@dataclass(frozen=True, slots=True)
class FolderDoor:
    """The meaning of one folder: :data:`hilum.links.folder.Take` and :data:`~hilum.links.folder.Refuse` are its
    methods. The bytes say which file it is: dropped in twice it is taken once and answered twice."""

    account: str
    language: Language
    limit: int
    receive: Receive
    admit: Admit
    tell: Tell

    async def take(self, name: str, body: bytes) -> Verdict | None:
        """Hand a file in; ``None`` while it cannot be taken or the gate has not spoken."""
        incoming = Incoming(Door.FOLDER, self.account, body, BYTES, _plain(name), "", self.language)
        try:
            self.admit(self.account)
            reply = await self.receive(incoming, _WAIT_S)
        except (AccessDenied, BusyError, StoreError) as wrong:
            self.tell("door_waiting", {"door": Door.FOLDER.value, "reason": wrong.reason})
            return None
        except HilumError as wrong:
            words = f"{wrong.message(self.language)} {wrong.advice(self.language)}"
            return self._refused(name, wrong.reason, words, REFUSED)
        if not reply.content:
            return None
        words = page(_plain(name), reply.content, self.language)
        return Verdict(TAKEN if _readable(reply.content) else REFUSED, _json(reply.content), words, reply.arrival.id)

    def refuse(self, name: str, reason: str) -> Verdict:
        """What is written about a file that is not read; except an empty one it stays where it is."""
        words = text(f"folder.{reason}", self.language, limit=self.limit)
        return self._refused(name, reason, words, "" if reason in _LEFT else REFUSED)

    def _refused(self, name: str, reason: str, words: str, place: str) -> Verdict:
        report = {"state": REFUSED, "reason": reason, "text": words}
        return Verdict(place, _json(report), f"{_plain(name)}\n{words}\n", reason)


def _readable(content: Mapping[str, object]) -> bool:
    """Whether anything in a file could be read."""
    return bool(content.get("records")) or (not content.get("problems") and content.get("state") != "aside")


def _plain(name: str) -> str:
    """A file's name as text, whatever bytes it is made of."""
    return name.encode("utf-8", "replace").decode("utf-8")


def _json(content: Mapping[str, object]) -> bytes:
    return json.dumps(content, ensure_ascii=False, indent=1).encode()
