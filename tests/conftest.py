"""What tests share: homes that vanish, workspaces without models, and models joined once."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Before any library is imported: the environment that the composition root would set.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "8")
os.environ.setdefault("PYANNOTE_METRICS_ENABLED", "0")
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
os.environ.setdefault("DO_NOT_TRACK", "1")
for _name in [name for name in os.environ if name.startswith("TRAX_")]:
    del os.environ[_name]

from trax.pipeline import Workspace
from trax.settings import process_workspace
from trax.store import FolderStore, TranscriptRepository
from trax.testing import ScriptedEngines, tone, write_audio

ROOT = Path(__file__).resolve().parents[1]

settings.register_profile(
    "trax", deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
settings.load_profile("trax")


@pytest.fixture(scope="session")
def models_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where packaged models are joined, once a test run."""
    return tmp_path_factory.mktemp("models")


@pytest.fixture
def home(tmp_path: Path, models_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A Trax home of the test's own, offline, no token, plain Python as runner."""
    folder = tmp_path / "home"
    values = {
        "TRAX_HOME": folder,
        "TRAX_MODELS_DIR": models_folder,
        "TRAX_OFFLINE": "1",
        "TRAX_RUNNER": "local",
        "HF_HUB_OFFLINE": "1",
        "NO_COLOR": "1",
        "COLUMNS": "120",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, str(value))
    for name in ("HF_TOKEN", "HUGGINGFACE_TOKEN", "TRAX_HUGGINGFACE_TOKEN", "TRAX_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    process_workspace.cache_clear()
    yield folder
    process_workspace.cache_clear()


@pytest.fixture
def engines() -> ScriptedEngines:
    """Engines that say what they are told."""
    return ScriptedEngines()


@pytest.fixture
def workspace(tmp_path: Path, engines: ScriptedEngines) -> Workspace:
    """A workspace in a folder, with scripted engines."""
    return Workspace(
        objects=FolderStore(tmp_path / "store"),
        repository=TranscriptRepository(f"sqlite:///{tmp_path / 'trax.db'}"),
        engines=engines,
    )


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """Two seconds of a tone in a wav file."""
    return write_audio(tmp_path / "recording.wav", tone(2.0))


@pytest.fixture(scope="session")
def sample() -> Path:
    """The sample that the project ships: two people in turn, 69 s."""
    return ROOT / "samples" / "conversation.flac"
