"""The import system's corners, each of which random programs once found the machine to turn another way."""

from __future__ import annotations

import pytest


def test_a_name_that_is_not_bound_cannot_be_unbound(play):
    played = play({"main.py": "try:\n    import a\nexcept NameError:\n    import b", "a.py": "del v", "b.py": ""})
    assert list(played.modules()) == ["__main__", "b"]


def test_a_reload_executes_again(play):
    played = play(
        {"main.py": "import a, importlib\nimportlib.reload(a)\nimport b", "a.py": "import c", "b.py": "", "c.py": ""}
    )
    own = [
        event.module for event in played.timeline.events if getattr(event, "path", "") and "program" in str(event.path)
    ]
    assert own == ["__main__", "a", "c", "a", "b"]


def test_a_reload_needs_the_module_to_be_there(play):
    text = "import a, sys, importlib\ndel sys.modules['a']\ntry:\n    importlib.reload(a)\nexcept ImportError:\n    import b"
    assert list(play({"main.py": text, "a.py": "", "b.py": ""}).modules()) == ["__main__", "a", "b"]


def test_a_module_that_leaves_sys_modules_is_an_error(play):
    text = "try:\n    import a\nexcept KeyError:\n    import b"
    assert "b" in play({"main.py": text, "a.py": "import sys\ndel sys.modules['a']", "b.py": ""}).modules()


def test_what_an_import_answers_is_in_sys_modules(play):
    text = "import a\nif a == 1:\n    import b"
    assert "b" in play({"main.py": text, "a.py": "import sys\nsys.modules['a'] = 1", "b.py": ""}).modules()


def test_a_star_asks_for_each_name_of_all(play):
    files = {"main.py": "try:\n    from p import *\nexcept AttributeError:\n    import b", "b.py": "", "p/c.py": ""}
    assert list(play({**files, "p/__init__.py": "__all__ = ['c', 'd']"}).modules()) == ["__main__", "p", "p.c", "b"]


def test_a_from_list_is_imported_before_a_name_is_bound(play):
    files = {"main.py": "try:\n    from p import a, nothing, c\nexcept ImportError:\n    pass", "p/__init__.py": ""}
    assert list(play({**files, "p/a.py": "", "p/c.py": ""}).modules()) == ["__main__", "p", "p.a", "p.c"]


def test_a_namespace_package_follows_the_path(play):
    text = "import n.a, sys, os\nsys.path.append(os.path.dirname(__file__) + '/more')\nimport n.b"
    assert "n.b" in play({"main.py": text, "n/a.py": "", "more/n/b.py": ""}).modules()


def test_a_namespace_package_needs_its_parent(play):
    text = "import p.n.a, sys\ndel sys.modules['p']\ntry:\n    import p.n.b\nexcept KeyError:\n    import c"
    files = {"main.py": text.replace("import p.n.b", "__import__('p.n.b', None, None, ['x'])"), "p/__init__.py": ""}
    assert "c" in play({**files, "p/n/a.py": "", "p/n/b.py": "", "c.py": ""}).modules()


def test_imports_without_an_end(play):
    text = "try:\n    import a\nexcept RecursionError:\n    import b"
    assert "b" in play({"main.py": text, "a.py": "import sys\ndel sys.modules['a']\nimport a", "b.py": ""}).modules()


@pytest.mark.parametrize(
    ("pattern", "subject", "matches"),
    [
        ("[1, *rest, 4] if rest == [2, 3]", "(1, 2, 3, 4)", True),
        ("[1, *_, 5]", "(1, 2, 3, 4)", False),
        ("[a, b]", "'ab'", False),
        ("{'a': 1, **rest} if rest == {'b': 2}", "{'a': 1, 'b': 2}", True),
        ("{'c': _}", "{'a': 1}", False),
        ("str(x) if x == 'a'", "'a'", True),
        ("int() | float()", "'a'", False),
        ("None", "0", False),
        ("Point(1, y=2)", "Point(1, 2)", True),
        ("Point(x=1, y=3)", "Point(1, 2)", False),
        ("(1 | 2) as n if n == 2", "2", True),
    ],
)
def test_patterns(play, pattern, subject, matches):
    head = (
        "class Point:\n    __match_args__ = ('x', 'y')\n    def __init__(self, x, y):\n        self.x, self.y = x, y\n"
    )
    text = f"{head}match {subject}:\n    case {pattern}:\n        import a\n    case _:\n        import b"
    played = play({"main.py": text, "a.py": "", "b.py": ""})
    assert played.modules() == {"__main__": "certain", "a" if matches else "b": "certain"}


