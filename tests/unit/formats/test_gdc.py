"""Fetching open data: a local server speaks the GDC's shapes, breaks off, lies and comes back."""

import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from hilum.errors import BadInputError, NetworkError, NotFoundError
from hilum.formats import gdc
from hilum.formats.gdc import Progress, Source

PATIENTS = b"bcr_patient_barcode\tvital_status\n" + b"TCGA-00-0001\tAlive\n" * 9_000
ALIQUOTS = b"bcr_aliquot_barcode\n" + b"TCGA-00-0001-01A-11D-A000-01\n" * 50


def uuid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


@dataclass
class Gdc:
    """A small GDC: its files, what it has been asked, and how it misbehaves."""

    files: dict[str, tuple[str, bytes]] = field(
        default_factory=lambda: {
            uuid(1): ("nationwidechildrens.org_clinical_patient_chol.txt", PATIENTS),
            uuid(2): ("nationwidechildrens.org_biospecimen_aliquot_chol.txt", ALIQUOTS),
        }
    )
    queries: list[dict[str, object]] = field(default_factory=list)
    ranges: list[str | None] = field(default_factory=list)
    cut_after: list[int] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    md5: dict[str, str] = field(default_factory=dict)
    listing: bytes = b""
    page: int = 10
    resumes: bool = True
    base: str = ""

    def answer(self, query: dict[str, object]) -> bytes:
        self.queries.append(query)
        if self.listing:
            return self.listing
        start = int(str(query["from"]))
        hits = [
            {
                "id": key,
                "file_id": key,
                "file_name": name,
                "md5sum": self.md5.get(key, hashlib.md5(content).hexdigest()),
                "file_size": len(content),
                "data_type": "Clinical Supplement",
            }
            for key, (name, content) in self.files.items()
        ][start : start + self.page]
        paging = {"count": len(hits), "total": len(self.files), "size": self.page, "from": start, "page": 1, "pages": 1}
        return json.dumps({"data": {"hits": hits, "pagination": paging}, "warnings": {}}).encode()


def handler_of(state: Gdc) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.0"

        def log_message(self, *_: object) -> None:
            """Quiet."""

        def _refused(self) -> bool:
            if state.statuses and (status := state.statuses.pop(0)) != 200:
                self.send_error(status)
                return True
            return False

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path == "/files" and not self._refused():
                content = state.answer(json.loads(body))
                self.send_response(200)
                self.end_headers()
                self.wfile.write(content)

        def do_GET(self) -> None:
            wanted = self.headers.get("Range")
            state.ranges.append(wanted)
            if self._refused():
                return
            content = state.files[self.path.removeprefix("/data/")][1]
            start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and state.resumes else 0
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(content) - start))
            self.end_headers()
            cut = state.cut_after.pop(0) if state.cut_after else len(content)
            self.wfile.write(content[start : start + cut])

    return Handler


@pytest.fixture
def remote() -> Iterator[Gdc]:
    state = Gdc()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(state))
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    state.base = f"http://127.0.0.1:{server.server_address[1]}"
    yield state
    server.shutdown()
    server.server_close()


def source(remote: Gdc, attempts: int = 4) -> Source:
    return Source(base=remote.base, attempts=attempts, pause=lambda _: None)


def test_a_cohort_is_fetched_whole_and_asked_for_as_open_biotab_only(remote: Gdc, tmp_path: Path) -> None:
    seen: list[Progress] = []
    done = gdc.get("tcga/chol", tmp_path / "CHOL", source(remote), seen.append)
    assert [path.name for path in done.files] == sorted(name for name, _ in remote.files.values())
    assert {path.read_bytes() for path in done.files} == {PATIENTS, ALIQUOTS}
    assert (done.fetched, done.bytes) == (2, len(PATIENTS) + len(ALIQUOTS))
    assert (seen[-1].done, seen[-1].total, seen[-1].number, seen[-1].files) == (done.bytes, done.bytes, 2, 2)
    assert [one.done for one in seen] == sorted(one.done for one in seen)
    filters = json.dumps(remote.queries[0]["filters"])
    assert all(word in filters for word in ('"TCGA-CHOL"', '"open"', '"BCR Biotab"', '"Biospecimen Supplement"'))
    assert not list(tmp_path.rglob("*.part"))


def test_fetching_again_brings_nothing_over_the_wire(remote: Gdc, tmp_path: Path) -> None:
    gdc.get("tcga/CHOL", tmp_path, source(remote))
    remote.ranges.clear()
    assert gdc.get("tcga/CHOL", tmp_path, source(remote)).fetched == 0
    assert remote.ranges == []


def test_a_damaged_file_is_fetched_again(remote: Gdc, tmp_path: Path) -> None:
    first = gdc.get("tcga/CHOL", tmp_path, source(remote)).files[0]
    first.write_bytes(b"x" * first.stat().st_size)
    assert gdc.get("tcga/CHOL", tmp_path, source(remote)).fetched == 1
    assert first.read_bytes() == ALIQUOTS


def test_a_connection_that_breaks_goes_on_from_where_it_stopped(remote: Gdc, tmp_path: Path) -> None:
    remote.cut_after = [len(ALIQUOTS), 70_000, 50_000]
    done = gdc.get("tcga/CHOL", tmp_path, source(remote))
    assert {path.read_bytes() for path in done.files} == {PATIENTS, ALIQUOTS}
    assert remote.ranges == [None, None, "bytes=70000-", "bytes=120000-"]


