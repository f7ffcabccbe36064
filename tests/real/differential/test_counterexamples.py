"""Small programs on which the machine and CPython once disagreed; each driver is played as the random ones are."""

from __future__ import annotations

from textwrap import dedent

import pytest

pytestmark = pytest.mark.real

COUNTEREXAMPLES = {
    "del of a name that is not bound": {
        "driver": "try:\n    import pk\nexcept NameError:\n    pass",
        "pk/__init__.py": "del v",
    },
    "reload of the module that is executing": {
        "driver": "import pk",
        "pk/__init__.py": """
            if "z" not in globals():
                z = 1
                import importlib, pk
                importlib.reload(pk)
        """,
    },
    "a module that fails after it was reloaded": {
        "driver": "try:\n    import pk.a\nexcept ImportError:\n    pass",
        "pk/__init__.py": "",
        "pk/a.py": """
            if "z" not in globals():
                z = 1
                import importlib, sys
                importlib.reload(sys.modules["pk.a"])
            from pk import v
        """,
    },
    "reload, twice at once, by name": {
        "driver": "import pk.a",
        "pk/__init__.py": "",
        "pk/a.py": """
            import sys, types, importlib
            sys.modules["pk.a"] = types.ModuleType("pk.a")
            importlib.reload(sys.modules["pk.a"])
        """,
    },
    "reload of a module that leaves sys.modules": {
        "driver": """
            try:
                import pk.a
            except Exception as error:
                if isinstance(error, KeyError):
                    from time import sleep
        """,
        "pk/__init__.py": "",
        "pk/a.py": """
            import sys, importlib
            importlib.reload(sys.modules["pk.a"])
            sys.modules.pop("pk.a", None)
            del v
        """,
    },
    "a module with a class of its own": {
        "driver": "import pk",
        "pk/__init__.py": """
            import sys, time, types
            sys.modules[__name__].__class__ = type("Own", (types.ModuleType,), {"v": time.sleep})
        """,
    },
    "an object that takes a module's class": {
        "driver": "try:\n    import pk\nexcept TypeError:\n    from time import sleep",
        "pk/__init__.py": """
            import sys, types
            sys.modules[__name__] = types.SimpleNamespace()
            sys.modules[__name__].__class__ = type("Own", (types.ModuleType,), {})
        """,
    },
    "the default of a data class's field": {
        "driver": "import pk",
        "pk/__init__.py": """
            import dataclasses, time

            @dataclasses.dataclass
            class D:
                v: object = time.sleep

            @dataclasses.dataclass
            class E(D):
                w: object = dataclasses.field(default=time.sleep, kw_only=True)
        """,
    },
    "the star of an object that is no module": {
        "driver": "from pk import *",
        "pk/__init__.py": """
            import sys, time, types
            sys.modules[__name__] = types.SimpleNamespace(v=time.sleep, _w=time.sleep)
        """,
    },
    "match of what is no sequence": {
        "driver": "import pk",
        "pk/__init__.py": """
            match __name__:
                case [first, *rest]:
                    from time import sleep
                case str(name) if name == "pk":
                    from threading import Lock
            match {"a": 1, "b": (1, 2)}:
                case {"a": None}:
                    from threading import RLock
                case {"b": (1, second), **others}:
                    from threading import Thread
        """,
    },
    "with of what is no manager": {
        "driver": "import pk",
        "pk/__init__.py": """
            class Half:
                def __enter__(self):
                    pass

            for manager in (None, Half()):
                try:
                    with manager:
                        from time import sleep
                except (TypeError, AttributeError):
                    from threading import Lock
        """,
    },
    "a namespace package whose parent is gone": {
        "driver": """
            for name in ("pk.c.d.a", "pk.c.d.b"):
                try:
                    __import__(name)
                except ImportError:
                    pass
                except KeyError:
                    from time import sleep
        """,
        "pk/__init__.py": "import pk.c.d.a",
        "pk/c/d/b.py": "",
    },
    "imports without an end": {
        "driver": "try:\n    import pk\nexcept RecursionError:\n    from time import sleep",
        "pk/__init__.py": "import sys\nsys.modules.pop('pk', None)\nimport pk",
    },
    "find_spec of a module without a spec": {
        "driver": "try:\n    import pk\nexcept ValueError:\n    from time import sleep",
        "pk/__init__.py": """
            import sys, types, importlib.util
            sys.modules["pk.b"] = types.ModuleType("pk.b")
            importlib.util.find_spec("pk.b")
        """,
    },
    "an instance of a class in C": {
        "driver": "import pk",
        "pk/__init__.py": """
            import queue, threading
            if callable(queue.SimpleQueue()) or hasattr(threading.Lock(), "owner"):
                from time import sleep
            else:
                from select import select
        """,
    },
    "a context manager that yields nothing": {
        "driver": "try:\n    import pk\nexcept TypeError:\n    from time import sleep",
        "pk/__init__.py": """
            import contextlib

            @contextlib.contextmanager
            def manager():
                pass

            with manager():
                from threading import Lock
        """,
    },
    "a submodule in a from list whose top package became None": {
        "driver": "try:\n    import pk\nexcept ImportError:\n    from time import sleep",
        "pk/__init__.py": "from . import c",
        "pk/c.py": "import sys\nsys.modules['pk'] = None",
    },
    "a submodule that its top package has imported before it became None": {
        "driver": "try:\n    from pk.b.c import *\nexcept ImportError:\n    from time import sleep",
        "pk/__init__.py": "import sys, pk.b.c\nsys.modules['pk'] = None",
        "pk/b/c.py": "from select import select",
    },
    "the same by a function": {
        "driver": """
            import importlib
            try:
                select = importlib.import_module("pk.b.c").select
            except ImportError:
                from time import sleep
        """,
        "pk/__init__.py": "import sys, pk.b.c\nsys.modules['pk'] = None",
        "pk/b/c.py": "from select import select",
    },
    "a part of a namespace whose parent became None": {
        "driver": """
            import importlib
            try:
                importlib.import_module("pk.a.b")
            except AttributeError:
                from time import sleep
        """,
        "pk/__init__.py": "import sys\nfrom . import c\nsys.modules['pk'] = None",
        "pk/c.py": "from . import a",
        "pk/a/b.py": "from select import select",
    },
    "a name that a class in a function binds later": {
        "driver": "try:\n    import pk\nexcept NameError:\n    from time import sleep",
        "pk/__init__.py": """
            def f():
                from select import select as w

                class C:
                    def method(self, v=w): ...

                    if __name__ == "__main__":
                        w = 1

            f()
        """,
    },
    "a name that the function around binds later": {
        "driver": "import pk",
        "pk/__init__.py": """
            from select import select as v

            def f():
                class C:
                    class N:
                        x = v
                from nowhere import v

            try:
                f()
            except NameError:
                from time import sleep
        """,
    },
    "reload of a part of a namespace whose parent is gone": {
        "driver": """
            import importlib, sys
            import pk.c.d.a
            del sys.modules["pk.c"]
            try:
                importlib.reload(sys.modules["pk.c.d.a"])
            except KeyError:
                from time import sleep
        """,
        "pk/__init__.py": "",
        "pk/c/__init__.py": "",
        "pk/c/d/a.py": "",
    },
    "exec in a function binds in a copy of its names": {
        "driver": "import pk",
        "pk/__init__.py": """
            def f():
                exec("from select import select as x")
                try:
                    x
                except NameError:
                    from time import sleep
                try:
                    y = eval("x")
                except NameError:
                    from threading import Lock
                return locals()

            globals().update(f())
        """,
    },
    "reload of a namespace for which there is a file by now": {
        "driver": "import pk.a",
        "pk/__init__.py": "from .c import c\n__path__.insert(0, __path__[0] + '/c')",
        "pk/a.py": "import importlib, sys\nimportlib.reload(sys.modules['pk.c'])",
        "pk/c/c.py": "",
    },
    "what is sent to a generator, also through another one": {
        "driver": "import pk",
        "pk/__init__.py": """
            from select import select
            from threading import Lock

            def inner():
                try:
                    got = yield 1
                except ValueError:
                    from time import sleep
                    got = yield sleep
                return got

            def outer():
                result = yield from inner()
                yield result

            first, second = outer(), outer()
            next(first), next(second)
            v = first.throw(ValueError("v"))
            w = first.send(select)
            x = second.send(Lock)
        """,
    },
    "groups of exceptions": {
        "driver": "import pk",
        "pk/__init__.py": '''
            import sys
            if sys.version_info >= (3, 11):
                exec("""
            try:
                try:
                    raise ExceptionGroup("g", [ImportError("a", name="b"), ValueError(1), KeyError("k")])
                except* ImportError as group:
                    if group.exceptions[0].name == "b":
                        from time import sleep
                except* ValueError:
                    from select import select
                else:
                    from threading import Lock
            except ExceptionGroup as rest:
                rest.add_note("n")
                if rest.__notes__ == ["n"] and isinstance(rest.exceptions[0], KeyError):
                    from threading import Thread
            """)
        ''',
    },
    "warnings that are errors, kept or shown": {
        "driver": "import pk",
        "pk/__init__.py": """
            import warnings
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                warnings.filterwarnings("ignore", "new.*")
                try:
                    warnings.warn("newer", DeprecationWarning)
                    warnings.warn("old", DeprecationWarning)
                except DeprecationWarning:
                    from time import sleep
            with warnings.catch_warnings(record=True) as seen:
                warnings.simplefilter("always")
                warnings.warn("old", DeprecationWarning)
                if seen:
                    from select import select
            warnings.warn("shown")
        """,
    },
    "what exceptions say of themselves": {
        "driver": "import pk",
        "pk/__init__.py": """
            try:
                from json import nothing
            except ImportError as error:
                if error.name == "json" and error.path.endswith("__init__.py"):
                    from time import sleep
            try:
                {}["k"]
            except KeyError as error:
                if str(error) == "'k'":
                    from select import select
            try:
                __import__("pk").nothing
            except AttributeError as error:
                if "partially initialized" in str(error) and error.name == "nothing":
                    from threading import Lock
            try:
                from pk import nothing
            except ImportError as error:
                if "circular import" in str(error):
                    from threading import Thread
            if __spec__._initializing:
                from queue import Queue
        """,
    },
    "objects that refuse": {
        "driver": "import pk",
        "pk/__init__.py": """
            import abc, dataclasses

            class Abstract(abc.ABC):
                @property
                @abc.abstractmethod
                def v(self): ...

            class Concrete(Abstract):
                v = 1

            class Slotted:
                __slots__ = ("v",)

            @dataclasses.dataclass(frozen=True)
            class Frozen:
                v: object = 1

            Concrete()
            try:
                Abstract()
            except TypeError:
                from time import sleep
            slotted = Slotted()
            slotted.v = 1
            try:
                slotted.w = 1
            except AttributeError:
                from select import select
            try:
                Frozen().v = 2
            except dataclasses.FrozenInstanceError:
                from threading import Lock
        """,
    },
    "a loader's module that fails": {
        "driver": "import pk",
        "pk/__init__.py": """
            import importlib.util
            spec = importlib.util.spec_from_file_location("pk.b", __file__.replace("__init__", "a"))
            module = importlib.util.module_from_spec(spec)
            try:
                spec.loader.exec_module(module)
            except NameError:
                from select import select
        """,
        "pk/a.py": "from time import sleep\nnothing",
    },
    "imports that cannot be": {
        "driver": "import pk",
        "pk/__init__.py": """
            import importlib.util
            try:
                importlib.import_module(".a")
            except TypeError:
                from time import sleep
            spec = importlib.util.spec_from_file_location("pk.a", __file__ + ".py")
            module = importlib.util.module_from_spec(spec)
            try:
                spec.loader.exec_module(module)
            except FileNotFoundError:
                from select import select
        """,
    },
    "a variable that the program has removed": {
        "driver": "import pk",
        "pk/__init__.py": """
            import os
            os.environ["PK_V"] = "1"
            if os.environ.pop("PK_V") == "1" and "PK_V" not in os.environ:
                from time import sleep
            try:
                del os.environ["PK_V"]
            except KeyError:
                from select import select
        """,
    },
    "a lock against a number": {
        "driver": "import pk",
        "pk/__init__.py": """
            import threading
            match threading.RLock():
                case 1:
                    from time import sleep
                case _:
                    from select import select
        """,
    },
    "a submodule whose parent became None": {
        "driver": "try:\n    import pk.c as c\nexcept ImportError:\n    from time import sleep",
        "pk/__init__.py": "",
        "pk/c.py": "import sys\nsys.modules['pk'] = None",
    },
}


@pytest.mark.parametrize("name", COUNTEREXAMPLES)
def test_counterexample(laboratory, name):
    folder = laboratory.folder / name.replace(" ", "-").replace(",", "")
    for file, text in COUNTEREXAMPLES[name].items():
        if file != "driver":
            path = folder / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text).strip() + "\n", "utf-8")
    comparison = laboratory.run(folder, dedent(COUNTEREXAMPLES[name]["driver"]).strip() + "\n" + PATCH)
    assert not comparison.differences, "\n".join(comparison.differences)


PATCH = "from gevent import monkey\nmonkey.patch_all()\n"
