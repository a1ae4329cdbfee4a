"""MLLP's frames, without a socket: bytes in, frames out, wherever they were cut.

``<VT> message <FS><CR>`` (0x0B … 0x1C 0x0D). Source: HL7 v2 Transport Specification: MLLP, release 1. Beyond it, what
senders do all the same is understood where it leaves no doubt: an FS that is not followed by CR but by the next frame,
by LF, or by nothing more, ends a frame too. A frame that never ends is never handed on: it may be half a message.
"""

from dataclasses import dataclass

VT, FS, CR, LF = 0x0B, 0x1C, 0x0D, 0x0A
_START = b"\x0bMSH"
_HEAD = 4_096
_BLANK = b" \t\r\n\0\x1c"


@dataclass(frozen=True, slots=True)
class Frame:
    """One message without its framing."""

    body: bytes


@dataclass(frozen=True, slots=True)
class Dropped:
    """A frame that was not kept because it is too large, or because there was no room; ``head`` is how it began."""

    head: bytes
    size: int
    crowded: bool = False


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A frame that had no end before the next one began, or before the line was closed."""

    size: int


@dataclass(frozen=True, slots=True)
class Noise:
    """Bytes that stood outside any frame; ``head`` is how they began."""

    head: bytes
    size: int


Heard = Frame | Dropped | Unfinished | Noise


def framed(message: bytes) -> bytes:
    """``message`` as MLLP sends it."""
    return b"\x0b" + message + b"\x1c\r"


class Framer:
    """The receiving side of one connection. Keeps at most ``largest`` bytes of a message and a little more."""

    def __init__(self, largest: int) -> None:
        self._largest = largest
        self._buffer = bytearray()
        self._inside = False
        self._looked = 0
        self._dropping: Dropped | None = None
        self._noise = bytearray()
        self._noise_size = self._noise_seen = 0

    @property
    def held(self) -> int:
        """Bytes kept of a frame that has not ended."""
        return len(self._buffer)

    @property
    def begun(self) -> int:
        """Bytes that have come of the frame under way; 0 between frames."""
        if not self._inside:
            return 0
        return len(self._buffer) + 1 + (self._dropping.size if self._dropping else 0)

    @property
    def noise(self) -> int:
        """Bytes that have come since the last frame and belong to none."""
        return self._noise_size

    def feed(self, data: bytes) -> list[Heard]:
        """What these bytes complete, in order."""
        self._buffer += data
        heard: list[Heard] = []
        while self._buffer:
            if not self._inside and not self._begin(heard):
                break
            end = self._end()
            if end is None:
                self._keep_bounds()
                break
            self._close(end, heard)
        return heard

    def pause(self) -> list[Heard]:
        """Nothing has come for a while: an FS that still waits for its CR ends the frame now."""
        heard: list[Heard] = []
        if self._inside and self._buffer and self._buffer[-1] == FS:
            self._close((len(self._buffer) - 1, len(self._buffer)), heard)
        elif not self._inside:
            self._tell_noise(heard)
        return heard

    def finish(self) -> list[Heard]:
        """The line is closed: what was left."""
        heard = self.pause()
        if self._inside:
            heard.append(Unfinished(self.begun))
        return heard

    def drop(self) -> None:
        """Keep no more of the frame under way: there is no room for it."""
        if self._inside and self._dropping is None:
            self._start_dropping(crowded=True)

    def _begin(self, heard: list[Heard]) -> bool:
        start = self._buffer.find(VT)
        self._outside(bytes(self._buffer if start < 0 else self._buffer[:start]))
        if start < 0:
            self._buffer.clear()
            return False
        self._tell_noise(heard)
        del self._buffer[: start + 1]
        self._inside, self._looked = True, 0
        return True

    def _outside(self, data: bytes) -> None:
        """Count what belongs to no frame, from its first letter to its last; blanks alone are nothing."""
        data = data if self._noise_seen else data.lstrip(_BLANK)
        if letters := len(data.rstrip(_BLANK)):
            self._noise_size = self._noise_seen + letters
        self._noise_seen += len(data)
        self._noise += data[: _HEAD - len(self._noise)]

    def _tell_noise(self, heard: list[Heard]) -> None:
        if self._noise_size:
            heard.append(Noise(bytes(self._noise[: self._noise_size]), self._noise_size))
        self._noise.clear()
        self._noise_size = self._noise_seen = 0

    def _end(self) -> tuple[int, int] | None:
        """Where the frame's content ends and where the next thing begins."""
        at = self._buffer.find(FS, self._looked)
        while 0 <= at < len(self._buffer) - 1:
            after = self._buffer[at + 1]
            if after in (CR, LF):
                return at, at + 2
            if after == VT:
                return at, at + 1
            at = self._buffer.find(FS, at + 1)
        self._looked = at if at >= 0 else len(self._buffer)
        return None

    def _close(self, end: tuple[int, int], heard: list[Heard]) -> None:
        stop, after = end
        if self._dropping is not None:
            size = self._dropping.size + stop
            heard.append(Dropped(self._dropping.head, size, self._dropping.crowded))
        elif stop > self._largest:
            heard.append(Dropped(bytes(self._buffer[: min(_HEAD, self._largest)]), stop))
        else:
            heard += _whole(bytes(self._buffer[:stop]))
        del self._buffer[:after]
        self._inside, self._dropping = False, None

    def _keep_bounds(self) -> None:
        if self._dropping is None and len(self._buffer) > self._largest + 1:
            self._start_dropping(crowded=False)
        if self._dropping is not None:  # only a last FS may matter
            keep = 1 if self._buffer and self._buffer[-1] == FS else 0
            size = self._dropping.size + len(self._buffer) - keep
            self._dropping = Dropped(self._dropping.head, size, self._dropping.crowded)
            del self._buffer[: len(self._buffer) - keep]
            self._looked = 0

    def _start_dropping(self, *, crowded: bool) -> None:
        self._dropping = Dropped(bytes(self._buffer[: min(_HEAD, self._largest)]), 0, crowded)


def _whole(content: bytes) -> list[Heard]:
    """The message of a frame, and before it what was begun and never ended."""
    heard: list[Heard] = []
    again = content.rfind(_START)
    if again > 0 and content[:again].strip(_BLANK):
        heard.append(Unfinished(again))
    body = content[again + 1 :] if again >= 0 else content.lstrip(b"\x0b")
    if body.strip(_BLANK):
        heard.append(Frame(body))
    return heard
