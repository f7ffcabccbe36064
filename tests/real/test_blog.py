"""The programs of the blog post, run for real, with patchlint's verdict held against what they did."""

from __future__ import annotations

import re
import shutil

import pytest

TODAY = ("gevent", "gunicorn", "packaging", "requests", "flask", "apscheduler")
# gunicorn's gevent worker needs packaging, which only its extra asks for. gevent 1.4.0 was built against
# greenlet 0.4.15; with 0.4.17 it starts and warns, and the workers then end in a segmentation fault.
YEAR_2019 = (
    *("gevent==1.4.0", "greenlet==0.4.16", "gunicorn==19.9.0", "setuptools<60"),
    *("requests==2.21.0", "urllib3==1.24.1", "idna==2.8", "chardet==3.0.4", "certifi"),
    *("flask==1.0.2", "werkzeug==0.14.1", "jinja2==2.10", "markupsafe==1.1.0", "itsdangerous==1.1.0", "click==7.0"),
)
COMMAND = ("python", "run.py")
WORKERS = 2

pytestmark = pytest.mark.real


def loud(verdict):
    """Code, file and line of each finding above note."""
    return {(f["code"], *verdict.place(f["location"])) for f in verdict.findings if f["severity"] != "note"}


class TestTheFirstProgram:
    """Master: import requests. Workers: patch."""

    def test_run(self, env, run, fixtures_folder):
        seen = run(env(TODAY), fixtures_folder / "blog", COMMAND, requests=["/", "/fetch"])
        assert seen.stale_ssl == {"urllib3.util.ssl_", "urllib3.util"}
        assert "RecursionError" in seen.errors
        assert (seen.answers["/"][0], seen.answers["/fetch"][0]) == (200, 500)

    @pytest.mark.parametrize("argument", ["run.py", "."])
    def test_prediction(self, env, run, check, fixtures_folder, argument):
        folder = fixtures_folder / "blog"
        self.agree(run(env(TODAY), folder, COMMAND, requests=["/"]), check(env(TODAY), folder, argument))

    def test_run_with_the_versions_of_2019(self, env, run, python37, fixtures_folder):
        seen = run(env(YEAR_2019, python37), fixtures_folder / "blog", COMMAND, requests=["/", "/fetch"])
        assert seen.stale_ssl == {"urllib3.util.ssl_", "urllib3.util"}
        assert "RecursionError" in seen.errors
        assert (seen.answers["/"][0], seen.answers["/fetch"][0]) == (200, 500)

    def test_prediction_with_the_versions_of_2019(self, env, run, check, python37, fixtures_folder):
        folder = fixtures_folder / "blog"
        python = env(YEAR_2019, python37)
        self.agree(run(python, folder, COMMAND, requests=["/"]), check(python, folder, "run.py"))

    @staticmethod
    def agree(seen, verdict):
        assert verdict.status == 1
        assert ("PAT101", "app.py", 1) in loud(verdict)
        assert verdict.stale("ssl.SSLContext") == seen.stale_ssl
        assert verdict.stale("ssl.SSLContext", "subclass") == seen.stale_subclasses
        (finding,) = [f for f in verdict.findings if verdict.place(f["location"]) == ("app.py", 1)]
        assert finding["patch"]["path"].endswith("gunicorn/workers/ggevent.py")
        warned = re.search(r"ggevent\.py:(\d+): MonkeyPatchWarning", seen.errors)
        assert warned is not None
        assert finding["patch"]["line"] == int(warned[1])
        files = [verdict.place(link)[0] for link in finding["chain"] if link["path"]]
        assert files[0] == "run.py"
        assert "app.py" in files
        assert any(file.endswith("requests/__init__.py") for file in files)


