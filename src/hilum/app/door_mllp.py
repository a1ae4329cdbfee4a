"""What an HL7 v2 message over MLLP means and what is answered: who sends, what makes a repeat, which acknowledgement.

A control id (MSH-10) of the same sending application and facility names one message: the same bytes again are a repeat
and get the same verdict; other bytes under it are refused, because one of the two would be lost to somebody. A port
whose senders start their ids anew says so (``reused_ids``): there the bytes count as well.
"""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from hilum.app.door_admission import Admit
from hilum.canonical import digest_bytes
from hilum.clock import Clock, stamp
from hilum.errors import AccessDenied, BadInputError, BusyError, ConflictError, HilumError
from hilum.formats import hl7_ack
from hilum.formats.hl7_ack import Head, Note
from hilum.links.mllp import Peer, Tell
from hilum.messages import Language, text
from hilum.model import ids
from hilum.model.doors import Mllp, MllpPort
from hilum.registry.arrivals import HL7_V2, Door, Incoming, Receive, Reply

_ANSWER = "ACK"
_CHINESE = "中文"


@dataclass(frozen=True, slots=True)
class _Said:
    """An answer in the making: ``A``, ``E`` or ``R``, words for a person, and the details."""

    letter: str
    words: str
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class MllpDoor:
    """The meaning of one port: :data:`hilum.links.mllp.Hear` and :data:`hilum.links.mllp.Refuse` are its methods."""

    door: Mllp
    port: MllpPort
    receive: Receive
    admit: Admit
    clock: Clock
    language: Language
    tell: Tell

    async def hear(self, message: bytes, peer: Peer) -> AsyncIterator[bytes]:
        """The answers to one message; everything up to the point where it is handed in happens at once, so that
        messages of one line keep their order."""
        head = hl7_ack.head_of(message, self.port.charset)
        if head is None:
            yield self.refuse(message, "unreadable")
            return
        if head.type.upper().startswith("ACK") or b"\rMSA" in message[:4_096]:
            self.tell("mllp_answer_ignored", {"peer": peer.address})
            return
        incoming = self._incoming(message, head)
        account, denied = self._sender(head, peer)
        if denied is not None:
            self.tell("mllp_denied", {"peer": peer.address})
            yield self._answer(head, message, denied, commit=head.enhanced)
            return
        incoming = Incoming(Door.MLLP, account, message, HL7_V2, incoming.name, incoming.key, incoming.language)
        async for answer in self._conversation(head, incoming):
            yield answer

    async def _conversation(self, head: Head, incoming: Incoming) -> AsyncIterator[bytes]:
        """Original mode: one answer with the verdict. Enhanced: the commit when it is safe, the verdict after it."""
        message = incoming.body
        failed: _Said | None = None
        reply: Reply | None = None
        try:
            reply = await self.receive(incoming, 0.0 if head.enhanced else self.door.wait_s)
        except HilumError as wrong:
            failed = _not_taken(wrong, incoming.language)
        if not head.enhanced:
            yield self._answer(head, message, failed or _judged(reply, message, incoming.language))
            return
        committed = failed or _Said("A", text("ack.safe", incoming.language))
        if head.wants(15, good=failed is None):
            yield self._answer(head, message, committed, commit=True)
        if failed is not None:
            return
        said = await self._verdict(incoming)
        if head.wants(16, good=said.letter == "A"):
            yield self._answer(head, message, said)

    async def _verdict(self, incoming: Incoming) -> _Said:
        """What is safe already is asked for once more, this time with patience."""
        try:
            reply = await self.receive(incoming, self.door.wait_s)
        except HilumError as wrong:
            return _not_taken(wrong, incoming.language)
        return _judged(reply, incoming.body, incoming.language)

    def refuse(self, head: bytes, reason: str) -> bytes:
        """The answer to what could not even be looked at; without a message header it can name no control id."""
        found = hl7_ack.head_of(head, self.port.charset)
        if found is None and reason == "unframed":
            return b""
        if found is None:
            found = hl7_ack.head_of(b"MSH|^~\\&|||||||ACK||P|2.5.1", self.port.charset)
            assert found is not None
        language = self._language(found)
        words = text(f"ack.{reason}", language, limit=self.door.largest)
        letter = "E" if reason == "busy" else "R"
        code = hl7_ack.SEQUENCE if reason in ("unreadable", "unframed") else hl7_ack.OTHER
        said = _Said(letter, words, (Note(code, "E", words),))
        return self._answer(found, head, said, commit=found.enhanced)

    def _incoming(self, message: bytes, head: Head) -> Incoming:
        key = head.key
        if key and self.port.reused_ids:
            key = f"{key}|{digest_bytes(message)}"
        label = re.sub(r"[^\w.-]+", "-", f"{head.first(3)}-{head.control}").strip("-.")[:60]
        return Incoming(Door.MLLP, "", message, HL7_V2, label or Door.MLLP.value, key, self._language(head))

    def _language(self, head: Head) -> Language:
        """The port's, unless the sender's character set has no Chinese."""
        return (self.port.language or self.language) if head.can_say(_CHINESE) else "en"

    def _sender(self, head: Head, peer: Peer) -> tuple[str, _Said | None]:
        account = self._account(head, peer)
        if not account:
            words = text("ack.sender_unknown", self._language(head), sender=head.sender)
            return "", _Said("R", words, (Note(hl7_ack.OTHER, "E", words),))
        try:
            self.admit(account)
        except HilumError as wrong:
            return account, _not_taken(wrong, self._language(head))
        return account, None

    def _account(self, head: Head, peer: Peer) -> str:
        """The client certificate's account, the port's, or, where no certificate is asked for, the sender's."""
        for name in peer.names:
            if name in self.door.certificates:
                return self.door.certificates[name]
        if self.port.account or (self.port.tls is not None and self.port.tls.trusted):
            return self.port.account
        return self.door.senders.get(head.sender, "")

    def _answer(self, head: Head, message: bytes, said: _Said, *, commit: bool = False) -> bytes:
        code = hl7_ack.code_of(said.letter, commit=commit)
        control = ids.mint(_ANSWER, code, head.key or digest_bytes(message))
        return hl7_ack.acknowledgement(head, code, control, stamp(self.clock()), said=said.words, notes=said.notes)


def _judged(reply: Reply | None, message: bytes, language: Language) -> _Said:
    content: Mapping[str, object] = reply.content if reply is not None else {}
    if not content:
        words = text("ack.waiting", language, arrival=reply.arrival.id if reply is not None else "")
        return _Said("A", words, (Note(hl7_ack.ACCEPTED, "I", words),))
    letter, words, notes = hl7_ack.verdict_of(content, message, language)
    return _Said(letter, words, tuple(notes))


def _not_taken(wrong: HilumError, language: Language) -> _Said:
    """Nothing was taken: busy or a store that does not answer is worth another try, the others are not."""
    words = f"{wrong.message(language)} {wrong.advice(language)}"
    final = isinstance(wrong, BadInputError | AccessDenied) and not isinstance(wrong, BusyError)
    code = hl7_ack.DUPLICATE if isinstance(wrong, ConflictError) else hl7_ack.OTHER
    return _Said("R" if final else "E", words, (Note(code, "E", words, wrong.reason),))
