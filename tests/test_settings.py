"""Settings, and what is built from them."""

import subprocess
import sys

import ctranslate2
import pytest
from pydantic import SecretStr

from trax.asr import RecognitionOptions
from trax.compose import build_workspace, open_transcripts, process_workspace
from trax.diarization import DiarizationOptions
from trax.engines import diarization_model, recognition_model
from trax.errors import InvalidOption, ModelUnavailable
from trax.hardware import available_memory, available_processors
from trax.settings import Settings, load_settings, variables


def test_every_setting_is_explained():
    """The reference in the docs is made of these."""
    assert all(field.description for field in variables().values())


def test_everything_lives_under_home(home):
    """One folder to back up or delete."""
    settings = load_settings()
    assert settings.home == home
    workspace = build_workspace(settings)
    ref = workspace.objects.put_bytes("a", b"")
    assert workspace.objects.local_path(ref).is_relative_to(home)
    open_transcripts(settings).summaries()
    assert (home / "trax.db").exists()


def shown(settings: Settings, variable: str) -> object:
    """What a variable set: a field, or a field of a group."""
    name = variable.removeprefix("TRAX_").lower()
    group, _, inner = name.partition("_")
    found = getattr(settings, name, None)
    if not hasattr(settings, name):
        found = getattr(getattr(settings, group), inner)
    return found.get_secret_value() if isinstance(found, SecretStr) else found


@pytest.mark.parametrize("source", ["environment", "files"])
def test_servers_are_set_by_flat_variables(home, monkeypatch, tmp_path, source):
    """By the names they always had, in the environment and as files of secrets."""
    values = {
        "TRAX_DATABASE_URL": "postgresql://trax@db/trax?sslmode=require",
        "TRAX_DATABASE_BLOCK": "main",
        "TRAX_S3_ENDPOINT": "http://minio:9000",
        "TRAX_S3_BUCKET": "12345",
        "TRAX_S3_ACCESS_KEY": "account",
        "TRAX_S3_SECRET_KEY": '{"a": 1}',
        "TRAX_S3_REGION": "null",
        "TRAX_S3_ENCRYPTION": "sse-s3",
        "TRAX_S3_LINK_SECONDS": "60",
        "TRAX_CACHE_BYTES": "1000",
        "TRAX_KEEP_AUDIO_DAYS": "3",
        "TRAX_KEEP_CHECKPOINT_DAYS": "4",
        "TRAX_LLM_PROVIDER": "vllm",
        "TRAX_LLM_BASE_URL": "http://vllm:8000/v1",
        "TRAX_LLM_MODEL": "qwen",
        "TRAX_LLM_API_KEY": "987",
        "TRAX_LLM_BLOCK": "chat",
        "TRAX_LLM_TIMEOUT": "1.5",
        "TRAX_LLM_RETRIES": "2",
        "TRAX_LLM_CONCURRENCY": "3",
        "TRAX_LLM_PRICE_PROMPT": "0.5",
        "TRAX_LLM_PRICE_CACHED": "0.25",
        "TRAX_LLM_PRICE_COMPLETION": "2.5",
        "TRAX_LLM_BUDGET_JOB": "7.5",
        "TRAX_LLM_BUDGET_DAY": "8.5",
    }
    for name, value in values.items():
        if source == "environment":
            monkeypatch.setenv(name, value)
        else:
            (tmp_path / name.lower()).write_text(f"{value}\n")
    if source == "files":
        monkeypatch.setenv("TRAX_SECRETS_DIR", str(tmp_path))
    settings = load_settings()
    assert {name: str(shown(settings, name)) for name in values} == values


def test_other_files_beside_secrets_are_left_alone(home, monkeypatch, tmp_path):
    """Whatever is mounted there: folders, keys, certificates."""
    (tmp_path / "kubernetes.io").mkdir()
    (tmp_path / "keystore.p12").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "trax_s3_bucket").write_text("recordings")
    monkeypatch.setenv("TRAX_SECRETS_DIR", str(tmp_path))
    assert load_settings().s3.bucket == "recordings"


def test_settings_are_read_without_engines_and_stores():
    """Every process of Prefect's and every command reads them."""
    program = (
        "import sys, trax.settings; print(*({'torch', 'ctranslate2', 'prefect', 'av', 'numpy', "
        "'sqlalchemy', 'minio', 'openai'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout == "\n", done.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TRAX_MAX_BYTES", "-1"),
        ("TRAX_S3_LINK_SECONDS", "0"),
        ("TRAX_LLM_RETRIES", "many"),
        ("TRAX_DEVICE", "tpu"),
        ("TRAX_MAX_DURATION", "long"),
        ("TRAX_RUNNER", "x"),
    ],
)
def test_a_wrong_value_names_its_variable(home, monkeypatch, name, value):
    """One sentence, exit code 2."""
    monkeypatch.setenv(name, value)
    with pytest.raises(InvalidOption, match=name):
        load_settings()


