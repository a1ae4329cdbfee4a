"""HL7 v2 over MLLP as laboratory systems speak it: real sockets, real gate, acknowledgements with the hints in them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from hilum.formats.hl7_message import Message, parse
from hilum.links.mllp_framing import Frame, Framer, framed
from tests.flows.doors import Open, bank, doors, gate, oru, until

SETTINGS = """
[mllp]
wait_s = 30

[[mllp.port]]
port = 0
language = "en"

[mllp.senders]
"LIS^HOSPITAL" = "lab"
"OLD^HOSPITAL" = "nobody"
"""


class Line:
    """A sender."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.framer = Framer(1 << 20)
        self.kept: list[bytes] = []

    async def send(self, message: bytes) -> None:
        self.writer.write(message)
        await self.writer.drain()

    async def hear(self) -> Message:
        """The next answer."""
        async with asyncio.timeout(60):
            while not self.kept:
                data = await self.reader.read(65536)
                assert data, "the line was closed"
                self.kept += [one.body for one in self.framer.feed(data) if isinstance(one, Frame)]
        lines = self.kept.pop(0).decode().rstrip("\r").split("\r")
        return parse(1, list(enumerate(lines, 1)), bytes.decode)

    async def closed(self) -> bool:
        """Whether the other side has hung up."""
        try:
            return await asyncio.wait_for(self.reader.read(1), 30) == b""
        except ConnectionError:
            return True

    async def ask(self, message: bytes) -> Message:
        await self.send(framed(message))
        return await self.hear()


@asynccontextmanager
async def line(at: Open) -> AsyncIterator[Line]:
    reader, writer = await asyncio.open_connection("127.0.0.1", at.port)
    try:
        yield Line(reader, writer)
    finally:
        writer.close()


