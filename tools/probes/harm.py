"""Runs inside a target interpreter: capture one thing, patch, use it while a greenlet ticks; print what happened.

usage: python -I -S harm.py FOLDER LIBRARY KIND ORIGIN       one case; prints a JSON object
       python -I -S harm.py FOLDER LIBRARY KIND ORIGIN late  the same captured after the patch, to compare with
       python -I -S harm.py --list                           the cases, as JSON

Every ``tick`` is written to the standard error stream, so that who started this can tell a greenlet that never
goes on from a hub that stands still.
"""

import contextlib
import functools
import importlib
import json
import os
import signal
import sys
import time

NAP = 0.4
CASES = {}


def case(kind, origin):
    def keep(function):
        CASES[kind, origin] = function
        return function

    return keep


class Green:
    """The few words of gevent or eventlet that the cases need."""

    def __init__(self, library):
        module = importlib.import_module(library)
        self.spawn, self.sleep = module.spawn, module.sleep

    def later(self, function, *arguments):
        def run():
            self.sleep(NAP)
            function(*arguments)

        return self.spawn(run)


def get(origin):
    module, _, name = origin.rpartition(".")
    return getattr(importlib.import_module(module), name)


def server():
    """A listening socket of the C module, and a thread-free way to answer late: a child process."""
    import socket

    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(5)
    child = os.fork()
    if not child:
        os.close(1)
        os.close(2)
        signal.alarm(4)
        for _ in range(3):
            peer, _ = listener.accept()
            time.sleep(NAP)
            peer.send(b"late")
        time.sleep(1)
        os._exit(0)
    return listener.getsockname()


# A case is a generator: what stands before its ``yield`` happens before the patch; it is given a Green.
@case("binding", "time.sleep")
def _():
    from time import sleep

    yield
    sleep(NAP)


def waits_for(make, wait, wake):
    """``make`` an object, ``wait`` for it in this greenlet, ``wake`` it from another one."""

    def run(captured):
        green = yield
        thing = make(captured)
        green.later(wake, thing)
        wait(thing)

    return run


def locked(lock):
    lock.acquire()
    return lock


def of_binding(origin, make, wait, wake):
    def run():
        yield from waits_for(make, wait, wake)(get(origin))

    CASES["binding", origin] = run


def of_instance(origin, make, wait, wake):
    """``make`` is called before the patch."""

    def run():
        yield from waits_for(lambda thing: thing, wait, wake)(make(get(origin)))

    CASES["instance", origin] = run


def of_subclass(origin, make, wait, wake):
    def run():
        yield from waits_for(make, wait, wake)(type("Own", (get(origin),), {}))

    CASES["subclass", origin] = run


ACQUIRE, RELEASE = (lambda lock: lock.acquire()), (lambda lock: lock.release())
GET, PUT = (lambda queue: queue.get()), (lambda queue: queue.put(1))
for name in ("threading.Lock", "threading._allocate_lock", "_thread.allocate_lock", "_thread.allocate"):
    of_binding(name, lambda make: locked(make()), ACQUIRE, RELEASE)
of_instance("_thread.LockType", lambda cls: locked(get("_thread.allocate_lock")()), ACQUIRE, RELEASE)
for name in ("queue.Queue", "queue.LifoQueue", "queue.PriorityQueue", "queue.SimpleQueue"):
    of_binding(name, lambda make: make(), GET, PUT)
    of_subclass(name, lambda make: make(), GET, PUT)
    of_instance(name, lambda make: make(), GET, PUT)
of_binding("threading.Event", lambda make: make(), lambda event: event.wait(), lambda event: event.set())
of_subclass("threading.Event", lambda make: make(), lambda event: event.wait(), lambda event: event.set())
of_instance("threading.Event", lambda make: make(), lambda event: event.wait(), lambda event: event.set())


def exclusion(green, lock):
    """Whether two greenlets can be inside a lock at the same time."""
    inside = []

    def enter():
        with lock:
            inside.append(len(inside))
            seen.append(len(inside))
            green.sleep(0.1)
            inside.pop()

    seen = []
    greenlets = [green.spawn(enter), green.spawn(enter)]
    for greenlet in greenlets:
        greenlet.join() if hasattr(greenlet, "join") else greenlet.wait()
    return "two greenlets hold it at once" if max(seen) > 1 else "excludes"


