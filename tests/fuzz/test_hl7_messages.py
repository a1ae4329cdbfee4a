"""Whatever bytes an HL7 v2 file holds: records and problems, nothing else; good messages beside bad ones survive."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import example, given
from hypothesis import strategies as st

from hilum.formats import hl7
from hilum.formats.member import Member
from hilum.model.record import Item, Record, SourceProblem

GOOD = (
    "MSH|^~\\&|LIS|H1|HILUM|BB|20240305090000+0800||ORU^R01^ORU_R01|M1|P|2.5.1||||||UNICODE UTF-8\r"
    "PID|1||G001^^^H1^MR~330101197001021234^^^^NI||张^三||19700102|M|||杭州||^PRN^PH^^^571^88887777||||||330101\r"
    "PV1|1|I|肝外科^3^12||||||||||||||||V9|||||||||||||||||||||||||20240301080000\r"
    "DG1|1||C22.0^肝细胞癌^I10||20240302|F|||||||||1\r"
    "ORC|RE|O1|F1\rOBR|1|O1^LIS|F1^LIS|CBC^血常规^L|||20240305083000|||||||||||||||20240305100000||LAB|F\r"
    "OBX|1|NM|718-7^Hb^LN||60~120|g/L|120-160|L|||F|||20240305093000\r"
    "OBX|2|SN|AFP^甲胎蛋白^L||<^0.5|ng/mL|<7||||C\rOBX|3|TX|N^所见||第一行\\.br\\第二行||||||F\r"
    "SPM|1|S1&LIS^A1&BB|S0&LIS|SER^血清^HL70487||SST|||||P|2.5^mL|||||20240305083000^20240305083500|20240305090000\r"
)
PIECES = st.sampled_from([
    "|", "^", "~", "\\", "&", "\r", "\n", "\x0b", "\x1c", "\ufeff", '""', "\\X4", "\\XFF\\", "\\C2842\\", "\\.br\\",
    "MSH|", "MSH|^~\\&|", "MSH", "PID|1||P1", "OBX|1|NM|||1e999", "SPM|1|", "OBR|", "MRG|", "RXA|", "BTS|99999999999",
    "99999999999999", "20110230", "2011", "-", "+9999", "\0", "\u200b", "𠀀", "x" * 5000,
])  # fmt: skip


def read(content: bytes) -> list[Item]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "m.hl7"
        path.write_bytes(content)
        hl7.sniff(content[:65536], "m.hl7")
        return list(hl7.items(Member("m.hl7", path, len(content), "", "hl7.v2", 40), "SRC", 0))


def are_sound(items: list[Item]) -> bool:
    return all(
        isinstance(item, SourceProblem) or (isinstance(item, Record) and item.key and item.locator.line > 0)
        for item in items
    )


@given(st.binary(max_size=400))
@example(b"MSH")
@example(b"MSH|")
@example(b"MSH|^~\\&|\rPID")
@example(b"\xff\xfeM\0S\0H\0|")
@example(b"\xff\xfe\0")
@example(b"\xef\xbb\xbf" * 50)
@example(b"\x0b\x1c\r\x0b")
@example(b"MSH|\\\\\\\\|\rOBX|1|NM|A||\\\\")
@example(b"MSH\r\rSH|\rPID|\rBTS|\xff")
@example(b"MSH|^~\\&|||||99999999999999+9999||A^A40\rPID|||1||||00000000")
def test_random_bytes_are_read_or_refused(content: bytes) -> None:
    assert are_sound(read(content))


@given(st.lists(PIECES, max_size=60).map("".join), st.sampled_from(["utf-8", "gb18030", "utf-16"]))
def test_text_made_of_the_worst_pieces_is_read_or_refused(text: str, encoding: str) -> None:
    assert are_sound(read(text.encode(encoding)))
    assert are_sound(read((GOOD + text).encode(encoding)))


@given(
    st.lists(st.tuples(st.integers(0, len(GOOD)), st.integers(0, 12), PIECES), min_size=1, max_size=8),
    st.sampled_from(["utf-8", "gb18030"]),
)
@example([(0, 0, "\0")], "utf-8")
def test_a_good_message_with_pieces_cut_out_and_put_in_never_hides_the_next(
    cuts: list[tuple[int, int, str]], encoding: str
) -> None:
    bad = GOOD
    for at, length, piece in cuts:
        bad = bad[:at] + piece + bad[at + length :]
    items = read((bad + "\r" + GOOD.replace("G001", "G002")).encode(encoding))
    assert are_sound(items)
    assert "G002" in {item.key for item in items if isinstance(item, Record)}


@given(st.lists(st.tuples(st.sampled_from("PSV"), st.integers(1, 30), PIECES), max_size=12))
def test_messages_about_the_same_things_carry_on_and_never_fail(changes: list[tuple[str, int, str]]) -> None:
    text = GOOD
    for which, number, piece in changes:
        names = {"P": "PID|1||G001^^^H1^MR", "S": "SPM|1|S1&LIS^A1&BB", "V": "PV1|1|I"}
        text += f"MSH|^~\\&|L|||||20240305||ADT^A08|M|P|2.5\r{names[which]}{'|' * number}{piece}\r"
    items = read((text + "MSH|^~\\&|L|||||20240305||ORU^R01|M|P|2.5\rSPM|1|S1&LIS^A1&BB\r").encode())
    assert are_sound(items)
    *_, before, thin = [one for one in items if isinstance(one, Record) and one.key == "S1"]
    assert (thin.fields, thin.unreadable, thin.donor) == (before.fields, before.unreadable, before.donor)


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=10))
def test_bytes_changed_in_a_good_message_are_read_or_refused(changes: list[tuple[int, int]]) -> None:
    content = bytearray(GOOD.encode())
    for at, byte in changes:
        content[at] = byte
    assert are_sound(read(bytes(content)))


def test_no_text_in_a_problem_is_a_persons() -> None:
    items = read((GOOD.replace("|M1|", "|M1\\|") + GOOD[:200]).encode())
    shown = [str(value) for item in items if isinstance(item, SourceProblem) for value in item.values.values()]
    assert not any(secret in word for word in shown for secret in ("G001", "张", "3301", "8888"))
