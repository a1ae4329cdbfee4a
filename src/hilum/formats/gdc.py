"""Fetch a TCGA cohort's open-access clinical and biospecimen tables from the NCI Genomic Data Commons.

``data get tcga/CHOL`` asks the public GDC API (https://docs.gdc.cancer.gov/API/Users_Guide/Search_and_Retrieval) for
the BCR Biotab files of project TCGA-CHOL and downloads each by its UUID, resumably and checked by MD5, the checksum
the GDC publishes. No account is needed and nothing but open-access files is asked for.

The GDC's files are the tables of the 2015 archives of the TCGA data portal under slightly different names
(``nationwidechildrens.org_clinical_patient_chol.txt``): the table names (``clinical_patient``, ``biospecimen_aliquot``
…) are the same, and the biotab reader knows both.
"""

import hashlib
import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Protocol

from hilum.errors import BadInputError, NetworkError, NotFoundError

BASE = "https://api.gdc.cancer.gov"
_NAME = re.compile(r"(?:tcga/|TCGA-)?([A-Za-z]{2,5})")
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._\-]{0,180}")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MD5 = re.compile(r"[0-9a-f]{32}")
_CHUNK = 1 << 16
_PAGE = 200
_LARGEST_ANSWER = 32 << 20
_TIMEOUT = 60
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})


class Answer(Protocol):
    """What the opener returns: as much of ``http.client.HTTPResponse`` as is used here."""

    status: int

    def read(self, amount: int = ..., /) -> bytes: ...
    def close(self) -> None: ...


Opener = Callable[[urllib.request.Request], Answer]


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """One file as the GDC lists it."""

    uuid: str
    name: str
    md5: str
    size: int
    data_type: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the download is: which file, its place in the list, and bytes of all files together."""

    name: str
    number: int
    files: int
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Downloaded:
    """What is now in the folder: the files, how many of them came over the wire this time, and their bytes."""

    project: str
    folder: Path
    files: tuple[Path, ...]
    fetched: int
    bytes: int


def open_url(request: urllib.request.Request) -> Answer:
    """The default opener: ``urllib`` with the system's proxies and certificates, and a time limit."""
    answer: Answer = urllib.request.urlopen(request, timeout=_TIMEOUT)  # noqa: S310 - the scheme is checked in get()
    return answer


@dataclass(frozen=True, slots=True)
class Source:
    """How a GDC is reached. ``pause`` waits so many seconds between attempts."""

    base: str = BASE
    fetch: Opener = open_url
    attempts: int = 5
    pause: Callable[[float], None] = time.sleep


def _silent(_: Progress) -> None:
    """No one watches."""


def get(
    name: str, into: Path, source: Source | None = None, progress: Callable[[Progress], None] = _silent
) -> Downloaded:
    """Download cohort ``name`` (``tcga/CHOL``) into ``into``; files already there and whole are kept as they are.

    A file under way is called ``….part``; a second call goes on where the first stopped. Raises
    :class:`BadInputError` for a name that is no cohort, :class:`NotFoundError` when the GDC has no such files, and
    :class:`NetworkError` when it cannot be reached or a file does not match its checksum.
    """
    origin = source or Source()
    if not origin.base.startswith(("https://", "http://")):
        raise BadInputError("gdc_address", address=origin.base)
    project = project_of(name)
    files = list_files(project, origin)
    if not files:
        raise NotFoundError("gdc_no_files", project=project)
    into.mkdir(parents=True, exist_ok=True)
    done, total, fetched = 0, sum(file.size for file in files), 0
    for number, file in enumerate(files, 1):

        def report(received: int, file: RemoteFile = file, number: int = number, before: int = done) -> None:
            progress(Progress(file.name, number, len(files), before + received, total))

        fetched += _download(file, into / file.name, origin, report)
        done += file.size
        report(0, file, number, done)
    return Downloaded(project, into, tuple(into / file.name for file in files), fetched, total)


def project_of(name: str) -> str:
    """``tcga/CHOL`` -> ``TCGA-CHOL``. Raises :class:`BadInputError`."""
    found = _NAME.fullmatch(name.strip())
    if found is None:
        raise BadInputError("gdc_name", name=name)
    return f"TCGA-{found[1].upper()}"


# listing ----------------------------------------------------------------------------------------------------------


def list_files(project: str, source: Source) -> list[RemoteFile]:
    """The open-access BCR Biotab supplements of ``project``, by name. Raises :class:`NetworkError`."""
    found: dict[str, RemoteFile] = {}
    while True:
        answer = _ask(project, len(found), source)
        try:
            data = _table(answer["data"])
            total = int(str(_table(data["pagination"])["total"]))
            hits = data["hits"]
            page = [_remote(_table(hit)) for hit in hits] if isinstance(hits, list) else []
        except (KeyError, TypeError, ValueError) as odd:
            raise NetworkError("gdc_answer", address=source.base, why=str(odd)[:200]) from odd
        before = len(found)
        found |= {file.uuid: file for file in page}
        if len(found) >= total or len(found) == before:
            break
    return _distinct(sorted(found.values(), key=lambda file: (file.name, file.uuid)))


