"""Regenerate ``knowledge/data/patches.json``: what gevent and eventlet replace, by version, seen by running them.

usage: python tools/dump_patches.py FOLDER PYTHON...

FOLDER keeps one installation per pair of library version and Python; what is missing is installed with
``uv``.  The PYTHONs are interpreters of 3.7 to 3.13.  The calls and their keywords are
described by hand in ``patch_calls.toml``; ``check_patches.py`` checks both against what it sees.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeAlias

TOOLS = Path(__file__).parent
ROOT = TOOLS.parent
TARGET = ROOT / "src" / "patchlint" / "knowledge" / "data" / "patches.json"
sys.path.insert(0, str(ROOT / "src"))

OLD = ("setuptools<66", "zope.interface==5.5.2", "zope.event<5")
"""What gevent needed while it looked its plugins up with ``pkg_resources``."""

ENVIRONMENTS: dict[tuple[str, str], tuple[str, tuple[str, ...]]] = {
    ("gevent", "1.4.0"): ("3.7", ("greenlet<1", *OLD)),
    ("gevent", "1.5.0"): ("3.7 3.8", ("greenlet<1", *OLD)),
    ("gevent", "20.9.0"): ("3.7 3.8", ("greenlet<1", *OLD)),
    ("gevent", "20.12.1"): ("3.7 3.8 3.9", ("greenlet<1", *OLD)),
    ("gevent", "21.8.0"): ("3.9", ("greenlet<2", *OLD)),
    ("gevent", "21.12.0"): ("3.7 3.8 3.9 3.10", ("greenlet<2", *OLD)),
    ("gevent", "22.10.2"): ("3.7 3.8 3.9 3.10 3.11", ("setuptools<66", "zope.interface<=6.0", "zope.event<5")),
    ("gevent", "23.9.1"): ("3.8 3.9 3.10 3.11 3.12", ()),
    ("gevent", "24.2.1"): ("3.8 3.11 3.12", ()),
    ("gevent", "24.11.1"): ("3.9 3.10 3.11 3.12 3.13", ()),
    ("gevent", "25.4.1"): ("3.9 3.10 3.11 3.13", ()),
    ("gevent", "25.5.1"): ("3.11 3.13", ()),
    ("gevent", "25.8.1"): ("3.9 3.10 3.11 3.13", ()),
    ("gevent", "25.9.1"): ("3.9 3.10 3.11 3.12 3.13", ()),
    ("gevent", "26.9.0"): ("3.10 3.11 3.12 3.13", ()),
    ("eventlet", "0.30.2"): ("3.8", ()),
    ("eventlet", "0.33.3"): ("3.8 3.10 3.11", ()),
    ("eventlet", "0.35.2"): ("3.11", ()),
    ("eventlet", "0.36.1"): ("3.8 3.11 3.12", ()),
    ("eventlet", "0.40.0"): ("3.9 3.11 3.13", ()),
    ("eventlet", "0.41.3"): ("3.10 3.11 3.12 3.13", ()),
}

PRELUDE = ("gevent.events",)
PLUGINS = ("importlib.metadata", "email.message")
"""What looking up gevent's plugins imports, once, at the first notification; the latter with ``pkg_resources``."""

UPGRADED = ("_active_limbo_lock", "_after_fork")
"""What eventlet does to ``threading`` otherwise than by replacing: an RLock is upgraded, a function emptied."""

Env: TypeAlias = tuple[str, str]
Rules: TypeAlias = list[list[Any]]


def pythons(paths: Iterable[str]) -> dict[str, str]:
    """Interpreters by their version."""
    ask = "import sys; print('%d.%d' % sys.version_info[:2])"
    answers = {
        path: subprocess.run([path, "-I", "-c", ask], check=True, capture_output=True, text=True) for path in paths
    }
    return {answer.stdout.strip(): path for path, answer in answers.items()}


PYTHONS = pythons(sys.argv[2:])


def installed(cache: Path, library: str, version: str, minor: str, extra: Iterable[str]) -> Path:
    folder = cache / f"{library}-{version}-{minor}"
    if not folder.is_dir():
        command = ["uv", "pip", "install", "-q", "--only-binary", ":all:", "--target", str(folder)]
        subprocess.run([*command, "--python", PYTHONS[minor], f"{library}=={version}", *extra], check=True)
    return folder