def test_a_download_given_up_is_taken_up_by_the_next_call(remote: Gdc, tmp_path: Path) -> None:
    remote.cut_after = [len(ALIQUOTS), 70_000]
    with pytest.raises(NetworkError) as caught:
        gdc.get("tcga/CHOL", tmp_path, source(remote, attempts=1))
    assert caught.value.reason == "gdc_unreachable"
    (part,) = tmp_path.glob("*.part")
    assert part.stat().st_size == 70_000
    done = gdc.get("tcga/CHOL", tmp_path, source(remote))
    assert remote.ranges[-1] == "bytes=70000-"
    assert done.files[1].read_bytes() == PATIENTS


def test_a_server_that_cannot_resume_is_read_from_the_beginning(remote: Gdc, tmp_path: Path) -> None:
    remote.resumes, remote.cut_after = False, [len(ALIQUOTS), 70_000]
    done = gdc.get("tcga/CHOL", tmp_path, source(remote))
    assert done.files[1].read_bytes() == PATIENTS


def test_a_file_that_does_not_match_its_checksum_is_never_kept(remote: Gdc, tmp_path: Path) -> None:
    remote.md5 = {uuid(1): "0" * 32}
    with pytest.raises(NetworkError) as caught:
        gdc.get("tcga/CHOL", tmp_path, source(remote))
    assert caught.value.reason == "gdc_checksum"
    assert [path.name for path in tmp_path.iterdir()] == [remote.files[uuid(2)][0]]
    assert remote.ranges.count(None) == 3


def test_a_stale_part_of_other_content_is_thrown_away_once(remote: Gdc, tmp_path: Path) -> None:
    (tmp_path / f"{remote.files[uuid(1)][0]}.part").write_bytes(b"x" * 500)
    done = gdc.get("tcga/CHOL", tmp_path, source(remote))
    assert done.files[1].read_bytes() == PATIENTS


def test_passing_faults_are_tried_again_and_final_ones_are_not(remote: Gdc, tmp_path: Path) -> None:
    remote.statuses = [503, 429, 200]
    assert gdc.get("tcga/CHOL", tmp_path / "a", source(remote)).fetched == 2
    remote.statuses = [404, 200]
    with pytest.raises(NetworkError):
        gdc.get("tcga/CHOL", tmp_path / "b", source(remote))
    assert remote.statuses == [200]


def test_waiting_grows_and_ends(remote: Gdc, tmp_path: Path) -> None:
    waits: list[float] = []
    remote.statuses = [503] * 9
    with pytest.raises(NetworkError):
        gdc.get("tcga/CHOL", tmp_path, Source(remote.base, attempts=4, pause=waits.append))
    assert waits == [2.0, 4.0, 8.0]


def test_a_long_list_is_read_page_by_page(remote: Gdc, tmp_path: Path) -> None:
    remote.page = 1
    assert len(gdc.get("tcga/CHOL", tmp_path, source(remote)).files) == 2
    assert [query["from"] for query in remote.queries] == [0, 1]


def test_two_files_of_one_name_do_not_overwrite_each_other(remote: Gdc, tmp_path: Path) -> None:
    remote.files[uuid(3)] = (remote.files[uuid(2)][0], b"other\n")
    done = gdc.get("tcga/CHOL", tmp_path, source(remote))
    assert len({path.name for path in done.files}) == 3


@pytest.mark.parametrize("name", ["../../evil.txt", "/etc/passwd", "a\\b", "", ".hidden", "a" * 300, "nul\0.txt"])
def test_a_name_that_leads_out_of_the_folder_is_refused(remote: Gdc, tmp_path: Path, name: str) -> None:
    remote.files[uuid(2)] = (name, b"x")
    with pytest.raises(NetworkError) as caught:
        gdc.get("tcga/CHOL", tmp_path / "in", source(remote))
    assert caught.value.reason == "gdc_answer"
    assert not (tmp_path / "in").exists()


@pytest.mark.parametrize(
    "listing", [b"<html>login</html>", b"[]", b"{}", b'{"data": {"hits": [], "pagination": {}}}', b"\xff"]
)
def test_an_answer_of_another_shape_is_a_clear_error(remote: Gdc, tmp_path: Path, listing: bytes) -> None:
    remote.listing = listing
    with pytest.raises(NetworkError) as caught:
        gdc.get("tcga/CHOL", tmp_path, source(remote))
    assert caught.value.reason == "gdc_answer"


def test_a_cohort_without_files_is_not_found(remote: Gdc, tmp_path: Path) -> None:
    remote.files.clear()
    with pytest.raises(NotFoundError):
        gdc.get("tcga/ZZZ", tmp_path, source(remote))


@pytest.mark.parametrize("name", ["", "chol/x", "tcga/", "tcga/../x", "geo/CHOL", "tcga/CHOL2"])
def test_a_name_that_is_no_cohort_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInputError):
        gdc.get(name, tmp_path, Source("http://127.0.0.1:9"))


def test_without_a_network_the_error_says_so_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(NetworkError) as caught:
        gdc.get("tcga/CHOL", tmp_path / "x", Source("http://127.0.0.1:1", attempts=2, pause=lambda _: None))
    assert caught.value.reason == "gdc_unreachable"
    assert not (tmp_path / "x").exists()


def test_only_web_addresses_are_opened(tmp_path: Path) -> None:
    with pytest.raises(BadInputError):
        gdc.get("tcga/CHOL", tmp_path, Source("file:///etc"))