@case("binding", "threading._CRLock")
def _():
    make = get("threading._CRLock")
    green = yield
    return exclusion(green, make())


@case("binding", "threading.RLock")
def _():
    make = get("threading.RLock")
    green = yield
    return exclusion(green, make())


@case("instance", "threading._CRLock")
def _():
    lock = get("threading.RLock")()
    green = yield
    return exclusion(green, lock)


@case("subclass", "threading._CRLock")
def _():
    made = type("Own", (get("threading._CRLock"),), {})
    green = yield
    return exclusion(green, made())


@case("binding", "logging._lock")
def _():
    lock = get("logging._lock")
    green = yield
    return exclusion(green, lock)


@case("binding", "_thread.LockType")
def _():
    cls = get("_thread.LockType")
    yield
    import threading

    return "isinstance(Lock(), LockType) is %s" % isinstance(threading.Lock(), cls)  # noqa: UP031


def per_greenlet(green, place):
    place.value = "main"
    seen = []

    def look():
        seen.append(getattr(place, "value", None))

    greenlet = green.spawn(look)
    green.sleep(0.05)
    del greenlet
    return "shared by all greenlets" if seen == ["main"] else "one per greenlet"


for name in ("threading.local", "_thread._local", "_threading_local.local"):

    def bound_local(origin=name):
        make = get(origin)
        green = yield
        return per_greenlet(green, make())

    def local_subclass(origin=name):
        made = type("Own", (get(origin),), {})
        green = yield
        return per_greenlet(green, made())

    def local_instance(origin=name):
        place = get(origin)()
        green = yield
        return per_greenlet(green, place)

    CASES["binding", name], CASES["subclass", name], CASES["instance", name] = (
        bound_local,
        local_subclass,
        local_instance,
    )


for name in ("_thread.get_ident", "threading.get_ident"):

    def ident(origin=name):
        own = get(origin)
        green = yield
        seen = [own()]
        green.spawn(lambda: seen.append(own()))
        green.sleep(0.05)
        return "the same in all greenlets" if len(set(seen)) == 1 else "one per greenlet"

    CASES["binding", name] = ident


def native_threads():
    return len(os.listdir("/proc/self/task"))


def run_thread(green, make):
    seen = []

    def work():
        seen.append(native_threads())
        time.sleep(NAP)
        seen.append("done")

    before = native_threads()
    thread = make(work)
    thread.start()
    thread.join()
    kind = "a real OS thread" if seen[0] > before else "a greenlet"
    return "%s; join() returned %s" % (kind, "after it" if "done" in seen else "too early")  # noqa: UP031


@case("binding", "threading.Thread")
def _():
    cls = get("threading.Thread")
    green = yield
    return run_thread(green, lambda work: cls(target=work))


@case("subclass", "threading.Thread")
def _():
    cls = type("Own", (get("threading.Thread"),), {})
    green = yield
    return run_thread(green, lambda work: cls(target=work))


@case("instance", "threading.Thread")
def _():
    box = []
    thread = get("threading.Thread")(target=lambda: box[0]())  # noqa: PLW0108
    green = yield
    return run_thread(green, lambda work: box.append(work) or thread)


@case("running", "threading.Thread")
def _():
    from time import sleep

    thread = get("threading.Thread")(target=sleep, args=(1.5,))
    thread.start()
    yield
    thread.join()


@case("binding", "threading.Timer")
def _():
    cls = get("threading.Timer")
    green = yield
    return run_thread(green, lambda work: cls(0.05, work))


@case("subclass", "threading.Timer")
def _():
    cls = type("Own", (get("threading.Timer"),), {})
    green = yield
    return run_thread(green, lambda work: cls(0.05, work))


for name in ("_thread.start_new_thread", "threading._start_new_thread", "_thread.start_joinable_thread"):

    def starts(origin=name):
        start = get(origin)
        green = yield
        before, seen = native_threads(), []
        arguments = () if origin.endswith("joinable_thread") else ((),)
        start(lambda: seen.append(native_threads()), *arguments)
        green.sleep(0.2)
        return "a real OS thread" if seen[0] > before else "a greenlet"

    CASES["binding", name] = starts


def talk(make):
    """Connect to a server that answers late, and wait for its answer."""

    def run():
        address, own = server(), make()
        yield
        own(address)

    return run


