"""Play a plan: start the interpreter, then execute the plan's steps one by one."""

from __future__ import annotations

import gc
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from patchlint.machine import attributes, greenlets, imports, natives, patching, processes, restarting, sides, texts
from patchlint.machine.core import Machine, World
from patchlint.machine.expressions import evaluate
from patchlint.machine.frames import EndOfPlay, Frame, OutOfBudget, Raised
from patchlint.machine.natives import importing, system
from patchlint.machine.values import MISSING, Class, Function, Instance, Module, Unknown, Value
from patchlint.model import plan as plans
from patchlint.model.errors import SourceError
from patchlint.model.events import Forked, Serving
from patchlint.model.location import LAUNCH, Actor, Location, Trail
from patchlint.model.plan import Entrypoint, Plan, Step
from patchlint.model.timeline import Timeline


def play(entrypoint: Entrypoint, plan: Plan, world: World, again: Callable[[], Plan] | None = None) -> Timeline:
    """Work out the start-up of a program as a timeline; ``again`` gives the same plan anew, for the parents of forks.

    Raises SourceError when a file that the plan itself runs cannot be read or parsed.
    """
    player = _player(entrypoint, plan, world)
    target = world.target
    if again is None:
        events = player.machine.recorder.events()
    else:
        events = sides.events(player, world, lambda other: _player(entrypoint, again(), other))
    if player.machine.family.restart and again is not None:
        other = replace(world, environ={**world.environ, **player.machine.family.restart})
        second = _player(entrypoint, again(), other, restarting.CHILD)
        events += tuple(restarting.news(events, second.machine.recorder.events()))
    return Timeline(
        entrypoint,
        f"{target.version[0]}.{target.version[1]}",
        target.platform,
        events,
        tuple(target.library_roots),
        player.machine.steps,
        tuple(player.machine.recorder.unreadables),
        player.wanted or player.machine.wanted,
        player.has_failed,
        player.machine.successor,
    )


def _player(entrypoint: Entrypoint, plan: Plan, world: World, process: str = "main") -> Player:
    """A player that has played a plan."""
    player = Player(entrypoint, world)
    player.machine.recorder.process = process
    deeply(lambda: player.run(plan))
    return player


NO_MODULE = "no module of this name can be found"


def _is_part(missing: str, name: str) -> bool:
    """Whether a module that is missing is the one that was asked for, or a package that it lies in."""
    return f"{name}.".startswith(f"{missing}.")


CALLED: Final = 8
"""How many usual budgets a command or an application may take that is called: a whole program hides in it."""

STACK = 512 * 1024 * 1024
RECURSION = 100_000
ROOM = (1 << 20) + 1
GARBAGE = 400_000
"""Objects that earlier plays may have left when the next begins, where nobody collects them: some 100 MB."""


def deeply(action: Callable[[], None]) -> None:
    """Run something that calls itself as deeply as programs import one another; its exception is ours.

    The collector of reference cycles rests meanwhile: nothing of a play is garbage before its end.  Where it rests
    anyway, what earlier plays left is let go of here, once it is much.  The first frame
    asks for room of ROOM slots: Python takes the frames that follow from the same piece of memory (a power of two),
    where it would else map and unmap one of 16 KiB whenever calls cross its edge.
    """
    errors: list[BaseException] = []

    def run() -> None:
        try:
            action()
        except BaseException as error:
            errors.append(error)

    run.__code__ = run.__code__.replace(co_stacksize=ROOM)
    limit, collects = sys.getrecursionlimit(), gc.isenabled()
    if not collects and gc.get_count()[0] > GARBAGE:
        gc.collect()
    sys.setrecursionlimit(max(limit, RECURSION))
    gc.disable()
    before = threading.stack_size(STACK)
    try:
        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)
        sys.setrecursionlimit(limit)
        if collects:
            gc.enable()
    if errors:
        raise errors[0]


