"""`trax serve` as people start it, with real models."""

import os
import shutil
import subprocess
import sys

import httpx
import pytest
import soundfile
from openai import OpenAI

from trax.errors import InvalidOption
from trax.service.opening import Plan, is_elsewhere, open_service
from trax.settings import load_settings
from trax.testing.waiting import wait_until


@pytest.fixture
def started(home, tmp_path_factory):
    """Starts the command, and gives its address; a socket's path may not be long."""
    sockets = str(tmp_path_factory.mktemp("e"))
    processes = []

    def start(*arguments: str) -> str:
        command = [sys.executable, "-m", "trax.cli", "serve", "--port", "0", *arguments]
        environment = {**os.environ, "COLUMNS": "200", "TRAX_ENGINES_DIR": sockets}
        process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
        processes.append(process)
        for line in process.stderr:
            if "answers on " in line:
                return line.split("answers on ")[1].split(";")[0]
        raise AssertionError("it does not start")

    yield start
    for process in processes:
        process.terminate()
        assert process.wait(timeout=60) == 0


@pytest.mark.real
@pytest.mark.server
def test_a_recording_is_transcribed_by_models_that_stay_loaded(started, sample, tmp_path):
    """By OpenAI's client, with speakers; the engine ends with the service."""
    samples, rate = soundfile.read(sample)
    soundfile.write(tmp_path / "clip.wav", samples[: 16 * rate], rate)
    url = started()
    wait_until(lambda: httpx.get(f"{url}/readyz", timeout=60).status_code == 200)
    with OpenAI(base_url=f"{url}/v1", api_key="-") as client:
        told = client.audio.transcriptions.create(
            file=tmp_path / "clip.wav", model="fast", response_format="diarized_json"
        )
    assert "further investigation" in told.text
    assert len({segment.speaker for segment in told.segments}) == 2
    (job,) = httpx.get(f"{url}/v1/jobs").json()["items"]
    assert (job["status"], job["transcript"]["version"]) == ("completed", 1)


def test_a_unit_of_systemd_starts_the_same(trax):
    """With the options that were given."""
    unit = trax("serve", "--install", "--port", "9000", "--jobs", "4", "--drain", "60").stdout
    assert "--port 9000" in unit
    assert "--jobs 4" in unit
    assert "TimeoutStopSec=120" in unit


def test_the_unit_is_one_that_systemd_takes(trax, tmp_path, monkeypatch):
    """Whatever the data folder is called."""
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not installed (Debian: systemd)")
    home = tmp_path / 'a 100% "plain" folder'
    monkeypatch.setenv("TRAX_HOME", str(home))
    unit = tmp_path / "trax.service"
    unit.write_text(trax("serve", "--install").stdout)
    run = tmp_path / "run"
    run.mkdir()
    checked = subprocess.run(
        [analyze, "verify", "--user", "--man=no", unit],
        env={**os.environ, "XDG_RUNTIME_DIR": str(run)},
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0
    assert unit.name not in checked.stderr  # of other units it may say something


def test_others_than_this_machine_need_a_token(trax, home, monkeypatch):
    """It does not start without."""
    refused = trax("serve", "--host", "0.0.0.0")
    assert (refused.exit_code, "needs a token" in refused.stderr) == (2, True)
    with pytest.raises(InvalidOption):
        open_service(load_settings(), Plan(host="0.0.0.0"))
    monkeypatch.setenv("TRAX_SERVICE_TOKEN", "secret")
    assert not open_service(load_settings(), Plan(host="0.0.0.0")).access.is_open()


@pytest.mark.parametrize(
    ("workers", "runner", "elsewhere"),
    [
        ("auto", "auto", True),
        ("auto", "local", False),
        ("local", "auto", False),
        ("prefect", "local", True),
    ],
)
def test_jobs_go_to_prefect_where_a_server_is_named(home, monkeypatch, workers, runner, elsewhere):
    """Unless somebody says otherwise."""
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:1/api")
    monkeypatch.setenv("TRAX_RUNNER", runner)
    plan = Plan(host="127.0.0.1", workers=workers)
    assert is_elsewhere(load_settings(), plan) is elsewhere