def by_socket(cls):
    def go(address):
        connection = cls()
        connection.connect(address)
        connection.recv(4)

    return go


def given(thing):
    return thing


def receive_over(connect, address):
    connect(address).recv(4)


CASES["binding", "socket.socket"] = talk(lambda: by_socket(get("socket.socket")))
CASES["binding", "socket.SocketType"] = talk(lambda: by_socket(get("socket.SocketType")))
CASES["subclass", "socket.socket"] = talk(lambda: by_socket(type("Own", (get("socket.socket"),), {})))
CASES["instance", "socket.socket"] = talk(lambda: by_socket(functools.partial(given, get("socket.socket")())))
CASES["binding", "socket.create_connection"] = talk(
    lambda: functools.partial(receive_over, get("socket.create_connection")),
)


def resolving(origin, *arguments):
    def run():
        resolve = get(origin)
        yield
        begin = time.monotonic()
        with contextlib.suppress(OSError):
            resolve(*arguments)
        return "asked the resolver for %.2f s" % (time.monotonic() - begin)

    CASES["binding", origin] = run


SLOW = "patchlint-measures-a-slow-name.example"
resolving("socket.getaddrinfo", SLOW, 80)
for name in ("socket.gethostbyname", "socket.gethostbyname_ex", "socket.gethostbyaddr", "socket.getfqdn"):
    resolving(name, SLOW)
resolving("socket.getnameinfo", ("203.0.113.7", 80), 0)


@case("binding", "socket.socketpair")
def _():
    pair = get("socket.socketpair")
    green = yield
    here, there = pair()
    green.later(there.send, b"late")
    here.recv(4)


@case("binding", "socket.fromfd")
def _():
    again = get("socket.fromfd")
    green = yield
    import socket

    here, there = socket.socketpair()
    green.later(there.send, b"late")
    again(here.fileno(), socket.AF_UNIX, socket.SOCK_STREAM).recv(4)


# TLS ---------------------------------------------------------------------------------------------------
def handshake(green, context):
    import socket
    import ssl

    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.options |= ssl.OP_NO_COMPRESSION
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    here, there = socket.socketpair()
    green.later(there.close)
    try:
        context.wrap_socket(here)
    except (OSError, EOFError) as error:
        return "the handshake waited and ended with %s" % type(error).__name__  # noqa: UP031
    return "?"


@case("binding", "ssl.SSLContext")
def _():
    import ssl

    cls = ssl.SSLContext
    green = yield
    return handshake(green, cls(ssl.PROTOCOL_TLS_CLIENT))


@case("subclass", "ssl.SSLContext")
def _():
    import ssl

    cls = type("Own", (ssl.SSLContext,), {})
    green = yield
    return handshake(green, cls(ssl.PROTOCOL_TLS_CLIENT))


@case("instance", "ssl.SSLContext")
def _():
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    green = yield
    return handshake(green, context)


@case("binding", "ssl.create_default_context")
def _():
    import ssl

    make = ssl.create_default_context
    green = yield
    return handshake(green, make())


@case("binding", "ssl._create_default_https_context")
def _():
    import ssl

    make = ssl._create_default_https_context
    green = yield
    return handshake(green, make())


@case("binding", "ssl.wrap_socket")
def _():
    import ssl

    wrap = ssl.wrap_socket
    green = yield
    import socket

    here, there = socket.socketpair()
    green.later(there.close)
    try:
        wrap(here)
    except (OSError, EOFError) as error:
        return "the handshake waited and ended with %s" % type(error).__name__  # noqa: UP031


@case("binding", "ssl.SSLSocket")
def _():
    cls = get("ssl.SSLSocket")
    yield
    import ssl

    return "isinstance() of a new one is %s" % issubclass(ssl.SSLSocket, cls)  # noqa: UP031


@case("subclass", "ssl.SSLSocket")
def _():
    import ssl

    cls = type("Own", (ssl.SSLSocket,), {})
    green = yield
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.sslsocket_class = cls
    return handshake(green, context)


@case("binding", "ssl.get_server_certificate")
def _():
    address, fetch = server(), get("ssl.get_server_certificate")
    yield
    try:
        fetch(address)
    except (OSError, EOFError) as error:
        return "waited and ended with %s" % type(error).__name__  # noqa: UP031


# select, selectors --------------------------------------------------------------------------------------
def readable(green):
    import socket

    here, there = socket.socketpair()
    green.later(there.send, b"x")
    READABLE.append((here, there))
    return here