def test_a_global_name_is_not_that_of_the_function_around(play):
    text = """
        def outer():
            import a as y
            def middle():
                global y
                def inner():
                    return y
                y = y
            middle()
        try:
            outer()
        except NameError:
            import b
    """
    assert list(play({"main.py": text, "a.py": "", "b.py": ""}).modules()) == ["__main__", "a", "b"]


@pytest.mark.parametrize("manager", ["None", "Half()", "print", "sys", "(x for x in ())"])
def test_with_needs_a_manager(play, manager):
    head = "import sys\nclass Half:\n    def __enter__(self): pass\n"
    text = f"{head}try:\n    with {manager}:\n        import a\nexcept (TypeError, AttributeError):\n    import b"
    assert list(play({"main.py": text, "a.py": "", "b.py": ""}).modules()) == ["__main__", "b"]


def test_an_instance_of_a_c_class_has_what_its_class_lists(play):
    text = "import threading\nlock = threading.Lock()\nif hasattr(lock, 'owner') or callable(lock):\n    import a\nelse:\n    import b"
    assert play({"main.py": text, "a.py": "", "b.py": ""}).modules() == {"__main__": "certain", "b": "certain"}


def test_a_data_class_takes_defaults(patched):
    text = "import dataclasses, time\n@dataclasses.dataclass\nclass D:\n    v: object = time.sleep\n"
    played = patched(f"{text}from gevent import monkey\nmonkey.patch_all()")
    assert {name for _, name in played.stale()} == {"D.v", "D.__init__(v)"}


def test_single_dispatch_imports(play):
    played = play({"main.py": "import functools\n@functools.singledispatch\ndef f(x): pass\nf.register(int, print)"})
    names = [event.module for event in played.timeline.events if hasattr(event, "module")]
    assert "weakref" in names


def test_functions_of_c_are_objects_of_their_own(play):
    text = "import _thread\nif _thread.allocate is _thread.allocate_lock:\n    import a\nelse:\n    import b"
    assert "b" in play({"main.py": text, "a.py": "", "b.py": ""}).modules()


def test_extend_path_finds_portions_on_the_parents_path(play):
    package = "import pkgutil\n__path__ = pkgutil.extend_path([], __name__)"
    played = play({"main.py": "import p.b.a", "p/__init__.py": "", "p/b/__init__.py": package, "p/b/a.py": ""})
    assert list(played.modules()) == ["__main__", "p", "p.b", "p.b.a"]


def test_a_loader_of_the_program_has_the_built_in_names_put_in(play):
    text = """
        import sys
        class Loader:
            def __init__(self, inner): self.inner = inner
            def create_module(self, spec): return None
            def exec_module(self, module):
                if "__builtins__" in vars(module):
                    import b
                self.inner.exec_module(module)
        class Finder:
            def find_spec(self, name, path=None, target=None):
                if name != "a":
                    return None
                for finder in sys.meta_path[1:]:
                    spec = finder.find_spec(name, path, target)
                    if spec is not None:
                        spec.loader = Loader(spec.loader)
                        return spec
        sys.meta_path.insert(0, Finder())
        import a
    """
    a = "if isinstance(__builtins__, dict):\n    import c"
    played = play({"main.py": text, "a.py": a, "b.py": "", "c.py": ""})
    assert played.modules() == dict.fromkeys(["__main__", "a", "c"], "certain")


