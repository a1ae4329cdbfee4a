"""Messages in: bytes to records, against what others need to parse the same messages.

``python -m benchmarks.formats FOLDER`` with a folder of HL7 v2 messages, one a file (and, where it is there, the FHIR
benchmark after it). Ours reads a file and makes typed records of it, with codes, units and times understood; hl7apy and
python-hl7 only parse text that is decoded and in memory. CPU time of the thread, median of runs, per message; each peer
over the messages it can parse, ours over the same ones. A peer that is not installed is named and left out.
"""

import argparse
import importlib
import statistics
import time
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from hilum.formats import hl7
from hilum.formats.member import Member
from hilum.model.record import Record

RUNS = 7
PEER_RUNS = 1
"""Of a peer after the two that show that it can parse a message: hl7apy takes a minute for a hundred and fifty."""
Parse = Callable[[str], object]


def hl7apy() -> Parse:
    """hl7apy, tolerant, as a person would call it: groups found, no validation."""
    parser = importlib.import_module("hl7apy.parser")
    return lambda text: parser.parse_message(text, find_groups=True)


def hl7apy_flat() -> Parse:
    """hl7apy without looking for groups, its fastest way."""
    parser = importlib.import_module("hl7apy.parser")
    return lambda text: parser.parse_message(text, find_groups=False)


def python_hl7() -> Parse:
    """python-hl7, which splits and knows nothing of meaning."""
    module = importlib.import_module("hl7")
    parse: Parse = module.parse
    return parse


PEERS: dict[str, Callable[[], Parse]] = {
    "hl7apy, groups": hl7apy,
    "hl7apy, flat": hl7apy_flat,
    "python-hl7": python_hl7,
}


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--runs", type=int, default=RUNS)
    given = parser.parse_args()
    measure(given.folder, given.runs)
    try:
        fhir = importlib.import_module("benchmarks.fhir")
    except ImportError as missing:
        print(f"\nFHIR not measured: {missing}")
    else:
        print()
        fhir.measure()


def measure(folder: Path, runs: int = RUNS) -> None:
    """One line for us and each peer; the ratio is peer over ours on the messages the peer parsed."""
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in (".hl7", ".txt"))
    print("| HL7 v2 | messages | CPU ms per message | ours on the same | ratio |\n|---|---|---|---|---|")
    ours = {path: _median(partial(_ours, path), runs) for path in files}
    records = sum(_ours(path) for path in files)
    size = sum(path.stat().st_size for path in files)
    print(
        f"| Hilum, bytes to {records:,} records | {len(files)} | {_mean(list(ours.values())):.3f} | | 1x |", flush=True
    )
    for name, prepare in PEERS.items():
        try:
            parse = prepare()
        except ImportError as missing:
            print(f"| {name} | not measured: {missing} | | | |", flush=True)
            continue
        texts = {path: text for path in files if _parses(parse, text := _text(path))}
        peer = _mean([_median(partial(parse, text), min(runs, PEER_RUNS)) for text in texts.values()])
        same = _mean([ours[path] for path in texts])
        print(f"| {name}, text to tree | {len(texts)} | {peer:.3f} | {same:.3f} | {peer / same:.1f}x |", flush=True)
    print(f"\n{size / 1024:,.0f} KiB in {len(files)} files")


def _ours(path: Path) -> int:
    member = Member(path.name, path, path.stat().st_size, "", hl7.FORMAT, hl7.RANK)
    return sum(isinstance(item, Record) for item in hl7.items(member, "SRC", 0))


def _text(path: Path) -> str:
    """The text a peer is given: decoded, without a mark, its lines ended as the peers want them."""
    lines = path.read_bytes().decode("utf-8-sig", "replace").splitlines()
    return "\r".join(line for line in lines if line.strip()) + "\r"


def _parses(parse: Parse, text: str) -> bool:
    try:
        parse(text)
    except Exception:  # whatever a peer raises, the message is not one it reads
        return False
    return True


def _median(run: Callable[[], object], runs: int) -> float:
    """Milliseconds of CPU of one call, the median of ``runs`` after one that does not count."""
    run()
    spent = []
    for _ in range(runs):
        begun = time.thread_time_ns()
        run()
        spent.append((time.thread_time_ns() - begun) / 1e6)
    return statistics.median(spent)


def _mean(times: Sequence[float]) -> float:
    return statistics.fmean(times) if times else float("nan")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