READABLE = []


@case("binding", "select.select")
def _():
    select = get("select.select")
    green = yield
    select([readable(green)], [], [])


def polled(green, poll):
    poll.register(readable(green).fileno(), 1)
    poll.poll()


for name in ("select.poll", "select.epoll"):

    def bound_poll(origin=name):
        make = get(origin)
        green = yield
        polled(green, make())

    def poll_instance(origin=name):
        poll = get(origin)()
        green = yield
        polled(green, poll)

    CASES["binding", name], CASES["instance", name] = bound_poll, poll_instance


def selected(green, selector):
    selector.register(readable(green), 1)
    selector.select()


for name in ("DefaultSelector", "EpollSelector", "PollSelector", "SelectSelector"):

    def bound_selector(origin="selectors." + name):
        make = get(origin)
        green = yield
        selected(green, make())

    def selector_subclass(origin="selectors." + name):
        made = type("Own", (get(origin),), {})
        green = yield
        selected(green, made())

    def selector_instance(origin="selectors." + name):
        selector = get(origin)()
        green = yield
        selected(green, selector)

    CASES["binding", "selectors." + name] = bound_selector
    CASES["subclass", "selectors." + name] = selector_subclass
    CASES["instance", "selectors." + name] = selector_instance


# Processes, signals -------------------------------------------------------------------------------------
SLEEPER = [sys.executable, "-I", "-S", "-c", "import time; time.sleep(1.5)"]


@case("binding", "subprocess.Popen")
def _():
    popen = get("subprocess.Popen")
    yield
    popen(SLEEPER).wait()


@case("subclass", "subprocess.Popen")
def _():
    popen = type("Own", (get("subprocess.Popen"),), {})
    yield
    popen(SLEEPER).wait()


@case("instance", "subprocess.Popen")
def _():
    process = get("subprocess.Popen")(SLEEPER)
    yield
    process.wait()


for name in ("run", "call", "check_call", "check_output"):

    def runs(origin="subprocess." + name):
        function = get(origin)
        yield
        function(SLEEPER)

    CASES["binding", "subprocess." + name] = runs


@case("binding", "subprocess.CompletedProcess")
def _():
    cls = get("subprocess.CompletedProcess")
    yield
    import subprocess

    return "isinstance() of a new one is %s" % isinstance(subprocess.run(["true"], check=False), cls)  # noqa: S607, UP031


def nap_in_child():
    child = os.fork()
    if not child:
        import time

        time.sleep(1.5)  # longer than importing the library takes
        os._exit(7)
    return child


@case("binding", "os.waitpid")
def _():
    wait = os.waitpid
    child = nap_in_child()
    yield
    wait(child, 0)


@case("binding", "os.wait")
def _():
    wait = os.wait
    nap_in_child()
    yield
    wait()


def forked(green, fork):
    child = fork()
    if isinstance(child, tuple):
        child = child[0]
    if not child:
        green.sleep(0.1)
        os._exit(7)
    status = os.waitpid(child, 0)[1]
    return "the child could sleep and end: status %s" % (status >> 8)


@case("binding", "os.fork")
def _():
    fork = os.fork
    green = yield
    return forked(green, fork)


@case("binding", "os.forkpty")
def _():
    fork = os.forkpty
    green = yield
    return forked(green, fork)


for name in ("posix_spawn", "posix_spawnp"):

    def spawns(origin="os." + name):
        spawn = get(origin)
        yield
        child = spawn("/bin/sleep", ["sleep", "0.4"], {})
        return "status %s" % os.waitpid(child, 0)[1]  # noqa: UP031

    CASES["binding", "os." + name] = spawns


@case("binding", "os.close")
def _():
    close = os.close
    green = yield
    import socket

    here, there = socket.socketpair()
    failed = []

    def wait():
        try:
            here.recv(1)
        except Exception as error:  # noqa: BLE001
            failed.append(type(error).__name__)

    greenlet = green.spawn(wait)
    green.sleep(0.05)
    close(here.detach())
    one, other = socket.socketpair()
    green.later(other.send, b"x")
    one.recv(1)
    del there, greenlet
    return "a new socket under the same number still works; the old waiter got %s" % (failed or "nothing")


