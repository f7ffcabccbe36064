"""Dotted module names."""

from __future__ import annotations


def parent_of(name: str) -> str:
    """The package that a dotted name lies in, ``""`` for a top-level name."""
    return name.rpartition(".")[0]


def mangled(owner: str, name: str) -> str:
    """6.2.1 A private name as the body of the class ``owner`` spells it; any other name is as it was."""
    stripped = owner.lstrip("_")
    is_private = name.startswith("__") and not name.endswith("__") and "." not in name
    return f"_{stripped}{name}" if stripped and is_private else name


def absolute(package: str, level: int, name: str) -> str:
    """Resolve a relative import as ``importlib._bootstrap._resolve_name`` does.

    ``package`` is the importing module's ``__package__``, ``level`` the number of leading dots.
    Raises ValueError when the import goes beyond the top-level package.
    """
    if level == 0:
        return name
    parts = package.rsplit(".", level - 1)
    if not package or len(parts) < level:
        raise ValueError("attempted relative import beyond top-level package")
    return f"{parts[0]}.{name}" if name else parts[0]