def seen(cache: Path, library: str, *flags: str) -> dict[Env, list[Any]]:
    """The rows that the probe prints, by version and Python, oldest first."""
    found: dict[Env, list[Any]] = {}
    for (name, version), (minors, extra) in ENVIRONMENTS.items():
        for minor in minors.split() if name == library else ():
            if minor in PYTHONS:
                folder = installed(cache, library, version, minor, extra)
                probe = [PYTHONS[minor], "-I", "-S", "-W", "ignore", str(TOOLS / "probes" / f"{library}_patches.py")]
                answer = subprocess.run([*probe, str(folder), *flags], check=True, capture_output=True, text=True)
                found[version, minor] = json.loads(answer.stdout)
    return found


# Rules ------------------------------------------------------------------------------------------------
def numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))


def add_rule(rules: Rules, env: Env, value: Any) -> None:
    """The last rule whose version and Python are not newer than the asked ones answers: add one if it must."""
    answer: Any = [[], []] if not rules else None
    for version, minor, known in rules:
        if numbers(version) <= numbers(env[0]) and numbers(minor) <= numbers(env[1]):
            answer = known
    if answer != value:
        rules.append([*env, value])


def by_module(table: dict[Env, dict[str, Any]]) -> dict[str, Rules]:
    rules: dict[str, Rules] = {}
    names = list(dict.fromkeys(module for modules in table.values() for module in modules))
    for module in names:
        rules[module] = []
        for env, modules in table.items():
            add_rule(rules[module], env, modules.get(module, [[], []]))
    return rules


# gevent -----------------------------------------------------------------------------------------------
def full(rows: list[Any]) -> dict[str, Any]:
    """What ``patch_all()`` replaces: {module: [replaced, removed]}, in order."""
    return {module: [replaced, removed] for name, flags, saved, _, _ in rows if name == "patch_all" and not flags
            for module, replaced, removed in saved}  # fmt: skip


def own_imports(rows: list[Any]) -> dict[str, list[str]]:
    """What is imported just before each module is patched, apart from what every call imports."""
    found: dict[str, list[str]] = {}
    for name, flags, saved, imports, _ in rows:
        if name in ("patch_all", "patch_dns") or flags:
            continue
        for imported, count in imports:
            if imported not in PRELUDE + PLUGINS and count < len(saved):
                found.setdefault(saved[count][0], []).append(imported)
    return found


def gevent(cache: Path) -> dict[str, Any]:
    loaded = seen(cache, "gevent", "--loaded")
    bare = seen(cache, "gevent")
    tables = {env: full(rows) for env, rows in loaded.items()}
    imports = {env: own_imports(rows) for env, rows in bare.items()}
    order: Rules = []
    plugins: Rules = []
    for env, table in tables.items():
        add_rule(order, env, list(table))
        brought = {imported for row in bare[env] for imported, _ in row[3]}
        add_rule(plugins, env, [name for name in PLUGINS[:1] if name in brought])
    import_rules: dict[str, Rules] = {module: [] for table in tables.values() for module in table}
    for env, found in imports.items():
        for module, rules in import_rules.items():
            add_rule(rules, env, found.get(module, []) if module in tables[env] else [])
    return {
        "known": known("gevent"),
        "order": order,
        "prelude": list(PRELUDE),
        "plugins": plugins,
        "modules": by_module(tables),
        "imports": {module: rules for module, rules in import_rules.items() if rules != [[*next(iter(tables)), []]]},
    }


# eventlet ---------------------------------------------------------------------------------------------
def eventlet(cache: Path) -> dict[str, Any]:
    tables = {env: eventlet_table(rows) for env, rows in seen(cache, "eventlet").items()}
    order: Rules = []
    for env, table in tables.items():
        add_rule(order, env, list(table))
    return {
        "known": known("eventlet"),
        "order": order,
        "prelude": [],
        "plugins": [],
        "modules": by_module(tables),
        "imports": {},
    }


def eventlet_table(rows: list[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for flags, changes, _, _ in rows:
        if flags in ({}, {"builtins": True}):
            for module, replaced, removed in changes:
                found.setdefault(module, [[name for name in replaced if name not in UPGRADED], removed])
    return found


def known(library: str) -> list[str]:
    return [version for name, version in ENVIRONMENTS if name == library]


def main() -> None:
    cache = Path(sys.argv[1])
    data = {
        "about": "made by tools/dump_patches.py: [since version, since Python, value]; the last that applies answers",
        "gevent": gevent(cache),
        "eventlet": eventlet(cache),
    }
    TARGET.write_text(json.dumps(data, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
