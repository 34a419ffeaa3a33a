"""What can be read on this machine beside what always can: by programs and packages that may be missing."""

from __future__ import annotations

import shutil
from functools import cache
from importlib.util import find_spec


@cache
def abilities() -> str:
    """Changes when a file that was skipped for want of a program could be read now."""
    programs = ("soffice", "libreoffice", "tesseract")
    found = [name for name in programs if shutil.which(name)]
    found += [name for name in ("rapidocr", "onnxruntime") if find_spec(name)]
    return "+".join(found)