def code(answer: Message) -> str:
    return answer.segments[1].text(1)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A bank whose gate is at work while its doors open and close."""
    made = bank(tmp_path_factory.mktemp("mllp") / "bank", SETTINGS)
    with gate(made):
        yield made


def with_line(home: Path, story: Callable[[Open, Line], Awaitable[None]]) -> None:
    async def play() -> None:
        async with doors(home) as at, line(at) as sender:
            await story(at, sender)

    asyncio.run(play())


def test_a_specimen_is_judged_and_the_answer_says_what_to_do(home: Path) -> None:
    async def story(at: Open, sender: Line) -> None:
        answer = await sender.ask(oru("A1", donor="A-1", specimen="SA-1"))
        assert code(answer) == "AE"
        assert [answer.segments[1].text(2), answer.head.text(3), answer.head.text(5)] == ["A1", "HILUM", "LIS"]
        errors = [one for one in answer.segments if one.name == "ERR"]
        assert any("consent" in one.text(8) for one in errors if one.text(4) == "E")
        assert all(one.text(7) for one in errors)
        assert "SPM^1" in {one.raw(2)[:5] for one in errors}

    with_line(home, story)


def test_the_same_message_again_has_one_effect_and_the_same_answer(home: Path) -> None:
    async def story(at: Open, sender: Line) -> None:
        first = await sender.ask(oru("B1", donor="B-1", specimen="SB-1"))
        before = at.arrivals(), sum(at.counts().values())
        again = await sender.ask(oru("B1", donor="B-1", specimen="SB-1"))
        assert (at.arrivals(), sum(at.counts().values())) == before
        assert [one.raw(8) for one in again.segments[1:]] == [one.raw(8) for one in first.segments[1:]]

    with_line(home, story)


def test_other_bytes_under_a_control_id_that_was_used_are_refused_with_a_reason(home: Path) -> None:
    async def story(at: Open, sender: Line) -> None:
        await sender.ask(oru("C1", donor="C-1", specimen="SC-1"))
        answer = await sender.ask(oru("C1", donor="C-2", specimen="SC-2"))
        assert code(answer) == "AE"
        assert answer.segments[2].text(3) == "205"
        assert not any(one.key == "SC-2" for one in at.records())

    with_line(home, story)


def test_a_port_whose_senders_reuse_control_ids_takes_both(tmp_path: Path) -> None:
    home = bank(tmp_path / "bank", SETTINGS.replace("port = 0", "port = 0\nreused_ids = true"))

    async def story(at: Open, sender: Line) -> None:
        answers = [await sender.ask(oru("1", specimen=one)) for one in ("SR-1", "SR-2", "SR-1")]
        assert [code(one) for one in answers] == ["AE", "AE", "AE"]
        assert at.arrivals() == 2

    with gate(home):
        with_line(home, story)


@pytest.mark.parametrize("app", ["SOMEBODY", "OLD"])
def test_a_sender_nobody_entered_or_whose_account_may_not_send_is_refused(home: Path, app: str) -> None:
    async def story(at: Open, sender: Line) -> None:
        before = at.arrivals()
        answer = await sender.ask(oru("D1", app=app))
        assert code(answer) == "AR"
        assert answer.segments[2].text(8)
        assert at.arrivals() == before

    with_line(home, story)


def test_a_message_cut_at_every_byte_arrives_whole(home: Path) -> None:
    whole = framed(oru("E1", donor="E-1", specimen="SE-1"))

    async def story(at: Open, sender: Line) -> None:
        first = await sender.ask(whole[1:-2])
        before = at.arrivals()
        for cut in range(1, len(whole)):
            await sender.send(whole[:cut])
            await asyncio.sleep(0)
            await sender.send(whole[cut:])
            assert code(await sender.hear()) == code(first)
        assert at.arrivals() == before

    with_line(home, story)


def test_messages_sent_without_waiting_are_answered_in_their_order(home: Path) -> None:
    async def story(at: Open, sender: Line) -> None:
        controls = [f"F{number}" for number in range(100)]
        await sender.send(b"".join(framed(oru(one, donor=f"P{one}", specimen=f"S{one}")) for one in controls))
        assert [(await sender.hear()).segments[1].text(2) for _ in controls] == controls

    with_line(home, story)


def test_a_line_cut_in_the_middle_of_a_message_leaves_nothing_and_harms_nobody(home: Path) -> None:
    async def story(at: Open, sender: Line) -> None:
        before = at.arrivals()
        whole = framed(oru("G1", donor="G-1", specimen="SG-1"))
        async with line(at) as other:
            await other.send(whole[: len(whole) // 2])
            await asyncio.sleep(0.05)
            other.writer.transport.abort()
        await until(lambda: any("no end" in one or "broke" in one for one in at.said))
        assert at.arrivals() == before
        assert code(await sender.ask(oru("G2", donor="G-2", specimen="SG-2"))) == "AE"

    with_line(home, story)


def test_bytes_outside_frames_are_told_and_a_bare_message_is_answered(home: Path) -> None:
    async def story(at: Open, sender: Line) -> None:
        await sender.send(b"GET / HTTP/1.1\r\n\r\n" + framed(oru("H1", donor="H-1", specimen="SH-1")))
        assert (await sender.hear()).segments[1].text(2) == "H1"
        await sender.send(oru("H2"))
        answer = await sender.hear()
        assert code(answer) == "AR"
        assert "MLLP" in answer.segments[1].text(3)

    with_line(home, story)


def test_a_message_over_the_limit_is_refused_and_the_next_one_taken(tmp_path: Path) -> None:
    home = bank(tmp_path / "bank", SETTINGS.replace("wait_s = 30", "wait_s = 0\nlargest = 2000"))

    async def story(at: Open, sender: Line) -> None:
        large = oru("I1") + b"OBX|1|ED|PDF||" + b"A" * 5_000 + b"\r"
        answer = await sender.ask(large)
        assert [code(answer), answer.segments[1].text(2)] == ["AR", "I1"]
        assert "2000" in answer.segments[2].text(8)
        assert code(await sender.ask(oru("I2"))) == "AA"
        assert at.arrivals() == 1

    with_line(home, story)


def test_what_is_no_message_is_answered_ar(home: Path) -> None:
    async def story(at: Open, sender: Line) -> None:
        assert code(await sender.ask(b"hello")) == "AR"
        adt = b"MSH|^~\\&|LIS|HOSPITAL|HILUM|BANK|20260801||SIU^S12|J1|P|2.5.1\rSCH|1\r"
        answer = await sender.ask(adt)
        assert [code(answer), answer.segments[2].text(3)] == ["AR", "200"]

    with_line(home, story)


def test_enhanced_mode_commits_first_and_gives_the_verdict_after(home: Path) -> None:
    async def story(at: Open, sender: Line) -> None:
        sent = oru("K1", donor="K-1", specimen="SK-1").replace(b"|2.5.1||||||", b"|2.5.1|||AL|AL||")
        commit, verdict = await sender.ask(sent), await sender.hear()
        assert [code(commit), code(verdict)] == ["CA", "AE"]
        assert commit.head.text(10) != verdict.head.text(10)
        silent = oru("K2", donor="K-2", specimen="SK-2").replace(b"|2.5.1||||||", b"|2.5.1|||ER|NE||")
        await sender.send(framed(silent))
        assert (await sender.ask(oru("K3", donor="K-3", specimen="SK-3"))).segments[1].text(2) == "K3"
        await until(lambda: any(one.key == "SK-2" for one in at.records()))

    with_line(home, story)


def test_an_acknowledgement_sent_to_us_is_not_acknowledged(home: Path) -> None:
    async def story(at: Open, sender: Line) -> None:
        ack = b"MSH|^~\\&|LIS|HOSPITAL|HILUM|BANK|20260801||ACK|L1|P|2.5.1\rMSA|AA|X\r"
        await sender.send(framed(ack))
        assert (await sender.ask(oru("L2", donor="L-1", specimen="SL-1"))).segments[1].text(2) == "L2"

    with_line(home, story)


def test_what_the_gate_has_not_judged_in_time_is_safe_and_said_so(tmp_path: Path) -> None:
    home = bank(tmp_path / "bank", SETTINGS.replace("wait_s = 30", "wait_s = 0.2"))

    async def story(at: Open, sender: Line) -> None:
        answer = await sender.ask(oru("M1"))
        assert [code(answer), answer.segments[2].text(4)] == ["AA", "I"]
        assert at.arrivals() == 1

    with_line(home, story)


def test_when_too_much_waits_the_answer_is_ae_and_to_try_again(tmp_path: Path) -> None:
    home = bank(tmp_path / "bank", SETTINGS.replace("wait_s = 30", "wait_s = 0"))
    file = home / "hilum.toml"
    file.write_text("inbox_limit = 1\n" + file.read_text(encoding="utf-8"), encoding="utf-8")

    async def story(at: Open, sender: Line) -> None:
        assert code(await sender.ask(oru("N1"))) == "AA"
        await asyncio.sleep(0.5)
        answer = await sender.ask(oru("N2"))
        assert code(answer) == "AE"
        assert "again" in answer.segments[2].text(8)
        assert at.arrivals() == 1

    with_line(home, story)


def test_two_hundred_lines_at_once_are_all_answered(home: Path) -> None:
    async def one(at: Open, number: int) -> str:
        async with line(at) as sender:
            return (
                (await sender.ask(oru(f"Q{number}", donor=f"Q-{number}", specimen=f"SQ-{number}"))).segments[1].text(2)
            )

    async def play() -> None:
        async with doors(home) as at:
            controls = await asyncio.gather(*(one(at, number) for number in range(200)))
            assert controls == [f"Q{number}" for number in range(200)]

    asyncio.run(play())


def test_a_line_over_the_limit_of_lines_is_turned_away(tmp_path: Path) -> None:
    home = bank(tmp_path / "bank", SETTINGS.replace("wait_s = 30", "wait_s = 0\nconnections = 2"))

    async def story(at: Open, sender: Line) -> None:
        async with line(at) as second, line(at) as third:
            await until(lambda: any("turned away" in one for one in at.said))
            assert await third.closed()
            assert code(await second.ask(oru("R2"))) == "AA"

    with_line(home, story)


def test_a_stop_answers_what_was_taken(home: Path) -> None:
    async def play() -> None:
        async with doors(home) as at:
            reader, writer = await asyncio.open_connection("127.0.0.1", at.port)
            sender = Line(reader, writer)
            await sender.send(framed(oru("T1", donor="T-1", specimen="ST-1")))
            await until(lambda: any(one.digest for one in at.service.receiver.inbox.listed(since=0, limit=10_000)))
            await asyncio.sleep(0.1)
        assert (await sender.hear()).segments[1].text(2) == "T1"

    asyncio.run(play())


def test_no_value_of_a_message_is_in_what_the_doors_say_of_themselves(home: Path) -> None:
    async def story(at: Open, sender: Line) -> None:
        secret = oru("U1", donor="SECRET-1", specimen="SU-1", app="SOMEBODY")
        await sender.ask(secret)
        await sender.ask(secret[4:])
        await sender.send(secret + b"\x0b" + secret)
        sender.writer.close()
        await until(lambda: len(at.said) > 3)
        assert not any("SECRET" in one or "张" in one for one in at.said)

    with_line(home, story)
