"""The table of what starts threads, schedulers and processes, against what was counted in real runs."""

from __future__ import annotations

import importlib

import pytest

from patchlint.knowledge import Starter, starters
from patchlint.knowledge.starters import IMPORT


def named(name: str) -> Starter:
    return starters().by_name[name]


@pytest.mark.parametrize(
    ("call", "what", "stage"),
    [
        ("threading.Timer", "thread", "created"),
        ("threading.Timer.start", "thread", "started"),
        ("_thread.start_new_thread", "thread", "started"),
        ("concurrent.futures.ThreadPoolExecutor", "thread", "created"),
        ("concurrent.futures.ThreadPoolExecutor.submit", "thread", "started"),
        ("concurrent.futures.ProcessPoolExecutor.submit", "process", "started"),
        ("multiprocessing.context.Process", "process", "created"),
        ("multiprocessing.process.BaseProcess.start", "process", "started"),
        ("multiprocessing.Pool", "process", "started"),
        ("multiprocessing.Manager", "process", "started"),
        ("multiprocessing.pool.ThreadPool", "thread", "started"),
        ("multiprocessing.queues.Queue", "thread", "created"),
        ("multiprocessing.queues.Queue.put", "thread", "started"),
        ("logging.handlers.QueueListener.start", "thread", "started"),
        ("apscheduler.schedulers.background.BackgroundScheduler", "scheduler", "created"),
        ("apscheduler.schedulers.background.BackgroundScheduler.start", "scheduler", "started"),
        ("apscheduler.Scheduler.start_in_background", "scheduler", "started"),
        ("flask_apscheduler.APScheduler.start", "scheduler", "started"),
        ("huey.consumer.Consumer.start", "scheduler", "started"),
        ("pymongo.MongoClient", "thread", "started"),
        ("kafka.KafkaProducer", "thread", "started"),
        ("grpc.insecure_channel", "thread", "started"),
        ("prometheus_client.start_http_server", "thread", "started"),
        ("redis.client.PubSub.run_in_thread", "thread", "started"),
        ("opentelemetry.sdk.trace.export.BatchSpanProcessor", "thread", "started"),
        ("posthog.Posthog", "thread", "started"),
        ("watchdog.observers.Observer", "thread", "started"),
        ("elasticapm.Client", "thread", "started"),
        ("newrelic.agent.register_application", "thread", "started"),
        ("ldclient.get", "thread", "started"),
        ("statsig.statsig.initialize", "thread", "started"),
    ],
)
def test_calls(call: str, what: str, stage: str) -> None:
    starter, method = starters().by_call[call]
    assert (starter.what, starter.stage(method)) == (what, stage)


@pytest.mark.parametrize(
    ("name", "method", "keywords", "stage"),
    [
        ("pymongo.MongoClient", "__init__", {"connect": False}, "created"),
        ("pymongo.MongoClient", "__init__", {"connect": None}, "started"),
        ("pymongo.MongoClient", "__init__", {"connect": object()}, "started"),
        ("loguru._logger.Logger", "add", {}, None),
        ("loguru._logger.Logger", "add", {"enqueue": True}, "started"),
        ("psycopg_pool.ConnectionPool", "__init__", {"open": False}, "created"),
        ("psycopg_pool.ConnectionPool", "open", {}, "started"),
        ("apscheduler.schedulers.background.BackgroundScheduler", "start", {"paused": True}, None),
        ("datadog.ThreadStats", "start", {"flush_in_thread": False}, None),
        ("posthog.Posthog", "__init__", {"sync_mode": True}, "created"),
        ("threading.Thread", "join", {}, "ended"),
        ("concurrent.futures.ThreadPoolExecutor", "shutdown", {"wait": False}, None),
    ],
)
def test_keywords_decide(name: str, method: str, keywords: dict[str, object], stage: str | None) -> None:
    assert named(name).stage(method, keywords) == stage


def test_which_keywords_decide() -> None:
    assert named("pymongo.MongoClient").depends_on("__init__") == ("connect",)
    assert named("threading.Thread").depends_on("start") == ()


def test_what_repairs_itself() -> None:
    assert named("opentelemetry.sdk.trace.export.BatchSpanProcessor").repairs == "at fork"
    assert named("sentry_sdk.worker.BackgroundWorker").repairs == "on use"
    assert not named("apscheduler.schedulers.background.BackgroundScheduler").repairs_itself


def test_native_threads_and_imports() -> None:
    assert named("confluent_kafka.Producer").native
    assert starters().imports["ddtrace.auto"].stage(IMPORT) == "started"
    assert "ddtrace" not in starters().by_name


def test_the_nearest_class_answers() -> None:
    table = starters()
    thread_pool = ["own.Pool", "multiprocessing.pool.ThreadPool", "multiprocessing.pool.Pool", "builtins.object"]
    found = table.find(thread_pool)
    assert found is not None
    assert found.what == "thread"
    quiet = ["apscheduler.schedulers.asyncio.AsyncIOScheduler", "apscheduler.schedulers.base.BaseScheduler"]
    assert table.find(quiet) is None
    assert table.find(["builtins.object"]) is None


def test_nothing_is_both() -> None:
    assert not starters().never & set(starters().by_name)


OWN = sorted({starter.name for starter in starters().by_name.values() if starter.library == "python"})


@pytest.mark.parametrize("name", OWN)
def test_names_of_the_standard_library_exist(name: str) -> None:
    module, _, rest = name.rpartition(".")
    try:
        found = getattr(importlib.import_module(module), rest)
    except ModuleNotFoundError:
        module, _, cls = module.rpartition(".")
        found = getattr(getattr(importlib.import_module(module), cls), rest)
    assert callable(found)
    if "" in named(name).stages:  # its methods are those of what it answers
        return
    for method in named(name).stages:
        assert hasattr(found, method)