@pytest.mark.parametrize("name", ["HF_TOKEN", "HUGGINGFACE_TOKEN", "TRAX_HUGGINGFACE_TOKEN"])
def test_the_token_is_taken_from_its_usual_places_and_never_shown(home, monkeypatch, name):
    """Not by printing settings, either."""
    monkeypatch.setenv(name, "hf_secret")
    settings = load_settings()
    assert settings.huggingface_token.get_secret_value() == "hf_secret"
    assert "hf_secret" not in repr(settings)


def test_without_a_gpu_the_processor_is_taken(home, monkeypatch):
    """int8 on all cores."""
    monkeypatch.setattr(ctranslate2, "get_cuda_device_count", lambda: 0)
    settings = load_settings()
    assert (settings.chosen_device, settings.chosen_compute_type) == ("cpu", "int8")
    assert settings.chosen_threads == available_processors()


@pytest.mark.parametrize(
    ("able", "chosen"),
    [
        ({"float16", "int8_float16", "int8"}, "float16"),
        ({"int8_float16", "int8"}, "int8_float16"),
        (set(), "default"),
    ],
)
def test_with_a_gpu_the_best_arithmetic_is_taken(home, monkeypatch, able, chosen):
    """float16 where the device can."""
    monkeypatch.setattr(ctranslate2, "get_cuda_device_count", lambda: 1)
    monkeypatch.setattr(ctranslate2, "get_supported_compute_types", lambda device: able)
    settings = load_settings()
    assert (settings.chosen_device, settings.chosen_compute_type) == ("cuda", chosen)


def test_device_arithmetic_and_threads_can_be_set(home, monkeypatch):
    """The user knows better."""
    for name, value in (("DEVICE", "cpu"), ("COMPUTE_TYPE", "float32"), ("THREADS", "3")):
        monkeypatch.setenv(f"TRAX_{name}", value)
    settings = load_settings()
    assert (settings.chosen_device, settings.chosen_compute_type, settings.chosen_threads) == (
        "cpu",
        "float32",
        3,
    )


def test_offline_the_packaged_models_are_the_default(home, monkeypatch, tmp_path):
    """And what they are is said by their name and origin."""
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub"))
    settings = load_settings()
    assert recognition_model(settings, "auto").name in ("small", "base")
    assert diarization_model(settings, "auto").name == "packaged"


def test_a_model_is_loaded_once_for_all_plans(home):
    """So that it stays loaded between jobs."""
    engines = process_workspace().engines
    fast = engines.recogniser(RecognitionOptions(plan="fast"))
    own = engines.recogniser(RecognitionOptions(model="tiny.en"))
    assert fast._english[0].decoder is own._english[0].decoder
    assert engines.diarizer(DiarizationOptions()) is engines.diarizer(
        DiarizationOptions(speakers=2)
    )


def test_fingerprints_are_known_without_loading_a_model(home):
    """A second run must not load anything."""
    engines = process_workspace().engines
    recogniser = engines.recogniser(RecognitionOptions(plan="balanced"))
    assert "base@" in recogniser.fingerprint
    assert "tiny.en@" in recogniser.fingerprint
    assert "cpu-int8" in recogniser.fingerprint
    assert engines.manager.loaded == ()
    diarizer = engines.diarizer(DiarizationOptions())
    assert "packaged@" in diarizer.fingerprint
    assert engines.manager.loads == {}


def test_a_plan_takes_models_that_know_the_language(home, monkeypatch, tmp_path):
    """The small English one is of no use for German; where one model is left, it reads once."""
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub"))
    engines = process_workspace().engines
    english, german = (
        engines.recogniser(RecognitionOptions(plan="balanced", language=code))
        for code in ("en", "de")
    )
    assert ["tiny.en" in each.decoder.fingerprint for each in english._english] == [
        True,
        False,
        False,
    ]
    assert not english._others
    assert all("base" in each.decoder.fingerprint for each in german._others)
    assert [each.settings.reads.value for each in german._others] == ["all", "uncovered"]


def test_a_plan_without_a_model_says_what_to_install(home, monkeypatch, tmp_path):
    """One sentence, before any work."""
    monkeypatch.setattr("trax.models.finder.find_spec", lambda _name: None)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub"))
    with pytest.raises(ModelUnavailable, match="install the packages"):
        process_workspace().engines.recogniser(RecognitionOptions())


def test_models_have_half_the_memory_unless_told(home, monkeypatch):
    """In gigabytes."""
    assert 0 < load_settings().chosen_model_memory <= available_memory() // 2
    monkeypatch.setenv("TRAX_MODEL_MEMORY_GB", "1.5")
    assert load_settings().chosen_model_memory == 1_500_000_000


def test_the_workspace_is_one_a_process(home):
    """Engines stay warm."""
    assert process_workspace() is process_workspace()