WRAPPING = """
import sys

class Loader:
    def __init__(self, loader):
        self.loader = loader

    def create_module(self, spec):
        return MAKE

    def exec_module(self, module):
        if self.loader is not None:
            self.loader.exec_module(module)

class Finder:
    busy = False

    def find_spec(self, name, path=None, target=None):
        if self.busy:
            return None
        self.busy = True
        try:
            for finder in sys.meta_path:
                spec = finder.find_spec(name, path, target) if finder is not self else None
                if spec is not None:
                    spec.loader = Loader(spec.loader)
                    return spec
        finally:
            self.busy = False

sys.meta_path.insert(0, Finder())
"""


def test_a_namespace_package_through_a_loader_of_the_program(play):
    """As tracing libraries load all modules: a namespace package has no loader that they could wrap."""
    make = """self.loader.create_module(spec) if self.loader is not None else self.spread(spec)

    def spread(self, spec):
        from importlib._bootstrap import _init_module_attrs
        module = type(sys)(spec.name)
        spec.loader = None
        _init_module_attrs(spec, module, override=True)
        module.__loader__ = spec.loader = self
        return module
"""
    text = (
        WRAPPING.replace("MAKE", make)
        + "import p.q.a\nif p.q.__path__ and p.q.__spec__.loader is not None:\n    import b"
    )
    assert list(play({"main.py": text, "p/q/a.py": "", "b.py": ""}).modules())[-2:] == ["p.q.a", "b"]


def test_an_extension_module_through_a_loader_of_the_program(play):
    text = (
        WRAPPING.replace("MAKE", "None")
        + "import _queue\nif _queue.SimpleQueue.__name__ == 'SimpleQueue':\n    import b"
    )
    assert play({"main.py": text, "b.py": ""}).modules()["b"] == "certain"


def test_a_loader_that_is_not_known_loads_what_was_found(play):
    text = WRAPPING.replace("Loader(spec.loader)", "type('Open', (KEY.base,), {})(spec.loader)")
    assert (
        "b"
        in play(
            {
                "main.py": "from key import KEY\n" + text + "import a",
                "a.py": "import b",
                "b.py": "",
                "key.py": "KEY = eval(input())",
            }
        ).modules()
    )


def test_a_loader_that_rewrites_a_file_executes_it(play):
    """As pytest does for its assertions."""
    text = """
        import ast, sys
        from importlib.machinery import PathFinder
        from importlib.util import spec_from_file_location

        class Hook:
            def find_spec(self, name, path=None, target=None):
                spec = PathFinder.find_spec(name, path) if name == "a" else None
                return spec and spec_from_file_location(name, spec.origin, loader=self)

            def create_module(self, spec):
                return None

            def exec_module(self, module):
                with open(module.__spec__.origin, "rb") as file:
                    exec(compile(ast.parse(file.read()), "a.py", "exec"), module.__dict__)

        sys.meta_path.insert(0, Hook())
        import a
        if a.x == 1:
            import c
    """
    played = play({"main.py": text, "a.py": "import b\nx = 1", "b.py": "", "c.py": ""})
    assert list(played.modules())[-3:] == ["a", "b", "c"]
    assert len(played.opaque()) == 1


def test_what_a_class_in_c_surely_does_not_have(play):
    """A class of C that names its way of looking up attributes may well use the generic one."""
    text = "import socket\nif hasattr(socket.socket, 'c'):\n    import a\nelse:\n    import b"
    assert play({"main.py": text, "a.py": "", "b.py": ""}).modules() == {"__main__": "certain", "b": "certain"}


def test_entry_points_of_a_distribution_beside_the_program(play):
    played = play(
        {
            "main.py": """
                from importlib.metadata import entry_points

                for point in entry_points(group="acme.plugins"):
                    point.load()
            """,
            "acme-1.0.dist-info/METADATA": "Name: acme\nVersion: 1.0",
            "acme-1.0.dist-info/entry_points.txt": "[acme.plugins]\nhttp = a:Plugin",
            "a.py": "class Plugin:\n    pass",
        }
    )
    assert "a" in played.modules()
