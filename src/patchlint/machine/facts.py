"""What the machine asks of the world beyond source files, bound to one target."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from patchlint.environment import Distribution, Target, distributions, distributions_in, normalised, version_of
from patchlint.knowledge import patches
from patchlint.knowledge.extensions import ClassEntry, ExtensionModule, extension, hidden_class, startup
from patchlint.knowledge.patches import Replacement, replacement
from patchlint.knowledge.versions import Python
from patchlint.sources import shared_objects
from patchlint.sources.finder import Finder
from patchlint.sources.store import Store


class Facts:
    """Tables of what libraries do, and what is installed in the target; ``store`` keeps what shared objects show."""

    def __init__(self, target: Target, finder: Finder, store: Store | None = None) -> None:
        self._target = target
        self._finder = finder
        self._store = store

    def of(self, target: Target, finder: Finder) -> Facts:
        """The same for another state of the target."""
        return type(self)(target, finder, self._store)

    def extension(self, python: Python, module: str) -> ExtensionModule | None:
        """The names of a C module of the standard library."""
        return extension(python, module)

    def hidden_class(self, python: Python, path: str) -> ClassEntry | None:
        """A class that no C module of the standard library exposes."""
        return hidden_class(python, path)

    def startup(self, python: Python) -> tuple[str, ...]:
        """What the interpreter imports before the program."""
        return startup(python)

    def replacement(
        self, library: str, version: str, python: Python, call: str, arguments: Mapping[str, object]
    ) -> Replacement:
        """What a patch call replaces."""
        return replacement(library, version, python, call, arguments)

    def patch_calls(self, library: str) -> tuple[str, ...]:
        """The qualified names of the functions by which a library patches."""
        return patches.patch_calls(library)

    def known_version(self, library: str, version: str) -> str:
        """The version of a patching library whose behaviour answers for another."""
        return patches.known_version(library, version)

    def distribution_version(self, name: str) -> str | None:
        """The version of an installed distribution."""
        return version_of(self._target, name)

    def entry_points(
        self, group: str | None, distribution: str | None = None, folders: Sequence[str] = ()
    ) -> Iterator[tuple[str, str, str]]:
        """Group, name and value of the entry points, of all groups or one, of all distributions or one.

        ``folders`` are entries of the program's own search path: what they have comes before what is installed.
        """
        nearer = distributions_in(folders)
        asked = self._distributions if distribution is None else self._named(distribution)
        name = None if distribution is None else normalised(distribution)
        own = (one for key, one in nearer.items() if name in (None, key))
        for one in (*own, *(one for one in asked if one.key not in nearer)):
            groups = one.entry_points if group is None else {group: one.entry_points.get(group, {})}
            for title, points in groups.items():
                yield from ((title, name, value) for name, value in points.items())

    def _named(self, distribution: str) -> tuple[Distribution, ...]:
        found = distributions(self._target).get(normalised(distribution))
        return () if found is None else (found,)

    @cached_property
    def _distributions(self) -> tuple[Distribution, ...]:
        return tuple(distributions(self._target).values())

    def scanned_imports(self, path: str | None, module: str) -> tuple[str, ...]:
        """What an installed extension module imports, as its shared object shows."""
        return () if path is None else shared_objects.imports(path, module, self._exists, self._store)

    def compiled_sources(self, path: str | None) -> tuple[str, ...]:
        """The files that an installed extension module was compiled from, where they lie beside it."""
        return () if path is None else shared_objects.compiled_sources(path, self._store)

    def mentions(self, path: str | None, name: str) -> bool:
        """Whether an installed extension module has a name in it at all."""
        return path is not None and shared_objects.mentions(path, name, self._store)

    def _exists(self, name: str) -> bool:
        """Whether a module can be found from the target's own search path."""
        found = None
        search: tuple[str, ...] = self._target.search_path
        parts = name.split(".")
        for depth in range(len(parts)):
            full = ".".join(parts[: depth + 1])
            found = self._finder.find_in(full, search) if depth else self._finder.find_top(full, search)
            if found is None:
                return False
            search = found.search
        return found is not None
