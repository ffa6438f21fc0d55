"""Broken files: hundreds of them, in every container; never a traceback, a hang or a crash."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from trax.testing import CONTAINERS, encode, mutants, tone

EACH = 32
"""Mutants of each container: 12 containers make 384 files."""

SECONDS = 240
"""For a whole container's mutants: only a hang takes this long."""


def test_there_are_enough_of_them():
    """The promise is at least three hundred."""
    assert EACH * len(CONTAINERS) >= 300


def test_the_same_seed_gives_the_same_files():
    """A failure can be repeated."""
    data = bytes(range(256)) * 20
    assert list(mutants(data, 16, 7)) == list(mutants(data, 16, 7))
    assert list(mutants(data, 16, 7)) != list(mutants(data, 16, 8))


@pytest.mark.parametrize("suffix", CONTAINERS)
def test_broken_files_are_read_or_refused(suffix, tmp_path):
    """Each is either decoded as far as it goes or refused in one sentence that names it."""
    whole = encode(
        tmp_path / f"whole.{suffix}", tone(2.0), video=suffix in ("mp4", "mkv", "mov")
    ).read_bytes()
    folder = tmp_path / "broken"
    folder.mkdir()
    for number, data in enumerate(mutants(whole, EACH, seed=list(CONTAINERS).index(suffix))):
        (folder / f"{number:03d}.{suffix}").write_bytes(data)
    reader = Path(__file__).with_name("malformed.py")
    done = subprocess.run(
        [sys.executable, str(reader), str(folder)],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "Traceback" not in done.stderr
    verdicts = dict(line.split() for line in done.stdout.splitlines())
    assert len(verdicts) == EACH
    assert set(Counter(verdicts.values())) <= {"ok", "refused"}, verdicts
