"""ruff, asked to sort the imports and to format, leaves a patch before the imports that it is for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from patchlint.fixes.candidates import candidates
from patchlint.fixes.texts import edited
from patchlint.model.finding import Finding
from patchlint.model.location import Location
from patchlint.model.plan import Entrypoint

TEXT = "import requests\nfrom flask import Flask\n\napp = Flask(requests.__name__)\n"
FINDING = Finding("PAT101", "error", "certain", "stale", Entrypoint("file", "/a.py", "/"), Location("/a.py", 1))


def test_ruff_does_not_undo_it(tmp_path: Path) -> None:
    (one,) = candidates(FINDING, "gevent", "/a.py", TEXT)
    fixed = edited(TEXT, one.edits)
    file = tmp_path / "a.py"
    file.write_text(fixed)
    for words in (("check", "--fix", "--select", "I,F"), ("format",)):
        subprocess.run([sys.executable, "-m", "ruff", *words, "--isolated", str(file)], check=True, capture_output=True)
    assert file.read_text() == fixed
    assert fixed.index("patch_all()") < fixed.index("import requests")
