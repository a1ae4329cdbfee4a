"""Files of any size in flat memory: a long Bundle in which every code is another one, and fifty megabytes of base64.

``HILUM_TEST_ENTRIES=100000`` looks at as many entries as docs/guide/en/bad-input.md tells of.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.flows.acceptance import page_line
from tests.flows.hospital import STOPPED
from tests.flows.terminal import Terminal

FEW, MANY = 100, int(os.environ.get("HILUM_TEST_ENTRIES", "2500"))
MEASURED = """
import resource, sys
from hilum.cli.main import perform
try:
    perform(sys.argv[1:], {})
finally:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
"""
Json = dict[str, object]


def entries(count: int, attachment: int) -> Iterator[Json]:
    """A donor, results of which every second has a code nobody knows, and a document of so many bytes."""
    yield {"resourceType": "Patient", "id": "p", "gender": "male", "birthDate": "1970-03-05"}
    for number in range(count):
        coded: Json = {"text": f"项目{number}"} if number % 2 else {"text": "肌酐"}
        made: Json = {"resourceType": "Observation", "id": f"o{number}", "status": "final", "code": coded}
        made |= {"subject": {"reference": "Patient/p"}, "valueQuantity": {"value": 80, "code": "umol/L"}}
        yield made | {"effectiveDateTime": "2026-03-16T10:00:00+08:00"}
    if attachment:
        yield {"resourceType": "DocumentReference", "content": [{"attachment": {"data": "A" * attachment}}]}


def written(folder: Path, count: int, attachment: int = 0) -> Path:
    file = folder / f"bundle-{count}-{attachment}.json"
    with file.open("w", encoding="utf-8") as out:
        out.write('{"resourceType": "Bundle", "type": "collection", "entry": [')
        for number, one in enumerate(entries(count, attachment)):
            out.write(("," if number else "") + json.dumps({"resource": one}, ensure_ascii=False))
        out.write("]}")
    return file


def peak(home: Path, file: Path) -> tuple[int, Json]:
    """Megabytes a process of its own needs at most to take ``file`` in, and what it answers."""
    Terminal(home).type("init")
    line = [sys.executable, "-c", MEASURED, "--home", str(home), "--json", "intake", str(file)]
    done = subprocess.run(line, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == STOPPED, done.stderr
    return int(done.stderr.split()[-1]) >> 10, json.loads(done.stdout)


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> int:
    """What a short file needs."""
    folder = tmp_path_factory.mktemp("few")
    return peak(folder / "home", written(folder, FEW))[0]


_PAGE_CACHE = 64
"""MiB the bank's database keeps of its own pages; it fills once and grows no more."""


@page_line(28, 29)
def test_a_long_bundle_of_ever_new_codes_is_read_in_flat_memory(usual: int, tmp_path: Path) -> None:
    needed, answer = peak(tmp_path / "home", written(tmp_path, MANY))
    assert answer["records"] == MANY + 1
    assert answer["held"] == MANY // 2
    stopped = answer["stopped"]
    assert isinstance(stopped, list)
    assert all("LAB-CODE-001" in {finding["rule"] for finding in one["findings"]} for one in stopped)
    filled = min(_PAGE_CACHE, MANY // 1_000)
    assert needed < usual + 24 + filled + MANY // 4_000


@page_line(28)
def test_fifty_megabytes_of_base64_cost_no_more_than_a_few_copies_of_themselves(usual: int, tmp_path: Path) -> None:
    needed, answer = peak(tmp_path / "home", written(tmp_path, FEW, attachment=50 << 20))
    assert answer["records"] == FEW + 1
    problems = answer["problems"]
    assert isinstance(problems, list)
    assert [one["values"] for one in problems] == [{"type": "DocumentReference", "count": 1}]
    assert needed < usual + 4 * 50