def _table(content: object) -> dict[str, object]:
    if not isinstance(content, dict):
        raise TypeError(f"a table is expected, not {type(content).__name__}")
    return content


def _distinct(files: list[RemoteFile]) -> list[RemoteFile]:
    """Two files of one name would overwrite each other: the later ones carry the beginning of their UUID."""
    seen: set[str] = set()
    named: list[RemoteFile] = []
    for file in files:
        name = file.name if file.name not in seen else f"{file.uuid[:8]}.{file.name}"
        seen.add(name)
        named.append(RemoteFile(file.uuid, name, file.md5, file.size, file.data_type))
    return named


def _remote(hit: Mapping[str, object]) -> RemoteFile:
    """One hit, checked: a name from the net becomes a file name here, so it must be a plain one."""
    file = RemoteFile(
        uuid=str(hit["file_id"]),
        name=str(hit["file_name"]),
        md5=str(hit["md5sum"]).lower(),
        size=int(str(hit["file_size"])),
        data_type=str(hit.get("data_type", "")),
    )
    if not (_SAFE.fullmatch(file.name) and _UUID.fullmatch(file.uuid) and _MD5.fullmatch(file.md5) and file.size >= 0):
        raise ValueError(f"file {file.uuid!r} {file.name!r}")
    return file


def _ask(project: str, start: int, source: Source) -> dict[str, object]:
    wanted = {
        "cases.project.project_id": [project],
        "access": ["open"],
        "data_type": ["Clinical Supplement", "Biospecimen Supplement"],
        "data_format": ["BCR Biotab", "bcr biotab"],
    }
    content = [{"op": "in", "content": {"field": field, "value": value}} for field, value in wanted.items()]
    query = {
        "filters": {"op": "and", "content": content},
        "fields": "file_id,file_name,md5sum,file_size,data_type",
        "format": "JSON",
        "sort": "file_id:asc",
        "size": _PAGE,
        "from": start,
    }
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    address = f"{source.base.rstrip('/')}/files"
    request = urllib.request.Request(address, json.dumps(query).encode(), headers)  # noqa: S310 - checked in get()
    body = _patiently(lambda: _read_all(source.fetch(request)), address, source)
    try:
        return _table(json.loads(body))
    except (ValueError, TypeError) as odd:
        raise NetworkError("gdc_answer", address=address, why=str(odd)[:200]) from odd


def _read_all(answer: Answer) -> bytes:
    try:
        return answer.read(_LARGEST_ANSWER)
    finally:
        answer.close()


# downloading ------------------------------------------------------------------------------------------------------


def _download(file: RemoteFile, target: Path, source: Source, report: Callable[[int], None]) -> bool:
    """Bring one file in; answers whether anything came over the wire."""
    if target.is_file() and target.stat().st_size == file.size and _md5(target) == file.md5:
        return False
    part = target.with_name(target.name + ".part")
    for last in (False, True):  # a part that does not match is thrown away once; the second time the source is wrong
        if not (part.is_file() and part.stat().st_size == file.size):
            _patiently(lambda: _go_on(file, part, source, report), f"{source.base}/data/{file.uuid}", source)
        if _md5(part) == file.md5:
            part.replace(target)
            return True
        part.unlink()
        if last:
            break
    raise NetworkError("gdc_checksum", name=file.name, expected=file.md5)


def _go_on(file: RemoteFile, part: Path, source: Source, report: Callable[[int], None]) -> None:
    """Receive what is missing of ``part``: from its end if the server can (206), else from the beginning."""
    have = part.stat().st_size if part.is_file() else 0
    if have > file.size:
        part.unlink()
        have = 0
    headers = {"Range": f"bytes={have}-"} if have else {}
    address = f"{source.base.rstrip('/')}/data/{file.uuid}"
    answer = source.fetch(urllib.request.Request(address, headers=headers))  # noqa: S310 - checked in get()
    have = have if answer.status == 206 else 0
    try:
        with part.open("ab" if have else "wb") as out:
            while have < file.size and (chunk := answer.read(min(_CHUNK, file.size - have))):
                out.write(chunk)
                have += len(chunk)
                report(have)
    finally:
        answer.close()
    if have < file.size:
        raise ConnectionError(f"{have} of {file.size} bytes")


def _patiently(call: Callable[[], bytes | None], address: str, source: Source) -> bytes:
    """Try a few times, waiting longer each time; what a second try cannot mend (404, 403) fails at once."""
    why = ""
    for attempt in range(source.attempts):
        if attempt:
            source.pause(min(2.0**attempt, 30.0))
        try:
            return call() or b""
        except urllib.error.HTTPError as refused:
            why = f"HTTP {refused.code}"
            refused.close()
            if refused.code not in _PASSING:
                break
        except (OSError, HTTPException) as broken:
            why = str(getattr(broken, "reason", "") or broken) or type(broken).__name__
    raise NetworkError("gdc_unreachable", address=address, why=why[:200])


def _md5(path: Path) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()
