"""The tests' own rules: what the quick loop leaves out."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from suite import NoPrefect

from trax.store import Database

ROOT = Path(__file__).resolve().parents[1]
NOTES_ITS_PROCESS = """
import os, pathlib, pytest

@pytest.mark.parametrize("at", range(4))
def test_it(at):
    with pathlib.Path(__file__).with_suffix(".processes").open("a") as file:
        print(os.getpid(), file=file)
"""


@pytest.mark.slow
def test_the_quick_loop_imports_no_prefect():
    """Every quick test is found in a process that cannot import it."""
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "--quick",
            "--collect-only",
            "-q",
            "-p",
            "no:cacheprovider",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "tests/test_transcript.py" in done.stdout
    assert "tests/test_flow.py" not in done.stdout


def test_a_quick_test_that_imports_prefect_fails():
    """With what to do; any other import goes its way."""
    with pytest.raises(pytest.fail.Exception, match="mark the test `prefect`"):
        NoPrefect().find_spec("prefect.client")
    assert NoPrefect().find_spec("prefects") is None


@pytest.mark.slow
def test_a_file_s_tests_run_in_one_process(tmp_path):
    """What its fixtures start is started once, however many processes there are."""
    files = [tmp_path / f"test_{name}.py" for name in "abc"]
    for file in files:
        file.write_text(NOTES_ITS_PROCESS)
    plugins = ("-p", "xdist", "-p", "suite")
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *plugins, "-n2", "--dist", "loadscope", tmp_path],
        env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(ROOT / "tests")},
        cwd=tmp_path,
        check=True,
    )
    for file in files:
        processes = file.with_suffix(".processes").read_text().split()
        assert (len(processes), len(set(processes))) == (4, 1)


def test_tables_made_at_once_are_those_of_the_migrations(tmp_path):
    """Or tests would prove another schema."""

    def made(name, upgrade):
        database = Database(f"sqlite:///{tmp_path / name}")
        upgrade(database)
        database.close()
        with closing(sqlite3.connect(tmp_path / name)) as connection:
            tables = connection.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
            revision = connection.execute("SELECT * FROM trax_schema").fetchall()
            log = connection.execute("SELECT action, subject, details FROM audit_log").fetchall()
        return sorted(tables, key=lambda row: row[:2]), revision, log

    assert made("quick.db", Database._upgrade_file) == made("plain.db", Database.upgrade)
