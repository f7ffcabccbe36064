"""Event loops: what they run, and the pool of threads that they may make."""

from __future__ import annotations

from patchlint.model.events import Started


def threads(played):
    return [(e.subject.rpartition(".")[2], e.stage) for e in played.events(Started) if e.what == "thread"]


def test_a_coroutine_sees_the_loop_that_runs_it(play):
    played = play({"main.py": """
        import asyncio

        async def main():
            loop = asyncio.get_running_loop()
            import a
            return 1

        if asyncio.run(main()) == 1:
            import b
        """, "a.py": "", "b.py": ""})  # fmt: skip
    assert [name for name in played.modules() if name in ("a", "b")] == ["a", "b"]
    assert played.opaque() == []


def test_outside_of_a_coroutine_no_loop_runs(play):
    played = play({"main.py": """
        import asyncio

        async def main():
            pass

        asyncio.run(main())
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            import a
        """, "a.py": ""})  # fmt: skip
    assert "a" in played.modules()


def test_the_pool_of_a_loop_that_has_run_is_shut_down(play):
    played = play({"main.py": """
        import asyncio

        def work():
            import a

        async def main():
            await asyncio.get_running_loop().run_in_executor(None, work)

        asyncio.run(main())
        """, "a.py": ""})  # fmt: skip
    assert "a" in played.modules()
    assert threads(played) == [("ThreadPoolExecutor", stage) for stage in ("created", "started", "ended")]


def test_to_thread_uses_the_pool_of_the_loop(play):
    played = play({"main.py": "import asyncio\nasyncio.run(asyncio.to_thread(print))"})
    assert threads(played) == [("ThreadPoolExecutor", stage) for stage in ("created", "started", "ended")]


def test_the_pool_of_a_loop_that_is_kept_goes_on(play):
    played = play({"main.py": """
        import asyncio

        async def main():
            await loop.run_in_executor(None, print)
            await loop.run_in_executor(None, print)

        loop = asyncio.new_event_loop()
        loop.run_until_complete(main())
        """})  # fmt: skip
    assert threads(played) == [("ThreadPoolExecutor", stage) for stage in ("created", "started", "started")]


def test_a_pool_that_is_given_is_used(play):
    played = play({"main.py": """
        import asyncio
        from concurrent.futures import ThreadPoolExecutor

        async def main():
            with ThreadPoolExecutor() as pool:
                await asyncio.get_running_loop().run_in_executor(pool, print)

        asyncio.run(main())
        """})  # fmt: skip
    assert threads(played) == [("ThreadPoolExecutor", stage) for stage in ("created", "started", "ended")]
