"""Uploaded files as a case: one file, a zip, or the files of a CSV folder."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from clearing.case.case import Case
from clearing.case.finding import Finding, Severity
from clearing.formats import FormatError, read

MOST_BYTES = 512 << 20
MOST_FILES = 500


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came: its name (whatever the browser says) and its bytes."""

    name: str
    data: bytes


class Refused(Exception):
    """The upload is no case; findings say why."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("refused")
        self.findings = tuple(findings)


def too_large(limit: str) -> Refused:
    """What an upload beyond a limit is answered with."""
    return Refused([_wrong("TOO_LARGE_UPLOAD", "The upload is too large.", limit=limit)])


def case_of(files: Sequence[Upload]) -> Case:
    """The case in uploaded files; raises Refused. No program of an upload is ever run."""
    if not files or not any(file.data for file in files):
        raise Refused([_wrong("NO_FILE", "No file was chosen, or it is empty.")])
    with tempfile.TemporaryDirectory(prefix="clearing-upload-") as scratch:
        folder = Path(scratch)
        for file in files:
            name = PurePosixPath(file.name.replace("\\", "/")).name
            if name.lower().endswith(".zip"):
                _unpack(file, folder)
            else:
                _put(folder, name, file.data)
        try:
            return read(_place(folder))
        except FormatError as error:
            raise Refused(error.findings) from None


def _put(folder: Path, name: str, data: bytes) -> None:
    try:
        (folder / name).write_bytes(data)
    except (OSError, ValueError):
        raise Refused([_wrong("BAD_NAME", "No file can have this name.", name[:80])]) from None


def _unpack(file: Upload, folder: Path) -> None:
    """Files of a zip below the folder; refused where it is broken, too large, or leads out of the folder."""
    packed = folder / ".upload.zip"
    packed.write_bytes(file.data)
    try:
        with zipfile.ZipFile(packed) as archive:
            members = [m for m in archive.infolist() if not m.is_dir()]
            if len(members) > MOST_FILES or sum(m.file_size for m in members) > MOST_BYTES:
                raise too_large(f"{MOST_FILES} files, {MOST_BYTES >> 20} MiB unpacked")
            for member in members:
                path = PurePosixPath(member.filename.replace("\\", "/"))
                if path.is_absolute() or ".." in path.parts:
                    raise Refused([_wrong("BAD_NAME", "A name in the archive leads out of it.", member.filename[:80])])
                archive.extract(member, folder)
    except (zipfile.BadZipFile, RuntimeError, OSError, ValueError, NotImplementedError) as error:
        raise Refused([_wrong("BAD_ZIP", f"The archive cannot be read: {type(error).__name__}.")]) from None
    finally:
        packed.unlink()


def _place(folder: Path) -> Path:
    """The file or folder that holds the case: folders with nothing else in them are gone through."""
    while True:
        inside = [p for p in folder.iterdir() if not p.name.startswith((".", "__MACOSX"))]
        if len(inside) != 1:
            return folder
        if inside[0].is_file():
            return inside[0]
        folder = inside[0]


def _wrong(code: str, message: str, value: str = "", limit: str = "") -> Finding:
    return Finding(Severity.ERROR, code, "upload", message, value=value, limit=limit)
