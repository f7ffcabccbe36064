"""Where libraries begin to serve: functions that go on until the program is told to end.

What comes before is start-up; what comes after is the program's end.  Each was read in the library's source.
The standard library's ``serve_forever`` and gevent's are known to ``machine/hooks.py``.
"""

from __future__ import annotations

from typing import Final

LOOPS: Final = frozenset(
    (
        "asyncore.loop",
        "waitress.wasyncore.loop",
        "uvicorn.server.Server.startup",
        "hypercorn.run._join_exited",
        "granian.server.common.AbstractServer._serve_loop",
        "huey.consumer.Consumer.loop",
        "celery.beat.Scheduler.tick",
        "werkzeug._reloader.ReloaderLoop.run",
        "werkzeug._reloader.WatchdogReloaderLoop.run",
        "rq.worker.base.BaseWorker.dequeue_job_and_maintain_ttl",
        "rq.worker.Worker.dequeue_job_and_maintain_ttl",
    )
)
"""By module and qualified name.  A name that one library version has and another has not does no harm here."""
