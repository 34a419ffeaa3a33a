"""Old Office documents (.doc, .ppt and those of WPS), through LibreOffice where it is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from ingest.load import docx, pptx
from ingest.load.parsed import Parsed
from rag.errors import DocumentError

LIMIT: Final = 100.0
"""Seconds for a conversion."""
_INSTALLED: Final = (
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    "C:/Program Files/LibreOffice/program/soffice.com",
    "C:/Program Files (x86)/LibreOffice/program/soffice.com",
    "/opt/libreoffice/program/soffice",
    "/snap/bin/libreoffice",
)
_AGAIN: Final = 81
"""How LibreOffice ends when it has just made its profile and wants to be started again."""
_SETTINGS: Final = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop>
<prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop>
<prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Writer/Content/Update"><prop oor:name="Link" oor:op="fuse">
<value>0</value></prop></item></oor:items>
"""
_FILE_HEADER: Final = (b"\xec\xa5", b"\xdc\xa5")
_SECTOR: Final = 512
_VERSIONS: Final = frozenset(
    number.to_bytes(2, "little") for number in (0x65, 0x68, 0xC0, 0xC1, 0xC2, 0xD9, 0x101)
)


def load(data: bytes, name: str, encoding: str | None = None) -> Parsed:
    """The text of a document of Word or PowerPoint of before 2007, as its loader reads the converted one.

    Raises:
        DocumentError: ``unsupported`` where LibreOffice is not installed; ``encrypted``; ``timeout``;
            ``broken`` where LibreOffice cannot open it.
    """
    del encoding
    slides = "PowerPoint Document".encode("utf-16-le") in data
    _refuse_unreadable(data, name, slides=slides)
    program = office()
    if program is None:
        kind = ".pptx" if slides else ".docx"
        message = f"is of an old kind; install LibreOffice, or save it as {kind}"
        raise DocumentError(name, "unsupported", message)
    converted = _converted(program, data, name, "ppt" if slides else "doc")
    parsed = pptx.load(converted, name) if slides else docx.load(converted, name)
    return replace(parsed, media_type="application/vnd.ms-powerpoint" if slides else "application/msword")


def office() -> Path | None:
    """The program of LibreOffice, None where it is not installed.

    Of a script that only starts another program that program is taken: it is ended when it takes too long.
    """
    named = (shutil.which(one) for one in ("soffice", "libreoffice"))
    found = next((Path(one) for one in (*named, *_INSTALLED) if one and Path(one).is_file()), None)
    if found is None or sys.platform == "win32":
        return found
    own = found.resolve().with_name("soffice.bin")
    return own if own.is_file() else found


def _converted(program: Path, data: bytes, name: str, kind: str) -> bytes:
    """The document in the format of today. LibreOffice gets a profile of its own, without macros."""
    with tempfile.TemporaryDirectory(prefix="cjkrag-") as folder:
        profile = Path(folder, "profile", "user")
        profile.mkdir(parents=True)
        (profile / "registrymodifications.xcu").write_text(_SETTINGS, encoding="utf-8")
        source = Path(folder, f"document.{kind}")
        source.write_bytes(data)
        for code in _runs(program, Path(folder), source, name):
            if code != _AGAIN:
                break
        try:
            return Path(folder, "made", f"document.{kind}x").read_bytes()
        except OSError as error:
            message = f"cannot be opened by LibreOffice; it may be damaged, or save it as .{kind}x"
            raise DocumentError(name, "broken", message) from error


def _runs(program: Path, folder: Path, source: Path, name: str) -> Iterator[int]:
    """How each of at most three starts of LibreOffice ended. Raises DocumentError ``timeout``."""
    command = [
        str(program),
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        *("--headless", "--invisible", "--norestore", "--nolockcheck", "--nologo", "--nodefault"),
        *("--convert-to", f"{source.suffix[1:]}x", "--outdir", str(folder / "made"), str(source)),
    ]
    hidden = {"DISPLAY", "WAYLAND_DISPLAY", "LD_PRELOAD"}
    environment = {key: value for key, value in os.environ.items() if key not in hidden}
    environment |= {"SAL_USE_VCLPLUGIN": "svp", "HOME": str(folder), "TMPDIR": str(folder)}
    for _ in range(3):
        try:
            yield subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=environment,
                cwd=folder,
                timeout=LIMIT,
                check=False,
            ).returncode
        except subprocess.TimeoutExpired as error:
            message = f"took LibreOffice longer than {LIMIT:g} s and was given up"
            raise DocumentError(name, "timeout", message) from error
        except OSError as error:
            message = f"needs LibreOffice, which does not start ({error}); save it as {source.suffix}x"
            raise DocumentError(name, "unsupported", message) from error


def _refuse_unreadable(data: bytes, name: str, *, slides: bool) -> None:
    """LibreOffice would take a damaged document for plain text, and ask nobody for the password."""
    header = b"" if slides else _header(data)
    if header is None:
        raise DocumentError(name, "broken", "is a damaged Word document; save it again as .docx")
    if "EncryptedSummary".encode("utf-16-le") in data if slides else header[11] & 1:
        raise DocumentError(name, "encrypted", "is protected by a password; save a copy without")


def _header(data: bytes) -> bytes | None:
    """The beginning of Word's own stream, which is that of a sector."""
    for start in range(_SECTOR, len(data) - _SECTOR, _SECTOR):
        if data[start : start + 2] in _FILE_HEADER and data[start + 2 : start + 4] in _VERSIONS:
            return data[start : start + 12]
    return None
