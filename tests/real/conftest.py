"""Virtual environments, programs that really run, and patchlint beside them."""

from __future__ import annotations

import contextlib
import http.client
import http.server
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from environments import OFFLINE, BuildError, environment
from warned import MODULES, SUBCLASSES, warned

REPOSITORY = Path(__file__).resolve().parent.parent.parent
SEARCHED_37 = "python3.7 on PATH and in ~/.pyenv/versions"


# Environments -------------------------------------------------------------------------------------
@pytest.fixture(scope="session")
def env() -> Callable[..., Path]:
    """``env(packages, python=...)``: as ``environment``; without a network the test is skipped, and says so."""

    def get(packages: Sequence[str], python: str = sys.executable) -> Path:
        try:
            return environment(packages, python)
        except BuildError as error:
            if OFFLINE.search(str(error)):
                pytest.skip(f"no network to install {', '.join(packages)}: {str(error)[-200:]}")
            raise

    return get


@pytest.fixture(scope="session")
def python37() -> str:
    """A Python 3.7, if one is at hand."""
    kept = Path.home() / ".pyenv" / "versions"
    for candidate in (shutil.which("python3.7"), *sorted(kept.glob("3.7.*/bin/python"))):
        if candidate and _is_37(str(candidate)):
            return str(candidate)
    pytest.skip(f"no Python 3.7 (looked for {SEARCHED_37})")


def _is_37(python: str) -> bool:
    """A shim of pyenv is on PATH even when its version is not chosen: it then ends with an error."""
    code = "import sys; sys.exit(sys.version_info[:2] != (3, 7))"
    with contextlib.suppress(OSError):
        return subprocess.run([python, "-c", code], check=False, capture_output=True, timeout=30).returncode == 0
    return False


# Running ------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Observed:
    """What a program did: its output, its answers to the requests by path (status and text), whether it ended."""

    output: str
    errors: str
    answers: dict[str, tuple[int, str]] = field(default_factory=dict)
    ended: bool = True

    @property
    def stale_ssl(self) -> set[str]:
        """The modules that gevent's MonkeyPatchWarning names."""
        return warned(self.errors, MODULES)

    @property
    def stale_subclasses(self) -> set[str]:
        """The subclasses that it names."""
        return warned(self.errors, SUBCLASSES)

    @property
    def job_processes(self) -> set[str]:
        """The processes in which the jobs of the blog's programs ran."""
        return set(re.findall(r"^JOB (\d+)$", self.output, re.MULTILINE))


@pytest.fixture
def run(tmp_path: Path, upstream: str) -> Callable[..., Observed]:
    """``run(python, folder, command, requests=..., seconds=...)``: run a program for real, as ``Observed``."""

    def start(python: Path, folder: Path, command: Sequence[str], **options: Any) -> Observed:
        work = tmp_path / "run" / folder.name
        shutil.copytree(folder, work, dirs_exist_ok=True, ignore=shutil.ignore_patterns("expected.toml", "__pycache__"))
        port = free_port()
        environ = {
            "PATH": f"{python.parent}:/usr/bin:/bin",
            "HOME": str(tmp_path),
            "LANG": "C.UTF-8",
            "PYTHONUNBUFFERED": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PORT": str(port),
            "UPSTREAM": upstream,
        }
        line = [str(python.parent / command[0]), *(part.replace("{port}", str(port)) for part in command[1:])]
        return observe(line, work, environ, port, tmp_path, **options)

    return start


def observe(
    line: list[str], work: Path, environ: dict[str, str], port: int, folder: Path,
    requests: Sequence[str] = (), seconds: float = 0.0, timeout: float = 60.0,
) -> Observed:  # fmt: skip
    """Start, send the requests, wait, stop with SIGTERM, and read what was written."""
    output, errors = folder / "stdout.txt", folder / "stderr.txt"
    answers = {}
    with output.open("wb") as out, errors.open("wb") as err:
        process = subprocess.Popen(
            line, cwd=work, env=environ, stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True
        )
        try:
            for path in requests:
                answers[path] = ask(port, path, process, timeout)
            if requests or seconds:
                time.sleep(seconds)
                process.terminate()
            ended = ends(process, 10 if requests or seconds else timeout)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    return Observed(output.read_text("utf-8", "replace"), errors.read_text("utf-8", "replace"), answers, ended)


def ends(process: subprocess.Popen[bytes], timeout: float) -> bool:
    try:
        process.wait(timeout)
    except subprocess.TimeoutExpired:
        return False
    return True


def ask(port: int, path: str, process: subprocess.Popen[bytes], timeout: float) -> tuple[int, str]:
    """GET a path, waiting for the server to come up."""
    deadline = time.monotonic() + timeout
    while True:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=15)
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read().decode("utf-8", "replace")
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                return 0, "no answer"
            time.sleep(0.1)
        finally:
            connection.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class _Quiet(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: Any) -> None:
        pass


@pytest.fixture(scope="session")
def upstream() -> Iterator[str]:
    """The address of an HTTPS server on the loopback interface, with a certificate that nobody trusts."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(Path(__file__).with_name("loopback.pem"))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Quiet)
    server.handle_error = lambda *_arguments: None  # type: ignore[method-assign]
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"https://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()
    thread.join()


# patchlint ----------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Verdict:
    """What patchlint said about a program: its exit status and its JSON report; paths are relative to ``folder``."""

    status: int
    report: dict[str, Any]
    folder: Path

    @property
    def findings(self) -> list[dict[str, Any]]:
        return list(self.report["findings"])

    def place(self, location: dict[str, Any]) -> tuple[str, int]:
        path = location["path"] or ""
        return (os.path.relpath(path, self.folder) if os.path.isabs(path) else path), location["line"]

    def stale(self, origin: str, kind: str = "binding") -> set[str]:
        """The modules that hold a name of ``origin`` in their own namespace, by all findings."""
        return {
            row["module"] + ("" if kind == "binding" else "." + row["name"])
            for finding in self.findings
            for row in finding["stale"]
            if (row["origin"], row["kind"]) == (origin, kind) and not re.search(r"[.(]", row["name"])
        }


@pytest.fixture(scope="session")
def check() -> Callable[..., Verdict]:
    """``check(python, folder, *arguments)``: patchlint's verdict, seen from ``folder``."""

    def judge(python: Path, folder: Path, *arguments: str) -> Verdict:
        options = ["--format", "json", "--python", str(python)]
        environ = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(REPOSITORY / "src"), os.environ.get("PYTHONPATH", "")]),
        }
        line = [sys.executable, "-m", "patchlint", "check", *options, *arguments]
        done = subprocess.run(
            line,
            cwd=folder,
            env=environ,
            check=False,
            capture_output=True,
            text=True,
            timeout=300,
            stdin=subprocess.DEVNULL,
        )
        assert done.stdout.startswith("{"), (
            f"exit status {done.returncode}: {done.stderr.strip() or done.stdout.strip()}"
        )
        return Verdict(done.returncode, json.loads(done.stdout), folder)

    return judge
