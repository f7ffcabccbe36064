"""What the machine knows of the standard library beyond its Python source: the parts written in C."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchlint.machine import alone, complaints, hooks, patching, processes, restarting, serving, starting
from patchlint.machine.natives import (
    builtins,
    codecs,
    contexts,
    functions,
    importing,
    late,
    libraries,
    locales,
    loops,
    records,
    running,
    stdlib,
    system,
    warning,
)

if TYPE_CHECKING:
    from patchlint.machine.core import Machine


def install(m: Machine) -> None:
    """Give a machine its builtins, and what to do when a module of the standard library has executed."""
    builtins.install(m)
    m.native_extensions.update(
        {
            "sys": system.sys,
            "_operator": functions.operators,
            "itertools": functions.itertools_,
            "_collections": functions.collections_c,
            "_weakref": functions.weak_references,
            "_frozen_importlib": importing.bootstrap,
            "_frozen_importlib_external": importing.bootstrap_external,
            "_thread": stdlib.thread_c,
            "_warnings": warning.warnings_c,
            "_abc": stdlib.abc_c,
            "_ast": builtins.tree_classes,
            "_io": stdlib.io_c,
            "atexit": stdlib.atexit,
            "_imp": stdlib.imp_c,
            "time": stdlib.time_c,
            "_socket": stdlib.socket_c,
            "fcntl": alone.fcntl_c,
            "_signal": stdlib.signal_c,
            "_datetime": late.datetime_c,
            "_ctypes": libraries.ctypes_c,
            "_locale": locales.locale_c,
            "_contextvars": contexts.contextvars_c,
            "_codecs": codecs.codecs_c,
            **dict.fromkeys(codecs.PROVIDERS, codecs.provider),
        }
    )
    m.intercepts.update({"_simple_enum": records.simple_enum, "compile": stdlib.compile_pattern})
    m.intercepts.update({"run": processes.serve, "on_init_blueprint": processes.celery_worker})
    m.intercepts.update({"_execute_child": stdlib.execute_child, "fromfd": stdlib.socket_of_stream})
    m.intercepts["_set_num_workers"] = processes.workers_set
    m.intercepts["restart_with_reloader"] = restarting.restart
    m.intercepts.update({"monkey_patch": patching.eventlet_call})
    m.intercepts.update(dict.fromkeys(patching.GEVENT_FUNCTIONS, patching.gevent_call))
    m.intercepts["get_ident"] = patching.green_ident
    m.stand_ins.update(dict.fromkeys(("gevent.monkey", "eventlet", "eventlet.patcher"), patching.stand_in))
    m.intercepts.update({"patch_psycopg": hooks.wrapped, "init_gevent": hooks.wrapped})
    m.intercepts.update({"__setitem__": hooks.configured, "update": hooks.configured})
    m.intercepts.update({"serve_forever": hooks.server, "server": hooks.green_server})
    m.intercepts.update(dict.fromkeys(processes.WAITS, processes.waited))
    starting.install(m)
    serving.install(m)
    m.class_adjusters.update(
        {
            ("enum", "EnumMeta"): records.adjust_meta,
            ("enum", "EnumType"): records.adjust_meta,
            ("enum", "_EnumDict"): records.adjust_namespace,
            ("enum", "EnumDict"): records.adjust_namespace,
            ("enum", "Enum"): records.adjust_enum,
            ("enum", "auto"): records.adjust_auto,
            ("abc", "ABCMeta"): stdlib.adjust_abc,
            ("concurrent.futures._base", "Future"): stdlib.adjust_future,
            ("multiprocessing.pool", "ApplyResult"): stdlib.adjust_pool_result,
            ("asyncio.runners", "Runner"): loops.adjust_runner,
            ("asyncio.base_events", "BaseEventLoop"): loops.adjust_loop,
            ("pathlib", "Path"): system.adjust_path,
            ("pathlib._local", "Path"): system.adjust_path,
            ("typing", "Generic"): records.adjust_generic,
            ("typing", "Protocol"): records.adjust_generic,
            ("typing", "_ProtocolMeta"): records.adjust_protocol_meta,
        }
    )
    m.native_modules.update(
        {
            "functools": functions.functools,
            "operator": functions.operators,
            "weakref": functions.weak_containers,
            "_weakrefset": functions.weak_set,
            "collections": records.collections,
            "dataclasses": records.dataclasses,
            "enum": records.enum,
            "typing": records.typing,
            "os": system.os_,
            "posixpath": system.paths,
            "shutil": system.commands,
            "importlib": importing.importlib,
            "importlib.util": importing.util,
            "importlib.metadata": importing.metadata,
            "pkgutil": importing.pkgutil,
            "importlib.resources": importing.resources,
            "re": stdlib.re,
            "fnmatch": stdlib.fnmatch,
            "types": stdlib.types,
            "warnings": warning.warnings,
            "inspect": stdlib.inspect,
            "platform": stdlib.platform,
            "runpy": running.runpy,
            "copy": stdlib.copy,
            "traceback": complaints.traceback,
            "threading": stdlib.threading,
            "logging": stdlib.logging,
            "multiprocessing.process": starting.processes,
            "contextlib": stdlib.contextlib,
            "asyncio.runners": loops.runners,
            "asyncio.events": loops.events,
            "ctypes.util": libraries.ctypes_util,
        }
    )
