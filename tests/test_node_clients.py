"""Unmodified clients of Node: tus-js-client and OpenAI's. `npm ci` in tests/node installs them."""

import hashlib
import json
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest

from trax.testing import tone, write_audio

HERE = Path(__file__).parent / "node"
MISSING = shutil.which("node") is None or not (HERE / "node_modules").is_dir()

pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif(MISSING, reason="needs Node, and npm ci in tests/node"),
]


def run(script: str, *arguments: object) -> dict:
    """What a script prints."""
    command = ["node", str(HERE / script), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_tus_js_client_uploads_resumes_and_removes(server, tmp_path):
    """The bytes are the file's, and none that had come were sent again."""
    file = write_audio(tmp_path / "call.wav", tone(6.0))
    told = run("tus.js", f"{server.url}/v1/uploads", file)
    shown = httpx.get(told["url"]).json()
    assert (shown["name"], shown["size_bytes"]) == ("a call.wav", file.stat().st_size)
    assert shown["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert told["from"] >= 100_000
    assert told["gone"] in (404, 410)


def test_openais_client_transcribes_in_every_way(server, tmp_path):
    """Formats, streams, models, errors."""
    file = write_audio(tmp_path / "call.wav", tone(2.0))
    told = run("openai.js", f"{server.url}/v1", file)
    texts = (told["json"]["text"], told["verbose_json"]["text"], told["streamed"])
    assert set(texts) == {"hello there."}
    assert told["text"].strip() == "hello there."
    assert "-->" in told["srt"]
    assert told["vtt"].startswith("WEBVTT")
    assert [word["word"] for word in told["verbose_json"]["words"]] == ["hello", "there."]
    assert {segment["speaker"] for segment in told["diarized_json"]["segments"]}
    assert told["events"][-1] == "transcript.text.done"
    assert {"whisper-1", "balanced"} <= set(told["models"])
    assert told["model"] == "balanced"
    assert "pdf" in told["refused"]
    assert told["missing"] is True
