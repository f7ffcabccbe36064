"""Constants of the program are computed here, within limits."""

from __future__ import annotations

import time

import pytest

HUGE = [
    "'x'.zfill(10**10)", "b'x'.ljust(10**10)", "'x'.center(10**10)", "'%1000000000d' % 1", "'%*d' % (10**9, 1)",
    "f'{1:1000000000}'", "format(1, '1000000000')", "'{:1000000000}'.format(1)", "'a' * 10**10", "10**10**8",
    "1 << 10**9", "('a' * 10**6).replace('a', 'b' * 10**6)", "bytes(10**10)", "list(range(10**12))",
]  # fmt: skip


@pytest.mark.parametrize("text", HUGE)
def test_what_would_be_huge_is_not_known(play, text):
    before = time.process_time()
    played = play({"main.py": f"value = {text}\nimport after", "after.py": ""})
    assert "after" in played.modules()
    assert time.process_time() - before < 5


def test_formats_that_are_not_huge_are_computed(play):
    played = play({"main.py": """
        words = "%-10s|" % "a" + f"{1:05d}{123456:>8}" + "{:>4}".format("b") + "{0:%Y-%m-%d} 123456".replace("0", "1") + "9".zfill(3)
        if words == "a         |00001  123456   b{1:%Y-%m-%d} 123456009":
            import right
        """, "right.py": ""})  # fmt: skip
    assert played.modules() == {"__main__": "certain", "right": "certain"}