class TestPatchedFirstWithAScheduler:
    def test_patching_all_of_the_master_is_rejected(self, env, check, fixtures_folder, tmp_path):
        folder = shutil.copytree(fixtures_folder / "blog-scheduler", tmp_path / "blog")
        text = (folder / "run.py").read_text()
        (folder / "run.py").write_text(text.replace("from gevent import monkey\n\nmonkey.patch_all()\n\n", ""))
        stale = [f for f in check(env(TODAY), folder, "run.py", "--proposals").findings if f["code"] == "PAT101"]
        (whole,) = [one for one in stale[0]["proposals"] if "patch_all" in one["title"]]
        assert not whole["proved"]
        assert any("each job runs 3 times" in cause and "PAT301" in cause for cause in whole["causes"])
        (told,) = [told for told in whole["story"] if "each job 3 times" in told]
        assert told == f"`monkey.patch_all()` here would make {folder}/app.py:18 run each job 3 times (PAT301)"

    def test_run(self, env, run, fixtures_folder):
        seen = run(env(TODAY), fixtures_folder / "blog-scheduler", COMMAND, requests=["/fetch"], seconds=3.5)
        assert seen.stale_ssl == set()
        assert seen.answers["/fetch"] == (200, "200\n")
        assert len(seen.job_processes) == WORKERS + 1

    def test_prediction(self, env, check, fixtures_folder):
        verdict = check(env(TODAY), fixtures_folder / "blog-scheduler", "run.py")
        assert loud(verdict) == {("PAT301", "app.py", 18)}
        (finding,) = [f for f in verdict.findings if f["code"] == "PAT301"]
        assert finding["severity"] == "error"
        assert f"{WORKERS + 1} times" in finding["message"]


class TestAProcessBeforeTheFork:
    ASSERTION = "can only join a child process"
    """Only this: the workers write at the same time, into each other's lines."""

    def test_run(self, env, run, fixtures_folder):
        seen = run(env(TODAY), fixtures_folder / "blog-process", COMMAND, requests=["/fetch"], seconds=2)
        assert seen.errors.count(self.ASSERTION) == 2 * WORKERS  # the traceback quotes the line, too
        assert len(seen.job_processes) == 1

    @pytest.mark.parametrize("program", ["run.py", "gunicorn_main.py"])
    def test_run_with_a_remedy(self, env, run, fixtures_folder, program):
        folder = fixtures_folder / "blog-process-forgotten"
        command = ("python", program)
        seen = run(env(TODAY), folder, command, requests=["/fetch"], seconds=2)
        assert self.ASSERTION not in seen.errors
        assert "Traceback" not in seen.errors
        assert len(seen.job_processes) == 1

    def test_prediction(self, env, check, fixtures_folder):
        verdict = check(env(TODAY), fixtures_folder / "blog-process", "run.py")
        assert loud(verdict) == {("PAT305", "app.py", 21)}

    @pytest.mark.parametrize("program", ["run.py", "gunicorn_main.py"])
    def test_prediction_with_a_remedy(self, env, check, fixtures_folder, program):
        assert loud(check(env(TODAY), fixtures_folder / "blog-process-forgotten", program)) == set()


class TestOnlyTlsIsPatchedInTheMaster:
    def test_run(self, env, run, fixtures_folder):
        seen = run(env(TODAY), fixtures_folder / "blog-patch-ssl", COMMAND, requests=["/fetch"], seconds=3.5)
        assert seen.stale_ssl == set()
        assert seen.answers["/fetch"] == (200, "200\n")
        assert len(seen.job_processes) == 1

    def test_prediction(self, env, check, fixtures_folder):
        verdict = check(env(TODAY), fixtures_folder / "blog-patch-ssl", "run.py")
        assert {f["severity"] for f in verdict.findings} == {"warning", "note"}
        assert ("PAT301", "app.py", 18) in loud(verdict)
        assert ("PAT202", "note") in {(f["code"], f["severity"]) for f in verdict.findings}
        assert "queue.LifoQueue" in {row["origin"] for f in verdict.findings for row in f["stale"]}
