"""Where things are kept between runs.

A run that is answered from there loads this file first, so pathlib (and ipaddress, by way of urllib) waits.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def cache_folder(environ: Mapping[str, str]) -> Path:
    """Where summaries are kept between runs: ``PATCHLINT_CACHE_DIR``, else the platform's cache folder."""
    from pathlib import Path

    return Path(cache_path(environ))


def cache_path(environ: Mapping[str, str]) -> str:
    """As ``cache_folder``, in words."""
    if given := environ.get("PATCHLINT_CACHE_DIR"):
        return os.path.join(os.getcwd(), os.path.expanduser(given))
    import platformdirs

    return platformdirs.user_cache_dir("patchlint", appauthor=False)


_CACHE_TAG = """\
Signature: 8a477f597d28d172789f06886806bc55
# What patchlint read of source files and interpreters. See https://bford.info/cachedir/
"""


def prepare_cache(folder: Path) -> str | None:
    """Make the folder ready, and mark it as a cache; else the reason why it cannot be used."""
    tag = folder / "CACHEDIR.TAG"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not tag.exists():
            tag.write_text(_CACHE_TAG, "utf-8")
    except OSError as error:
        return error.strerror or str(error)
    return None if os.access(folder, os.W_OK | os.X_OK) else os.strerror(errno.EACCES)
