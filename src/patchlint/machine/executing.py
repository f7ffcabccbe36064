"""``os.exec*``: the program is replaced by another one, which starts anew with the arguments and environment given.

The wrappers that run before everything (``ddtrace-run``, ``newrelic-admin run-program``, ``opentelemetry-instrument``)
put a ``sitecustomize`` in the way of the command that they are given, and end like this.  A child that is forked to
be replaced is another program, and the one that forked it goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from patchlint.machine.frames import EndOfPlay, Frame
from patchlint.machine.values import Instance, Module, Native, Value
from patchlint.model.plan import Execution

if TYPE_CHECKING:
    from patchlint.machine.core import Machine

_FAMILY = ("execl", "execle", "execlp", "execlpe", "execv", "execve", "execvp", "execvpe")


def install(m: Machine, module: Module) -> None:
    """Put the functions of the family into ``os`` or ``posix``."""
    for name in _FAMILY:
        module.ns[name] = Native(name, _function(name), module.name)


def _function(name: str) -> Callable[..., Value]:
    def execute(m: Machine, frame: Frame, arguments: list[Value], keywords: dict[str, Value]) -> Value:
        given = list(arguments[1:])
        environ = given.pop() if name.endswith("e") and given else None
        words = given if "l" in name else m.iterate(given[0], frame) if given else None
        own = m.modules["os"].ns.get("environ")
        if not m.possible and _is_child(m):
            _forget_child(m)
            raise EndOfPlay
        if words and not m.possible:
            m.successor = Execution(_words(m, arguments[0], list(words)), _environ(environ or own))
            raise EndOfPlay
        m.recorder.opaque(name, "the program that it starts is not known, or may not be started", frame)
        return None

    return execute


def _is_child(m: Machine) -> bool:
    """Whether the program forked by itself, and this is the child (``gevent.subprocess`` starts programs so)."""
    met = m.family.met
    return bool(met) and not met[-1].is_parent


def _forget_child(m: Machine) -> None:
    """A child that becomes another program inherits nothing that matters: there was no fork to tell of."""
    del m.recorder.entries[m.family.met[-1].entries :]


def _words(m: Machine, file: Value, words: list[Value]) -> tuple[str, ...]:
    """The arguments as far as they are known."""
    rest = [text for word in words[1:] if (text := _text(word)) is not None]
    program = _text(words[0]) or _text(file) or _before(m, rest)
    return (program, *rest) if program else tuple(rest)


def _before(m: Machine, rest: list[str]) -> str | None:
    """The program that a wrapper looked for in folders that are not known: it was named before its arguments."""
    own = m.modules["sys"].ns.get("argv")
    if type(own) is not list or len(own) <= len(rest) or own[len(own) - len(rest) :] != rest:
        return None
    return _text(own[-len(rest) - 1])


def _text(value: Value) -> str | None:
    """A text, or a path object's."""
    if type(value) is Instance:
        value = value.payload if type(value.payload) is str else value.ns.get("_str")
    return value if type(value) is str else None


def _environ(value: Value) -> tuple[tuple[str, str], ...]:
    known = value.payload if type(value) is Instance else value
    items = known.items() if type(known) is dict else ()
    return tuple((name, text) for name, text in items if type(name) is str and type(text) is str)
