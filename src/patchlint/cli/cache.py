"""``patchlint cache``."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import click

from patchlint.cache import cache_folder
from patchlint.model.errors import EnvironmentProblem


@click.group()
def cache() -> None:
    """Look after what is kept between runs."""


@cache.command()
def dir() -> None:  # noqa: A001  (the command's name)
    """Say where it is."""
    click.echo(cache_folder(os.environ))


@cache.command()
def size() -> None:
    """Say how much it is."""
    files = [path for path in cache_folder(os.environ).rglob("*") if path.is_file()]
    total = sum(path.stat().st_size for path in files)
    click.echo(f"{len(files):,} {'file' if len(files) == 1 else 'files'}, {total / 1e6:.1f} MB")


@cache.command()
def clean() -> None:
    """Remove it."""
    folder = cache_folder(os.environ)
    if folder.is_dir() and not _is_ours(folder):
        raise EnvironmentProblem(f"{folder}: does not look like a cache of patchlint's, and is left alone")
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        click.echo(f"{folder}: there is none")
        return
    except OSError as error:
        raise EnvironmentProblem(f"{folder}: cannot be removed: {error.strerror}") from error
    click.echo(f"{folder}: removed")


def _is_ours(folder: Path) -> bool:
    """PATCHLINT_CACHE_DIR may name any folder, by mistake even one's home."""
    return (folder / "CACHEDIR.TAG").is_file() or not any(folder.iterdir())
