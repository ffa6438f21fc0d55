"""The tests' own rules: what the quick loop leaves out."""

import subprocess
import sys
from pathlib import Path

import pytest
from suite import NoPrefect

ROOT = Path(__file__).resolve().parents[1]


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