@case("binding", "os.read")
def _():
    read = os.read
    green = yield
    here, there = os.pipe()
    green.later(os.write, there, b"x")
    read(here, 1)


@case("binding", "os.write")
def _():
    write = os.write
    green = yield
    here, there = os.pipe()

    def drain():
        for _ in range(60):
            os.read(here, 65536)
            green.sleep(0)

    green.later(drain)
    for _ in range(40):
        write(there, b"x" * 4096)


@case("binding", "os.open")
def _():
    own = os.open
    yield
    os.close(own("/dev/null", os.O_RDONLY))
    return "opens"


@case("binding", "os.fdopen")
def _():
    own = os.fdopen
    green = yield
    here, there = os.pipe()
    green.later(os.write, there, b"x")
    own(here, "rb", 0).read(1)


@case("binding", "builtins.open")
def _():
    import builtins

    own = builtins.open
    yield
    own("/dev/null").close()
    return "opens"


@case("binding", "signal.signal")
def _():
    own = signal.signal
    yield
    import subprocess

    seen = []
    own(signal.SIGCHLD, lambda *_: seen.append("handler"))
    subprocess.Popen(["/bin/sleep", "0.2"]).wait(3)
    return "its handler ran: %s; Popen.wait() ended" % bool(seen)  # noqa: UP031


@case("binding", "signal.getsignal")
def _():
    own = signal.getsignal
    yield

    def handler(*_):
        pass

    signal.signal(signal.SIGCHLD, handler)
    return "sees the handler that was set: %s" % (own(signal.SIGCHLD) is handler)


@case("binding", "signal.set_wakeup_fd")
def _():
    own = signal.set_wakeup_fd
    green = yield
    import socket

    _here, there = socket.socketpair()
    there.setblocking(False)
    own(there.fileno())
    signal.signal(signal.SIGUSR1, lambda *_: None)
    green.later(os.kill, os.getpid(), signal.SIGUSR1)
    green.sleep(3 * NAP)
    return "goes on"


@case("binding", "threading.current_thread")
def _():
    own = get("threading.current_thread")
    green = yield
    seen = [own()]
    green.spawn(lambda: seen.append(own()))
    green.sleep(0.05)
    return "the same in all greenlets" if len(set(map(id, seen))) == 1 else "one per greenlet"


CASES["binding", "threading.currentThread"] = CASES["binding", "threading.current_thread"]


@case("binding", "sched.scheduler")
def _():
    import sched

    scheduler = sched.scheduler()
    yield
    scheduler.enter(NAP, 1, lambda: None)
    scheduler.run()


@case("instance", "concurrent.futures.ThreadPoolExecutor")
def _():
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(1)
    yield
    pool.submit(time.sleep, NAP).result()


@case("binding", "concurrent.futures.ThreadPoolExecutor")
def _():
    from concurrent.futures import ThreadPoolExecutor as Pool

    yield
    Pool(1).submit(lambda: time.sleep(NAP)).result()


# Running one --------------------------------------------------------------------------------------------
def perform(library, kind, origin, when="early"):
    steps = CASES[kind, origin]()
    if when == "early":
        next(steps)
    if library == "gevent":
        importlib.import_module("gevent.monkey").patch_all()
    elif library == "eventlet":
        importlib.import_module("eventlet").monkey_patch()
    green = Green(library)
    if when == "late":
        next(steps)
    gaps, say, now, error = [0.0], os.write.__call__, time.monotonic, None

    def tick():
        last = now()
        while True:
            green.sleep(0.01)
            gaps[0] = max(gaps[0], now() - last)
            last = now()
            say(2, b"tick\n")

    green.spawn(tick)
    green.sleep(0.05)
    gaps[0], remark = 0.0, None
    try:
        steps.send(green)
    except StopIteration as end:
        remark = end.value
    except BaseException as problem:  # noqa: BLE001
        error = type(problem).__name__ + ": " + str(problem)[:100]
    green.sleep(0.02)
    return {"gap": round(gaps[0], 2), "error": error, "remark": remark}


if sys.argv[1] == "--list":
    sys.stdout.write(json.dumps(sorted(CASES)))
else:
    sys.path.insert(0, sys.argv[1])
    ANSWER = json.dumps(perform(*sys.argv[2:6]))
    sys.__stdout__.write(ANSWER + "\n")
    sys.__stdout__.flush()
    os.kill(os.getpid(), 9)
