"""Launch commands in the files that start a program: from each kind of file to the words, the folder and the line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from patchlint.config import DEFAULTS
from patchlint.discovery import discover

GUNICORN = "gunicorn -k gevent app:app"


def found(folder: Path, files: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Each command: its words, the folder that it is started in, and its place."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    result = discover([], [], DEFAULTS, str(folder))
    return [
        (
            " ".join(one.argv),
            Path(one.cwd).relative_to(folder).as_posix(),
            f"{Path(one.origin.path).relative_to(folder)}:{one.origin.line}" if one.origin else "",
        )
        for one in result.entrypoints
        if one.kind == "command"
    ]


def remarks(folder: Path) -> list[str]:
    return [text.removeprefix(f"{folder}/") for text in discover([], [], DEFAULTS, str(folder)).remarks]


FILES = {
    "a Procfile": (
        {"Procfile": f"# types\nrelease: ./migrate.sh\nweb: {GUNICORN}\n"},
        [(GUNICORN, ".", "Procfile:3")],
    ),
    "two processes": (
        {"Procfile": "web: gunicorn app:app\nworker: celery -A app worker -P gevent\n"},
        [("gunicorn app:app", ".", "Procfile:1"), ("celery -A app worker -P gevent", ".", "Procfile:2")],
    ),
    "exec form": (
        {"Dockerfile": 'FROM x\nCMD ["gunicorn", "a:b"]\nFROM y\nCMD ["gunicorn", "-k", "gevent", "app:app"]\n'},
        [(GUNICORN, ".", "Dockerfile:4")],
    ),
    "exec form of both": (
        {"deploy/Dockerfile.web": 'FROM x\nENTRYPOINT ["gunicorn"]\nCMD ["-k", "gevent", \\\n  "app:app"]\n'},
        [(GUNICORN, "deploy", "deploy/Dockerfile.web:3")],
    ),
    "shell form": (
        {"Dockerfile": "FROM x\nENV CLASS=gevent\nCMD exec gunicorn \\\n  # which worker\n  -k $CLASS app:app\n"},
        [(GUNICORN, ".", "Dockerfile:3")],
    ),
    "a shell in the exec form": (
        {"Dockerfile": 'FROM x\nWORKDIR /app\nCMD ["sh", "-c", "cd /app/src && gunicorn -k gevent app:app"]\n'},
        [(GUNICORN, "src", "Dockerfile:3")],
    ),
    "a program of the image": (
        {"Dockerfile": 'FROM x\nWORKDIR /srv\nCMD ["python", "-u", "/srv/run.py"]\n', "run.py": ""},
        [("python -u run.py", ".", "Dockerfile:3")],
    ),
    "a compose file": (
        {
            "compose.yml": "services:\n  db: {image: pg}\n  web:\n    build: ./web\n    environment: [CLASS=gevent]\n"
            "    command: gunicorn -k $$CLASS app:app\n"
        },
        [(GUNICORN, "web", "compose.yml:6")],
    ),
    "a compose file with words": (
        {"docker-compose.prod.yaml": "services:\n  web:\n    command: [gunicorn, -k, gevent, 'app:app']\n"},
        [(GUNICORN, ".", "docker-compose.prod.yaml:3")],
    ),
    "a systemd unit": (
        {
            "deploy/web.service": "[Unit]\nDescription=x\n[Service]\nWorkingDirectory=/srv\nEnvironment=CLASS=gevent\n"
            "ExecStart=-gunicorn \\\n  -k ${CLASS} app:app\n",
            "app.py": "",
        },
        [(GUNICORN, ".", "deploy/web.service:6")],
    ),
    "systemd, another name for the program": (
        {"web.service": f"[Service]\nExecStart=-@{GUNICORN.replace(' ', ' server ', 1)}\n"},
        [(GUNICORN, ".", "web.service:2")],
    ),
    "supervisord's own variables": (
        {"etc/s.conf": f"[program:web]\ndirectory=%(here)s/../%(program_name)s\ncommand={GUNICORN}\n"},
        [(GUNICORN, "web", "etc/s.conf:3")],
    ),
    "supervisord": (
        {"etc/supervisord.conf": f"[supervisord]\n[program:web]\ndirectory=../web\ncommand={GUNICORN} ; the server\n"},
        [(GUNICORN, "web", "etc/supervisord.conf:4")],
    ),
    "circus": (
        {"circus.ini": "[watcher:web]\ncmd = gunicorn\nargs = -k gevent app:app\nworking_dir = .\n"},
        [(GUNICORN, ".", "circus.ini:2")],
    ),
    "a shell script": (
        {"bin/start.sh": '#!/bin/sh\nCLASS=gevent\ncd ..\nexec gunicorn -k "$CLASS" app:app "$@" &\n# gunicorn a:b\n'},
        [(GUNICORN, ".", "bin/start.sh:4")],
    ),
    "uWSGI's own file": (
        {"deploy/uwsgi.ini": "; shop\n[uwsgi]\nmodule = app:app\n", "setup.cfg": "[metadata]\nname = x\n"},
        [("uwsgi uwsgi.ini", "deploy", "deploy/uwsgi.ini:2")],
    ),
    "wrappers and assignments": (
        {"Procfile": "web: A=1 ddtrace-run gunicorn app:app\n"},
        [("A=1 ddtrace-run gunicorn app:app", ".", "Procfile:1")],
    ),
    "a script in front of the exec form": (
        {"Dockerfile": 'FROM x\nENTRYPOINT ["/entrypoint.sh"]\nCMD ["gunicorn", "-k", "gevent", "app:app"]\n'},
        [(GUNICORN, ".", "Dockerfile:3")],
    ),
    "a stage made from another": (
        {"Dockerfile": "FROM x AS base\nENV CLASS=gevent\nCMD gunicorn -k $CLASS app:app\nFROM base\nRUN true\n"},
        [(GUNICORN, ".", "Dockerfile:3")],
    ),
    "a folder of deployment": (
        {"docker/web/Dockerfile": f"FROM x\nCMD {GUNICORN}\n", "app.py": ""},
        [(GUNICORN, ".", "docker/web/Dockerfile:2")],
    ),
    "a script without an ending": (
        {"bin/web": f'#!/usr/bin/env bash\ncd "$(dirname "$0")/.."\n{GUNICORN}\n', "bin/notes": GUNICORN},
        [(GUNICORN, ".", "bin/web:3")],
    ),
    "variables with defaults and patterns of case": (
        {"run.sh": 'CLASS=${CLASS:-gevent}\ncase "$1" in\n  web) exec gunicorn -k $CLASS app:app ;;\nesac\n'},
        [(GUNICORN, ".", "run.sh:3")],
    ),
    "options that are not known": (
        {"run.sh": "gunicorn -w $((2 * $(nproc) + 1)) -b $BIND -k gevent --preload $MORE app:app\n"},
        [("gunicorn -k gevent --preload app:app", ".", "run.sh:1")],
    ),
    "numbers that are not known": (
        {"Procfile": "web: gunicorn -b :$PORT -w ${WEB_CONCURRENCY:-4} --threads $GUNICORN_THREADS app:app\n"},
        [("gunicorn -b :8000 -w 4 --threads 2 app:app", ".", "Procfile:1")],
    ),
}


@pytest.mark.parametrize(("files", "expected"), FILES.values(), ids=FILES)
def test_commands_are_found(tmp_path: Path, files: Mapping[str, str], expected: list[tuple[str, str, str]]) -> None:
    assert found(tmp_path, files) == expected


def test_what_cannot_be_known_is_told(tmp_path: Path) -> None:
    assert found(tmp_path, {"Procfile": "web: gunicorn $APP\nother: gunicorn 'x\n"}) == []
    assert "Procfile:1: $APP is not known: give the command in the setting `entrypoints`" in remarks(tmp_path)
    assert "Procfile:2: a command that cannot be split into words" in remarks(tmp_path)


@pytest.mark.parametrize(
    ("name", "text"), [("compose.yml", "services: [\n"), ("compose.yaml", "a: &b *c\n"), ("Procfile", "\udcff")]
)
def test_broken_files_are_one_line(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_bytes(text.encode("utf-8", "surrogateescape"))
    problems = discover([], [], DEFAULTS, str(tmp_path)).problems
    assert any(name in str(problem) for problem in problems)
    assert all("\n" not in str(problem) for problem in problems)


def test_variables_of_the_program_come_along(tmp_path: Path) -> None:
    text = "FROM x\nWORKDIR /srv\nENV PYTHONPATH=/srv/src:$PYTHONPATH MODE=green OTHER=$X\nCMD gunicorn app:app\n"
    (tmp_path / "Dockerfile").write_text(text)
    (one,) = discover([], [], DEFAULTS, str(tmp_path)).entrypoints
    assert dict(one.environ) == {"PYTHONPATH": "src", "MODE": "green"}


def test_a_command_of_something_else_is_not_a_launch_command(tmp_path: Path) -> None:
    files = {"Procfile": "web: node server.js\njob: python -m http.server\n", "build.sh": "pip install gunicorn\n"}
    assert found(tmp_path, files) == []


@pytest.mark.parametrize(
    "argv",
    [
        ("bash", "-c", "cd . && exec gunicorn -k gevent app:app"),
        ("sh", "-ec", "gunicorn -k gevent app:app"),
        ("bash", "start.sh"),
        ("./start.sh",),
    ],
)
def test_a_shell_is_looked_into(tmp_path, argv):
    (tmp_path / "start.sh").write_text("#!/bin/sh\nexec gunicorn -k gevent app:app\n", "utf-8")
    (found,) = discover((), argv, DEFAULTS, str(tmp_path)).entrypoints
    assert (found.argv, found.found) == (("gunicorn", "-k", "gevent", "app:app"), False)


def test_a_shell_that_starts_nothing_is_the_command(tmp_path):
    (found,) = discover((), ("bash", "-c", "true"), DEFAULTS, str(tmp_path)).entrypoints
    assert found.argv == ("bash", "-c", "true")


KNOWN_NOW = {
    "a service beside a broken one": (
        {
            "compose.yml": "services:\n  bad:\n    command: [gunicorn\n    ports: {\n  web:\n    build: .\n"
            f"    command: {GUNICORN}\n  beat:\n    command: celery -A app beat\n"
        },
        [(GUNICORN, ".", "compose.yml:7"), ("celery -A app beat", ".", "compose.yml:9")],
    ),
    "merged and extended services": (
        {
            "compose.yml": "x-base: &base\n  build: ./web\n  environment: {CLASS: gevent}\nservices:\n  web:\n"
            "    <<: *base\n    command: gunicorn -k $$CLASS app:app\n  more:\n    extends: {service: web}\n"
            "    build: ./more\n"
        },
        [(GUNICORN, "web", "compose.yml:7"), (GUNICORN, "more", "compose.yml:7")],
    ),
    "an entrypoint before the command": (
        {"compose.yml": "services:\n  a:\n    entrypoint: [gunicorn]\n    command: [-k, gevent, 'app:app']\n"},
        [(GUNICORN, ".", "compose.yml:4")],
    ),
    "an entrypoint alone": (
        {"compose.yml": f"services:\n  a:\n    entrypoint: {GUNICORN}\n"},
        [(GUNICORN, ".", "compose.yml:3")],
    ),
    "variables of a file": (
        {"compose.yml": "services:\n  a:\n    env_file: [web.env, no.env]\n    command: gunicorn -k $CLASS app:app\n",
         "web.env": "# which\nexport CLASS='gevent'\n"},
        [(GUNICORN, ".", "compose.yml:4")],
    ),
    "another name of a Dockerfile": (
        {"web.Dockerfile": f"FROM x\nCMD {GUNICORN}\n", "Dockerfile-beat": "FROM x\nCMD celery -A app beat\n"},
        [("celery -A app beat", ".", "Dockerfile-beat:2"), (GUNICORN, ".", "web.Dockerfile:2")],
    ),
    "what was meant to be the exec form": (
        {"Dockerfile": "FROM x\nCMD ['gunicorn', '-k', 'gevent', 'app:app']\n"},
        [(GUNICORN, ".", "Dockerfile:2")],
    ),
    "words without quotes": (
        {"Dockerfile": "FROM x\nCMD [gunicorn, -k, gevent, app:app]\n"},
        [(GUNICORN, ".", "Dockerfile:2")],
    ),
    "specifiers of a unit": (
        {"web@prod.service": "[Service]\nEnvironmentFile=-/etc/web.env\nExecStart=/bin/gunicorn -k $CLASS %p:app\n",
         "web.env": "CLASS=gevent\n"},
        [("/bin/gunicorn -k gevent web:app", ".", "web@prod.service:3")],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("files", "expected"), KNOWN_NOW.values(), ids=KNOWN_NOW)
def test_what_can_be_known_is_used(tmp_path, files, expected):
    assert found(tmp_path, files) == expected


TOLD = {
    "a script that is not there": (
        {"Procfile": "web: python -u missing.py --now\nother: python -m json.tool x.py\n"},
        "Procfile:1: missing.py is started here, and is not in ",
    ),
    "a program of a folder that is not known": (
        {"supervisord.conf": "[program:x]\ncommand=python %(ENV_HOME)s/run.py\n"},
        "supervisord.conf:2: ${HOME}/run.py is not known",
    ),
    "a specifier": (
        {"web@.service": "[Service]\nExecStart=gunicorn -b %i app:app\n"},
        "web@.service:2: ${systemd_i} is not known",
    ),
}


@pytest.mark.parametrize(("files", "expected"), TOLD.values(), ids=TOLD)
def test_what_is_not_here_is_told(tmp_path, files, expected):
    found(tmp_path, files)
    (remark,) = remarks(tmp_path)
    assert remark.startswith(expected)


@pytest.mark.parametrize(
    "form", ["['gunicorn', 'app:app']", '["gunicorn", "app:app"', "[", "['gunicorn' 'app:app'", "[gunicorn, app:app]"]
)
def test_an_exec_form_that_is_no_json(tmp_path, form):
    (tmp_path / "Dockerfile").write_text(f"FROM x\nCMD {form}\n")
    (problem,) = discover([], [], DEFAULTS, str(tmp_path)).problems
    assert str(problem).startswith(f"{tmp_path}/Dockerfile:2: is no JSON, so that Docker takes it for a line of shell")


def test_a_header_that_is_none_loses_nothing_else(tmp_path):
    text = f"[program:a]\ncommand={GUNICORN}\n[program\ncommand=gunicorn b:b\n[program:c]\ncommand=gunicorn c:c\n"
    assert found(tmp_path, {"supervisord.conf": text}) == [
        (GUNICORN, ".", "supervisord.conf:2"),
        ("gunicorn c:c", ".", "supervisord.conf:6"),
    ]
    (problem,) = discover([], [], DEFAULTS, str(tmp_path)).problems
    assert str(problem) == f"{tmp_path}/supervisord.conf:3: '[program' is no header of a section: end it with ]"