def _named_at(place: Location | None, name: str, reason: str) -> SourceError:
    """A fault of the line that names a module or an object, where a file does."""
    if place is None or place == LAUNCH:
        return SourceError(name, 0, reason)
    return SourceError(place.path, place.line, f"{name}: {reason}")


class Player:
    """Executes the steps of a plan on a machine."""

    def __init__(self, entrypoint: Entrypoint, world: World) -> None:
        self.entrypoint = entrypoint
        self.world = world
        self.machine = Machine(world)
        natives.install(self.machine)
        self.main = Module("__main__")
        self.root = Frame(self.main, self.main.ns, None, "start")
        self.machine.root = self.root.trail
        self.machine.spawn = self.spawn
        self.wanted: str | None = None
        self.has_failed = False

    def run(self, plan: Plan) -> None:
        """Start the interpreter and follow the plan."""
        self.start_interpreter()
        self.follow(plan)

    def spawn(self, target: Function, asking: Frame, process: str) -> list[Any]:
        """``multiprocessing``'s start methods that begin anew: the main file under another name, then the target.

        Answers what a recorder has of it.  Source: the library reference, "The spawn and forkserver start methods".
        """
        other = Player(self.entrypoint, self.world)
        other.machine.spawn = None
        other.machine.recorder.process = process
        other.start_interpreter()
        other.machine.sys_path[:] = self.machine.sys_path
        other.follow(other.respawned(self.main.file, target, asking.location))
        return other.machine.recorder.entries

    def respawned(self, main: str | None, target: Function, place: Location | None) -> Plan:
        """The steps of a spawned child."""
        name = target.module.name
        if main is not None:
            module = yield plans.RunFile(main, "__mp_main__")
            self.machine.modules.update({"__main__": module, "__mp_main__": module})
        function = yield plans.LoadObject(name, target.qualname, place)
        yield plans.CallObject(function, (), "the child's target", place)

    # Interpreter start-up -------------------------------------------------------------------------
    def start_interpreter(self) -> None:
        """5.3.2 and the ``site`` module: what is imported before the program's first line."""
        m = self.machine
        m.sys_path.extend(self.world.target.search_path)
        m.path_finder = Class("PathFinder", "importlib._bootstrap_external", (m.types["object"],))
        m.path_finder.mro = (m.path_finder, m.types["object"])
        m.path_finder.metaclass = m.types["type"]
        m.path_finder.is_open = True
        m.path_finder.ns["find_spec"] = importing.path_finder_spec()
        m.own_finders.append(m.path_finder)
        m.meta_path.append(m.path_finder)
        frame = self.frame("interpreter start", "interpreter")
        self.main.ns.update({"__name__": "__main__", "__spec__": None, "__builtins__": m.builtins, "__doc__": None})
        m.modules["__main__"] = self.main
        builtins_module = Module("builtins", kind="builtin")
        builtins_module.ns = m.builtins
        m.builtins.update({"__package__": "", "__loader__": importing.loader_class(m, "BuiltinImporter")})
        m.builtins.update({"__spec__": Unknown("builtins.__spec__"), "__doc__": Unknown("doc")})
        m.modules["builtins"] = builtins_module
        built_in = [n for n in self.world.knowledge.startup(m.version[:2]) if n in self.world.target.builtin_names]
        for name in ("sys", *built_in, "_frozen_importlib", "_frozen_importlib_external"):
            if name not in m.modules:
                self.quietly(name, frame)
        self.alias_frozen()
        m.modules["sys"].ns["flags"] = system.Flags((*system.PLAIN_FLAGS[:6], 1, *system.PLAIN_FLAGS[7:]))
        for name in ("zipimport", "encodings", "encodings.utf_8", "codecs", "io", "site"):
            self.quietly(name, frame)
        m.modules["sys"].ns["flags"] = system.Flags(system.PLAIN_FLAGS)
        self.alias_frozen()
        for path, line, text in self.world.target.pth_lines:
            self.run_pth_line(path, line, text)
        for name, path_ in (
            ("sitecustomize", self.world.target.sitecustomize),
            ("usercustomize", self.world.target.usercustomize),
        ):
            if path_ is not None:
                wrapped = path_.startswith(self.world.wrapper)
                self.quietly(name, self.frame(f"import {name}") if wrapped else frame)

    def alias_frozen(self) -> None:
        """``importlib._bootstrap`` is ``_frozen_importlib`` under its other name."""
        modules = self.machine.modules
        for name, frozen in (
            ("_bootstrap", "_frozen_importlib"),
            ("_bootstrap_external", "_frozen_importlib_external"),
        ):
            if frozen in modules:
                modules.setdefault(f"importlib.{name}", modules[frozen])
        if "posixpath" in modules:
            modules.setdefault("os.path", modules["posixpath"])

    def quietly(self, name: str, frame: Frame) -> None:
        try:
            imports.import_absolute(self.machine, name, frame)
        except (Raised, OutOfBudget):
            return

    def run_pth_line(self, path: str, line: int, text: str) -> None:
        """``site.addpackage``: an ``import`` line of a ``.pth`` file is executed."""
        from patchlint.sources.lowering import lower

        frame = Frame(Module("site"), {"sitedir": os.path.dirname(path)}, None, os.path.basename(path))
        frame.trail_ = Trail(None, None, os.path.basename(path), "interpreter")
        frame.path, frame.line = path, line
        try:
            summary = lower(text, path)
        except SourceError:
            return
        inner = Frame(Module("site"), {}, frame, os.path.basename(path))
        inner.path = path
        inner.globals = {"__name__": "site", "__builtins__": self.machine.builtins}
        inner.locals = inner.globals
        try:
            imports.run_statements(self.machine, summary.body, inner)
        except (Raised, OutOfBudget):
            return

    def frame(self, what: str, by: Actor = "program") -> Frame:
        """A frame for what no line of a file asks for, and who asks for it instead."""
        frame = Frame(self.main, self.main.ns, None, what)
        frame.trail_ = Trail(None, None, what, by)
        frame.path = None
        return frame

    # Steps ------------------------------------------------------------------------------------------
    def follow(self, plan: Plan) -> None:
        """Execute a plan's steps, giving each one's value back to it."""
        answer: Any = None
        try:
            while True:
                try:
                    answer = self.step(plan.send(answer))
                except Raised as raised:
                    self.failed(raised)
                    answer = None
                except OutOfBudget:
                    self.machine.recorder.opaque("program", "takes longer than it is followed", self.frame("start"))
                    answer = None
        except (StopIteration, EndOfPlay):
            return

    def failed(self, raised: Raised) -> None:
        """The program ended with an exception: what comes after is not reached."""
        value = raised.value
        name = value.cls.name if type(value) is Instance else "an unknown exception"
        shown = value.ns.get("args", ()) if type(value) is Instance else ()
        first = shown[0] if shown else None
        self.machine.family.has_ended = name == "SystemExit"
        if name == "SystemExit" and (not first or type(first) not in (int, str) or self.machine.family.met):
            return
        self.has_failed = True
        if self.machine.missing:
            self.wanted = self.machine.missing[-1][0].partition(".")[0]
        frame = self.frame("start")
        self.place(frame, raised.place)
        known = f": {first}" if type(first) in (int, str) else ""
        if name == "SystemExit" and type(first) is int and self.machine.family.complaint:
            known += f", after it wrote {self.machine.family.complaint!r}"
        self.machine.recorder.opaque("program", f"ended with {name}{known}", frame)

    def step(self, step: Step) -> Any:
        """Execute one step."""
        return _STEPS[type(step)](self, step)

    def run_file(self, step: plans.RunFile) -> Any:
        m = self.machine
        module = Module(step.name, step.path)
        module.ns.update({"__name__": step.name, "__file__": step.path, "__package__": None, "__doc__": None})
        module.ns.update({"__spec__": None, "__loader__": None, "__builtins__": m.builtins, "__cached__": None})
        if step.name == "__main__":
            self.main = module
        m.modules[step.name] = module
        if step.argv:
            m.modules["sys"].ns["argv"] = list(step.argv)
        self.world.reader.summary(step.path)
        record = m.recorder.module(module, self.frame("start"), f"run {os.path.basename(step.path)}")
        imports.execute_source(m, module, step.path, record)
        return module

    def run_text(self, step: plans.RunText) -> Any:
        """The command itself is where the program stands."""
        from patchlint.sources.lowering import lower

        m = self.machine
        summary = lower(step.text, LAUNCH.path)
        texts.embed_bodies(step.text, summary.body)
        module = self.main = m.modules["__main__"] = Module("__main__", LAUNCH.path)
        module.ns.update({"__name__": "__main__", "__package__": None, "__doc__": summary.doc, "__spec__": None})
        module.ns["__builtins__"] = m.builtins
        m.modules["sys"].ns["argv"] = list(step.argv)
        inner = Frame(module, module.ns, None, "__main__")
        inner.path, inner.lines = LAUNCH.path, module.lines
        inner.trail_ = m.recorder.module(module, self.frame("start"), "run the command's text")
        imports.run_statements(m, summary.body, inner)
        return module

    def run_module(self, step: plans.RunModule) -> Any:
        m = self.machine
        frame = self.frame(f"python -m {step.name}")
        found = self.locate(step.name, frame)
        if found is None:
            raise SourceError(step.name, 0, NO_MODULE)
        module = imports.create_module(m, found)
        module.name = module.ns["__name__"] = "__main__"
        module.ns["__package__"] = found.name.rpartition(".")[0]
        m.modules["__main__"] = module
        m.modules["sys"].ns["argv"] = [found.path, *step.argv[1:]]
        record = m.recorder.module(module, frame, f"python -m {step.name}")
        imports.execute_source(m, module, found.path, record)
        return module

    def locate(self, name: str, frame: Frame) -> Any:
        """The file that ``python -m name`` runs; its parents are imported first."""
        m = self.machine
        parent = name.rpartition(".")[0]
        path: Value = None
        if parent:
            path = m.find(self.required(parent, frame), "__path__", frame, [])
        found = m.locate(name, path, frame)
        if found is not None and found.is_package:
            package = imports.import_absolute(m, name, frame)
            found = m.locate(f"{name}.__main__", m.find(package, "__path__", frame, []), frame)
        return found

    def import_module(self, step: plans.ImportModule) -> Any:
        frame = self.frame(f"import {step.name}", "launcher" if step.own else "program")
        self.place(frame, step.location)
        try:
            return self.required(step.name, frame, step.location)
        except SourceError as error:
            if step.required:
                raise
            self.machine.recorder.opaque("module", f"{error.path}: {error.reason}", frame)

    def required(self, name: str, frame: Frame, place: Location | None = None) -> Any:
        """Import a module that the plan names.  Raises SourceError where there is none of this name."""
        m = self.machine
        try:
            return imports.import_absolute(m, name, frame)
        except Raised as raised:
            missing = m.error_name(raised)
            if m.is_error(raised, "ModuleNotFoundError") and type(missing) is str and _is_part(missing, name):
                raise _named_at(place, name, NO_MODULE) from None
            raise

    def load_object(self, step: plans.LoadObject) -> Any:
        from patchlint.sources.lowering import lower_expression

        frame = self.frame(f"load {step.module}:{step.expression}")
        self.place(frame, step.location)
        module = self.required(step.module, frame, step.location)
        if not step.expression or type(module) is not Module:
            return module
        first = step.expression.partition(".")[0].partition("(")[0].strip()
        if first.isidentifier() and not self.has(module, first, frame):
            raise _named_at(step.location, f"{step.module}:{step.expression}", f"{step.module} has no {first}")
        inner = Frame(module, module.ns, frame, step.expression)
        inner.path = module.file if step.location is None else None
        inner.line = 1
        self.machine.remaining = self.machine.cuts.allowance = self.machine.budget * CALLED
        try:
            return evaluate(self.machine, lower_expression(step.expression), inner)
        except SyntaxError:
            return Unknown(step.expression)

    def has(self, module: Module, name: str, frame: Frame) -> bool:
        """7.11 What ``from module import name`` finds: an attribute, else a submodule."""
        if self.machine.find(module, name, frame) is not MISSING:
            return True
        try:
            self.required(f"{module.name}.{name}", frame)
        except SourceError:
            return False
        return True

    def call_object(self, step: plans.CallObject) -> Any:
        frame = self.frame(step.what or "call")
        self.place(frame, step.location)
        self.machine.remaining = self.machine.budget
        return self.machine.call(step.target, list(step.arguments), {}, frame)

    def get_attribute(self, step: plans.GetAttribute) -> Any:
        value = attributes.find(self.machine, step.target, step.name, self.frame("read"))
        return None if value is MISSING else value

    def apply_patch(self, step: plans.ApplyPatch) -> Any:
        frame = self.frame("launcher", "launcher")
        self.place(frame, step.location)
        patching.apply(
            self.machine, step.library, step.call, dict(step.arguments), frame, step.location, by_launcher=True
        )

    def fork(self, step: plans.ForkStep) -> Any:
        recorder = self.machine.recorder
        frame = self.frame("fork")
        event = Forked(
            recorder.process, step.child, step.count, step.launcher, step.location, recorder.certainty(), frame.trail
        )
        recorder.forked(event)
        recorder.process = step.child

    def fork_aside(self, step: plans.ForkAside) -> bool:
        return processes.aside(self.machine, step.child, step.launcher, step.location, self.frame("fork"))

    def insert_path(self, step: plans.InsertPath) -> Any:
        self.machine.sys_path.insert(0, step.path)

    def set_environment(self, step: plans.SetEnvironment) -> Any:
        environ = self.machine.modules["os"].ns.get("environ")
        if type(environ) is Instance:
            environ.payload[step.name] = step.value

    def set_arguments(self, step: plans.SetArguments) -> Any:
        self.machine.modules["sys"].ns["argv"] = list(step.argv)

    def provide_module(self, step: plans.ProvideModule) -> Any:
        module = Module(step.name, kind="builtin")
        module.ns.update({"__name__": step.name, "__spec__": Unknown("__spec__")})
        module.is_open = True
        self.machine.modules[step.name] = module
        return module

    def serve(self, step: plans.Serve) -> Any:
        recorder = self.machine.recorder
        frame = self.frame("launcher")
        recorder.add(
            Serving(recorder.process, step.library, step.what, step.location, recorder.certainty(), frame.trail)
        )
        greenlets.run(self.machine)

    def unclear(self, step: plans.Unclear) -> Any:
        self.machine.recorder.opaque(step.what, step.reason, self.frame("launcher"), step.location)

    def place(self, frame: Frame, location: Location | None) -> None:
        if location is not None:
            frame.path, frame.line = location.path, location.line


_STEPS: dict[type, Any] = {
    plans.RunFile: Player.run_file,
    plans.RunText: Player.run_text,
    plans.RunModule: Player.run_module,
    plans.ImportModule: Player.import_module,
    plans.LoadObject: Player.load_object,
    plans.CallObject: Player.call_object,
    plans.GetAttribute: Player.get_attribute,
    plans.ProvideModule: Player.provide_module,
    plans.Serve: Player.serve,
    plans.ApplyPatch: Player.apply_patch,
    plans.ForkStep: Player.fork,
    plans.ForkAside: Player.fork_aside,
    plans.InsertPath: Player.insert_path,
    plans.SetEnvironment: Player.set_environment,
    plans.SetArguments: Player.set_arguments,
    plans.Unclear: Player.unclear,
}
