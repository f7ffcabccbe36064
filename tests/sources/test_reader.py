"""The reader lowers what the store does not have, and answers the same with and without it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from patchlint.model import operations as op
from patchlint.model.errors import SourceError
from patchlint.model.operations import Node
from patchlint.sources.reader import Reader
from patchlint.sources.skeleton import IS_POSSIBLE
from patchlint.sources.store import FILE_NAME, Store

TEXT = '''"""Doc."""
import os

def first(a, b=os.sep):
    """Says."""
    global counter
    counter = [a for a in b]
    def inner():
        yield 1.5, b"\\0", "\\ud800", 2**70
    return inner

class Kept:
    def method(self): return self.__private
'''


@pytest.fixture
def source(tmp_path: Path) -> str:
    path = tmp_path / "module.py"
    path.write_text(TEXT)
    return str(path)


def functions(node: Any) -> list[Node]:
    if type(node) is not list:
        return []
    inner = [found for part in node for found in functions(part)]
    return [node, *inner] if len(node) == op.F_BODY + 1 and node[op.F_BODY] is None else inner


def everything(reader: Reader, path: str) -> list[Any]:
    """The summary and the bodies of all functions, those inside functions too."""
    summary = reader.summary(path)
    assert summary is not None
    bodies = []
    waiting = functions(summary.body)
    while waiting:
        function = waiting.pop()
        bodies.append(reader.function_body(path, function, summary.lazy_annotations))
        waiting += functions(bodies[-1])
    return [summary, bodies]


def test_a_second_run_parses_nothing_and_reads_each_file_once(tmp_path: Path, source: str) -> None:
    reader = Reader(store=Store.open(tmp_path))
    fresh = everything(reader, source)
    assert (reader.lowered, reader.bodies_lowered) == (1, 3)
    reader.close()
    again = Reader(store=Store.open(tmp_path))
    assert everything(again, source) == fresh == everything(Reader(), source)
    assert (again.lowered, again.bodies_lowered, again.files_read) == (0, 0, 1)


def test_what_the_machine_writes_into_a_summary_is_not_stored(tmp_path: Path, source: str) -> None:
    reader = Reader(store=Store.open(tmp_path))
    summary = reader.summary(source)
    assert summary is not None
    for function in functions(summary.body):
        function[op.F_BODY] = reader.function_body(source, function, False)
    reader.close()
    later = Reader(store=Store.open(tmp_path)).summary(source)
    assert later is not None
    assert [function[op.F_NAME] for function in functions(later.body)] == ["first", "method"]


def test_bodies_of_later_runs_join_those_of_earlier_ones(tmp_path: Path, source: str) -> None:
    for index in (0, 1):
        reader = Reader(store=Store.open(tmp_path))
        summary = reader.summary(source)
        assert summary is not None
        reader.function_body(source, functions(summary.body)[index], False)
        reader.close()
    reader = Reader(store=Store.open(tmp_path))
    summary = reader.summary(source)
    assert summary is not None
    for function in functions(summary.body):
        reader.function_body(source, function, False)
    assert reader.bodies_lowered == 0


def test_a_changed_file_is_lowered_again(tmp_path: Path, source: str) -> None:
    first = Reader(store=Store.open(tmp_path))
    first.summary(source)
    first.close()
    Path(source).write_text(TEXT.replace("import os", "import re"))
    again = Reader(store=Store.open(tmp_path))
    summary = again.summary(source)
    assert summary is not None
    assert summary.body[0] == [op.IMPORT, 2, [["re", None]]]
    assert again.lowered == 1


def test_one_content_in_two_places_is_lowered_once(tmp_path: Path, source: str) -> None:
    copy = tmp_path / "copy.py"
    copy.write_text(TEXT)
    reader = Reader(store=Store.open(tmp_path))
    assert reader.summary(source) == reader.summary(str(copy))
    assert reader.lowered == 1


@pytest.mark.parametrize("content", [b"x = (\n", b"\xff\xfe", b"# coding: no-such-codec\n", b"x = '\xe9'\n"])
def test_errors_are_remembered(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.py"
    path.write_bytes(content)
    errors = []
    for lowered in (Reader(store=Store.open(tmp_path)), Reader(store=Store.open(tmp_path))):
        with pytest.raises(SourceError) as caught:
            lowered.summary(str(path))
        lowered.close()
        errors.append(str(caught.value))
    assert errors[0] == errors[1]
    assert lowered.lowered == 0


def test_texts_that_stand_in_for_files_are_not_stored(tmp_path: Path, source: str) -> None:
    reader = Reader({source: "import wave\n"}, Store.open(tmp_path))
    summary = reader.summary(source)
    assert summary is not None
    assert summary.body == [[op.IMPORT, 1, [["wave", None]]]]
    reader.close()
    with Store.open(tmp_path) as store:
        assert store.size()[0] == 0


def test_a_store_of_nonsense_is_as_good_as_none(tmp_path: Path, source: str) -> None:
    fresh = everything(reader := Reader(store=Store.open(tmp_path)), source)
    reader.close()
    store = Store.open(tmp_path)
    assert store._connection is not None
    store._connection.execute("UPDATE entries SET value = x'c1c1'")
    store.close()
    assert everything(Reader(store=Store.open(tmp_path)), source) == fresh
    (tmp_path / FILE_NAME).write_bytes(b"nonsense")
    assert everything(Reader(store=Store.open(tmp_path)), source) == fresh


def test_few_texts_are_kept_in_memory(tmp_path: Path) -> None:
    reader = Reader()
    paths = []
    for number in range(300):
        path = tmp_path / f"m{number}.py"
        path.write_text(f"def f():\n    return {number}\n")
        paths.append(str(path))
    summaries = [reader.summary(path) for path in paths]
    assert len(reader._texts) < 200
    for number, (path, summary) in enumerate(zip(paths, summaries, strict=True)):
        assert summary is not None
        body = reader.function_body(path, functions(summary.body)[0], False)
        assert body[op.B_STATEMENTS] == [[op.RETURN, 2, [op.CONST, number]]]


# Libraries --------------------------------------------------------------------------------------------
BROKEN = "import os\n\ndef later():\n    x = = 1\n    return x\n"


def test_a_syntax_error_in_a_body_is_seen_at_once_in_first_party_code(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(BROKEN)
    with pytest.raises(SourceError, match=r"own.py:4: syntax error"):
        Reader(libraries=[str(tmp_path / "lib")]).summary(str(tmp_path / "own.py"))


@pytest.mark.skipif(not IS_POSSIBLE, reason="every file is parsed as a whole")
def test_in_a_library_it_is_raised_by_the_call(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(BROKEN)
    for _ in range(2):
        reader = Reader(store=Store.open(tmp_path), libraries=[str(tmp_path)])
        summary = reader.summary(str(tmp_path / "own.py"))
        assert summary is not None
        (function,) = functions(summary.body)
        (statement,) = reader.function_body(str(tmp_path / "own.py"), function, False)[op.B_STATEMENTS]
        assert statement[:2] == [op.RAISE, 3]
        reader.close()
    strict = Reader(store=Store.open(tmp_path))
    with pytest.raises(SourceError):
        strict.summary(str(tmp_path / "own.py"))
    strict.close()
    lenient = Reader(store=Store.open(tmp_path), libraries=[str(tmp_path)])
    assert lenient.summary(str(tmp_path / "own.py")) == summary


def test_what_was_executed_once_is_not_kept_as_it_is_executed(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text("VALUES = [" + "1, " * 10_000 + "]\n")
    reader = Reader()
    first, again = reader.summary(str(path)), reader.summary(str(path))
    assert first == again
    assert first is not again
    assert reader.lowered == reader.files_read == 1
