"""The programs that are measured, each with its environment."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import environments

ROOT = Path(__file__).resolve().parent.parent.parent
SERVER = ", gunicorn.arbiter, gunicorn.workers.ggevent; app.create_app('x')"
GREEN = "; from gevent import monkey; monkey.patch_all()"

BLOG = ("gevent", "gunicorn", "packaging", "requests", "flask", "grimp")
LARGE = ("django", "celery", "boto3", "sqlalchemy", "requests", "gevent", "grimp")
HUGE = (*LARGE, "sympy", "networkx", "nltk", "openai", "pandas", "python-telegram-bot")
LARGE_PROGRAM = """\
import helper
import boto3
import celery
import django.contrib.auth
import django.http
import django.shortcuts
import django.test
import requests
import sqlalchemy.orm
from django.conf import settings

settings.configure()

if __name__ == "__main__":
    from gevent import monkey

    monkey.patch_all()
"""
HUGE_IMPORTS = "import networkx\nimport nltk\nimport openai\nimport pandas\nimport sympy\nimport telegram.ext\n"


@dataclass(frozen=True)
class Program:
    """One that is measured: its folder, its file, what imports it without serving, its environment.

    ``changed`` is the file that a person works on.  ``rounds`` bounds the rounds of ours, ``slow`` those of slow peers.
    """

    name: str
    folder: Path
    file: str
    changed: str
    imports: str
    env: Path
    rounds: int
    slow: int


def programs(folder: Path, wanted: Collection[str]) -> Iterator[Program]:
    """Of these: the blog of the fixtures, one with about a thousand modules, one with more than three thousand."""
    if "blog" in wanted:
        blog = folder / "blog"
        shutil.copytree(ROOT / "tests" / "fixtures" / "blog", blog, dirs_exist_ok=True)
        env = environments.environment(folder / "env-blog", BLOG)
        yield Program("blog", blog, "run.py", "app.py", f"import gunicorn.app.base, app{SERVER}", env, 100, 1)
    more = (("large", LARGE, LARGE_PROGRAM, 100, 1), ("huge", HUGE, HUGE_IMPORTS + LARGE_PROGRAM, 1, 0))
    for name, packages, text, rounds, slow in more:
        if name in wanted:
            place = environments.write(folder / name, run=text, helper="VALUE = 1\n")
            env = environments.environment(folder / f"env-{name}", packages)
            yield Program(name, place, "run.py", "helper.py", f"import run{GREEN}", env, rounds, slow)
