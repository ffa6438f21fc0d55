"""Passwords and tokens are nowhere but where they were put."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import soundfile
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import make_url

from trax.compose import open_database
from trax.errors import InvalidOption
from trax.settings import load_settings
from trax.store import Database, FolderStore
from trax.store.s3 import S3Store

PASSWORD, TOKEN = "geheim-password-19c4", "hf_geheim_token_77aa"
KEY = "sk-planted-language-model"


@pytest.fixture
def planted(home, s3_server, postgres, tmp_path, models_folder):
    """An environment whose every secret can be told apart, with real servers that want them."""
    url = (
        make_url(postgres.new_database())
        .set(password=PASSWORD)
        .render_as_string(hide_password=False)
    )
    Database(url).upgrade()
    config = s3_server.config()
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("TRAX_", "PREFECT_"))
    }
    environment = kept | {
        "HOME": str(tmp_path / "user"),
        "TRAX_HOME": str(tmp_path / "trax"),
        "TRAX_MODELS_DIR": str(models_folder),
        "TRAX_OFFLINE": "1",
        "TRAX_RUNNER": "prefect",
        "TRAX_DEBUG": "1",
        "TRAX_DATABASE_URL": url,
        "TRAX_S3_ENDPOINT": config.endpoint,
        "TRAX_S3_BUCKET": config.bucket,
        "TRAX_S3_ACCESS_KEY": config.access_key.get_secret_value(),
        "TRAX_S3_SECRET_KEY": config.secret_key.get_secret_value(),
        "HF_TOKEN": TOKEN,
        "PREFECT_LOGGING_LEVEL": "DEBUG",
    }
    return environment, url, config


def trax(environment, folder: Path, *arguments: object) -> str:
    """Everything that the command says."""
    done = subprocess.run(
        [Path(sys.executable).with_name("trax"), *map(str, arguments)],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return done.stdout + done.stderr


def everything_kept(folder: Path, url: str, config) -> dict[str, bytes]:
    """Every file, every row, every object: Prefect's own database and logs are among the files."""
    found = {
        str(path): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix not in (".bin",)
    }
    engine = create_engine(url)
    with engine.connect() as connection:
        for table in inspect(connection).get_table_names():
            found[table] = repr(connection.execute(text(f'select * from "{table}"')).all()).encode()
    engine.dispose()
    store = S3Store(config, FolderStore(folder / "other"))
    found.update({each.key: store.read(each.key) or b"" for each in store.list()})
    return found


@pytest.mark.real
@pytest.mark.prefect
def test_no_secret_is_written_anywhere(planted, chat_server, sample, tmp_path):
    """A good run, bad input, a database that is away, a language model: logs, artifacts, rows,
    objects, files.
    """
    environment, url, config = planted
    environment |= {
        "TRAX_LLM_BASE_URL": chat_server.url,
        "TRAX_LLM_MODEL": "fix-after-1-500",
        "TRAX_LLM_API_KEY": KEY,
    }
    samples, rate = soundfile.read(sample, stop=16_000 * 30)
    soundfile.write(tmp_path / "clip.wav", samples, rate)
    (tmp_path / "bad.wav").write_bytes(b"no sound" * 100)
    said = [trax(environment, tmp_path, "transcribe", "clip.wav", "--model", "tiny.en")]
    assert "transcripts/clip.txt" in said[0], said[0]
    said.append(trax(environment, tmp_path, "transcribe", "bad.wav"))
    assert "cannot read audio" in said[1]
    away = environment | {"TRAX_DATABASE_URL": f"postgresql://trax:{PASSWORD}@127.0.0.1:1/trax"}
    said.append(trax(away, tmp_path, "jobs"))
    assert "does not answer" in said[2]
    said += [
        trax(environment, tmp_path, *arguments.split())
        for arguments in ("jobs --failed --json", "db log", "doctor")
    ]
    assert {each["key"] for each in chat_server.log()} == {f"Bearer {KEY}"}
    kept = everything_kept(tmp_path, url, config)
    assert any(name.endswith("prefect.db") for name in kept)
    assert "jobs" in kept
    assert b"bad.wav" in kept["jobs"]
    for secret in (PASSWORD, TOKEN, KEY, config.secret_key.get_secret_value()):
        assert [name for name, data in kept.items() if secret.encode() in data] == []
        assert [text for text in said if secret in text] == []


class TestSources:
    def test_secrets_may_be_files(self, home, tmp_path, monkeypatch):
        """As Docker and Kubernetes mount them."""
        folder = tmp_path / "secrets"
        folder.mkdir()
        (folder / "trax_s3_secret_key").write_text("from a file\n")
        monkeypatch.setenv("TRAX_SECRETS_DIR", str(folder))
        assert load_settings().s3.secret_key.get_secret_value() == "from a file"

    def test_the_environment_wins(self, home, tmp_path, monkeypatch):
        """Over a file."""
        (tmp_path / "trax_s3_secret_key").write_text("file")
        monkeypatch.setenv("TRAX_SECRETS_DIR", str(tmp_path))
        monkeypatch.setenv("TRAX_S3_SECRET_KEY", "environment")
        assert load_settings().s3.secret_key.get_secret_value() == "environment"

    def test_a_folder_that_is_not_there_is_said(self, home, tmp_path, monkeypatch):
        """A secret that is silently missing is found too late."""
        monkeypatch.setenv("TRAX_SECRETS_DIR", str(tmp_path / "nowhere"))
        with pytest.raises(InvalidOption, match="TRAX_SECRETS_DIR"):
            load_settings()

    def test_settings_do_not_show_them(self, home, monkeypatch):
        """Not in a representation, not in an error."""
        monkeypatch.setenv("TRAX_DATABASE_URL", f"postgresql://trax:{PASSWORD}@db/trax")
        monkeypatch.setenv("TRAX_S3_SECRET_KEY", PASSWORD)
        monkeypatch.setenv("HF_TOKEN", TOKEN)
        shown = (
            repr(load_settings())
            + repr(open_database(load_settings()))
            + str(load_settings().model_dump())
        )
        assert PASSWORD not in shown
        assert TOKEN not in shown
