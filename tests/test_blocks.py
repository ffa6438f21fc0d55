"""Blocks on a real Prefect server: registered, described, secret, usable."""

import asyncio
import json
import pickle
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from prefect.client.orchestration import get_client
from pydantic import SecretStr

from trax.cli.clean import clean
from trax.cli.edge import tell
from trax.cli.prefect import setup
from trax.compose import open_database, open_objects, open_transcripts
from trax.engines import language_model
from trax.enhance import Question
from trax.errors import MissingRooms, UnknownBlock
from trax.orchestration.blocks import load_block
from trax.orchestration.setup import Choices, set_up
from trax.servers import ChatConfig, S3Config
from trax.settings import load_settings
from trax.store import Database
from trax.store.objects import RetentionPolicy
from trax.testing import transcript

ROOT = Path(__file__).resolve().parents[1]
SECRET = "geheim-7f3a91"

pytestmark = [pytest.mark.prefect, pytest.mark.usefixtures("prefect_server")]


@pytest.fixture
def blocks(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT))
    import blocks

    return blocks


@pytest.fixture
def object_store(blocks, s3_server):
    config = s3_server.config()
    return blocks.ObjectStore(
        endpoint=config.endpoint,
        bucket=config.bucket,
        access_key=config.access_key,
        secret_key=config.secret_key,
    )


def registered() -> dict[str, object]:
    async def ask() -> dict[str, object]:
        async with get_client() as client:
            return {kind.slug: kind for kind in await client.read_block_types()}

    return asyncio.run(ask())


def stored(slug: str, name: str) -> dict[str, object]:
    """A block as the server shows it to whoever does not ask for secrets."""

    async def ask() -> dict[str, object]:
        async with get_client() as client:
            found = await client.read_block_document_by_name(name, slug, include_secrets=False)
            return found.data

    return asyncio.run(ask())


class TestRegistration:
    def test_one_command_registers_them_all(self, blocks, home):
        """Again and again."""
        for _ in range(2):
            made = [
                line.split()[-1]
                for line in set_up(ROOT, home, Choices())
                if line.startswith("kind of block")
            ]
            assert made == ["ObjectStore", "TranscriptDatabase", "LanguageModel"]
        kinds = registered()
        for slug in ("trax-object-store", "trax-transcript-database", "trax-language-model"):
            assert kinds[slug].description
            assert kinds[slug].code_example

    def test_every_field_is_described(self, blocks):
        """A person fills this form in."""
        for kind in blocks.KINDS:
            schema = kind.model_json_schema()
            assert all(field.get("description") for field in schema["properties"].values()), kind

    def test_any_process_of_prefect_knows_them(self, tmp_path):
        """A worker's own, before a flow is imported: by the package's entry point."""
        program = (
            "from prefect.blocks.core import Block\n"
            "print(Block.get_block_class_from_key('trax-object-store').__name__)"
        )
        done = subprocess.run(
            [sys.executable, "-c", program],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stdout == "ObjectStore\n", done.stderr

    def test_where_no_blocks_are_that_is_said(self, tmp_path, home, monkeypatch, capsys):
        """With what to set."""
        for name in [name for name in sys.modules if name.split(".")[0] == "blocks"]:
            monkeypatch.delitem(sys.modules, name)
        monkeypatch.setattr(sys, "path", [path for path in sys.path if path not in (str(ROOT), "")])
        with pytest.raises(MissingRooms) as caught:
            set_up(tmp_path, home, Choices())
        tell(caught.value)
        assert "TRAX_ROOMS" in capsys.readouterr().err

    def test_a_block_that_is_not_there_is_said(self, home, capsys):
        """With the command that registers its kind."""
        with pytest.raises(UnknownBlock) as caught:
            load_block(ROOT, home, "trax-object-store", "nowhere")
        tell(caught.value)
        assert "trax prefect setup" in capsys.readouterr().err


class TestObjectStore:
    def test_it_is_the_store_that_the_settings_name(self, object_store, home, monkeypatch):
        """Saved in the UI, used by a job."""
        object_store.save("main", overwrite=True)
        monkeypatch.setenv("TRAX_OBJECT_STORE_BLOCK", "main")
        monkeypatch.setenv("TRAX_ROOMS", str(ROOT))
        store = open_objects(load_settings())
        assert store.local_path(store.put_bytes("a/b", b"data")).read_bytes() == b"data"

    def test_its_days_count_everywhere(self, object_store, home, monkeypatch):
        """For the store and for the clean-up, whatever the settings say."""
        monkeypatch.setenv("TRAX_KEEP_AUDIO_DAYS", "90")
        monkeypatch.setenv("TRAX_OBJECT_STORE_BLOCK", "days")
        monkeypatch.setenv("TRAX_ROOMS", str(ROOT))
        object_store.keep_audio_days = 5
        object_store.save("days", overwrite=True)
        store = open_objects(load_settings())
        clean(dry_run=False)
        rules = {
            rule.rule_id: rule for rule in store._client.get_bucket_lifecycle(store._bucket).rules
        }
        assert store.retention == RetentionPolicy(audio_days=5, checkpoint_days=30)
        assert rules["trax-recordings"].expiration.days == 5 + 7

    def test_local_copies_are_kept_to_the_size_that_is_set(self, object_store, home, monkeypatch):
        """The disk is this machine's, not the server's."""
        object_store.save("copies", overwrite=True)
        monkeypatch.setenv("TRAX_OBJECT_STORE_BLOCK", "copies")
        monkeypatch.setenv("TRAX_ROOMS", str(ROOT))
        monkeypatch.setenv("TRAX_CACHE_BYTES", "12345")
        assert open_objects(load_settings())._cache_bytes == 12345

    def test_its_keys_are_secret(self, object_store):
        """The server does not show them."""
        object_store.save("secret", overwrite=True)
        shown = json.dumps(stored("trax-object-store", "secret"))
        assert object_store.secret_key.get_secret_value() not in shown
        assert object_store.endpoint in shown

    def test_prefect_keeps_results_in_it(self, object_store):
        """What a task returns is found again."""
        from prefect import flow, task

        object_store.save("results", overwrite=True)

        @task(
            persist_result=True,
            result_storage=object_store,
            cache_key_fn=lambda *_: "key",
            result_serializer="json",
        )
        def work() -> dict[str, int]:
            calls.append(1)
            return {"answer": 42}

        @flow
        def twice() -> list[dict[str, int]]:
            return [work(), work()]

        calls: list[int] = []
        assert twice() == [{"answer": 42}] * 2
        assert calls == [1]
        kept = [found.key for found in object_store.store().list("prefect/")]
        assert kept
        assert b"answer" in object_store.store().read(kept[0])

    def test_it_travels_between_processes(self, object_store):
        """Without its open connection."""
        object_store.store().put_bytes("prefect/x", b"data")
        copy = pickle.loads(pickle.dumps(object_store))
        assert asyncio.run(copy.aread_path("x")) == b"data"


class TestTranscriptDatabase:
    def test_it_is_the_database_that_the_settings_name(
        self, blocks, postgres, postgres_template, home, monkeypatch
    ):
        """With its password secret."""
        from sqlalchemy.engine import make_url

        url = make_url(postgres.new_database(postgres_template))
        block = blocks.TranscriptDatabase(
            host=url.query["host"],
            name=url.database,
            user=url.username,
            password=SecretStr(SECRET),
            tls="disable",
        )
        block.save("main", overwrite=True)
        monkeypatch.setenv("TRAX_DATABASE_BLOCK", "main")
        monkeypatch.setenv("TRAX_ROOMS", str(ROOT))
        repository = open_transcripts(load_settings())
        repository.save(transcript())
        assert repository.get("latest") == transcript()
        assert SECRET not in json.dumps(stored("trax-transcript-database", "main"))


class TestServersOfTheSettings:
    """`trax prefect setup --with-blocks`: what the settings name is kept as blocks."""

    URL = "postgresql://trax:pass@db.example/trax?sslmode=verify-full&sslrootcert=/etc/ca.pem"

    @pytest.fixture(autouse=True)
    def kept(self, home, monkeypatch):
        for name, value in {
            "TRAX_ROOMS": ROOT,
            "TRAX_S3_ENDPOINT": "https://s3.example",
            "TRAX_S3_ACCESS_KEY": "account",
            "TRAX_S3_SECRET_KEY": SECRET,
            "TRAX_S3_ENCRYPTION": "sse-s3",
            "TRAX_KEEP_AUDIO_DAYS": 9,
            "TRAX_DATABASE_URL": self.URL,
            "DEEPSEEK_API_KEY": SECRET,
            "TRAX_LLM_RETRIES": 7,
        }.items():
            monkeypatch.setenv(name, str(value))
        setup(devices="cpu", with_blocks=True)

    def test_the_database_is_reached_in_the_same_way(self, monkeypatch):
        """Its certificate is still checked, against the same authority."""
        monkeypatch.delenv("TRAX_DATABASE_URL")
        monkeypatch.setenv("TRAX_DATABASE_BLOCK", "main")
        assert open_database(load_settings())._url == Database(self.URL)._url

    def test_the_object_store_is_the_same(self, monkeypatch):
        """Keys, encryption and days too."""
        described = open_objects(load_settings())
        monkeypatch.setenv("TRAX_OBJECT_STORE_BLOCK", "main")
        store = open_objects(load_settings())
        assert store.config.model_dump(include=set(S3Config.model_fields)) == (
            described.config.model_dump()
        )
        assert store.retention == described.retention

    def test_the_language_model_is_the_same(self, monkeypatch):
        """With the key that was found."""
        described = language_model(load_settings())
        monkeypatch.delenv("DEEPSEEK_API_KEY")
        monkeypatch.setenv("TRAX_LLM_BLOCK", "main")
        kept = language_model(load_settings())
        fields = set(ChatConfig.model_fields)
        assert kept.fingerprint == described.fingerprint
        assert kept._config.model_dump(include=fields) == described._config.model_dump()


OLD_DOCUMENTS = {
    "ObjectStore": {
        "endpoint": "http://minio:9000",
        "bucket": "trax",
        "access_key": "a",
        "secret_key": "s",
        "region": "us-east-1",
        "encryption": "none",
        "link_seconds": 604800,
        "keep_audio_days": None,
        "keep_checkpoint_days": 30,
    },
    "TranscriptDatabase": {
        "host": "postgres",
        "port": 5432,
        "name": "trax",
        "user": "trax",
        "password": "p",
        "tls": "prefer",
    },
    "LanguageModel": {
        "provider": "other",
        "base_url": "http://127.0.0.1:8080/v1",
        "model": "m",
        "api_key": "",
        "timeout": 60.0,
        "retries": 4,
        "concurrency": 4,
        "price_prompt": None,
        "price_cached": None,
        "price_completion": None,
    },
}


@pytest.mark.parametrize("name", OLD_DOCUMENTS)
def test_blocks_that_were_saved_before_still_load(blocks, name):
    """Their fields keep their names and their meaning."""
    old = OLD_DOCUMENTS[name]
    block = getattr(blocks, name)(**old)
    shown = block.model_dump(context={"include_secrets": True})
    assert {field: shown[field] for field in old} == old


def test_a_database_by_parts_is_reached_as_before(blocks):
    """The address that earlier versions made of the same fields."""
    block = blocks.TranscriptDatabase(**OLD_DOCUMENTS["TranscriptDatabase"])
    before = Database("postgresql://trax:p@:5432/trax?host=postgres&sslmode=prefer")
    assert block.database()._url == before._url


class _Chat(BaseHTTPRequestHandler):
    """A server that speaks the protocol and remembers what it was asked."""

    asked: list[tuple[str, str, dict[str, object]]] = []  # noqa: RUF012

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append((self.path, self.headers["Authorization"], body))
        choice = {
            "index": 0,
            "finish_reason": "stop",
            "message": {"role": "assistant", "content": "Yes."},
        }
        answer = json.dumps(
            {
                "id": "1",
                "object": "chat.completion",
                "created": 1,
                "model": "m",
                "choices": [choice],
            }
        )
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(answer.encode())

    def log_message(self, *_arguments: object) -> None:
        """Nothing."""


def test_a_language_model_answers(blocks, tmp_path):
    """Through the real client, with the block's key."""
    server = HTTPServer(("127.0.0.1", 0), _Chat)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        block = blocks.LanguageModel(
            provider="other",
            base_url=f"http://127.0.0.1:{server.server_port}/v1",
            model="m",
            api_key=SecretStr(SECRET),
        )
        block.save("chat", overwrite=True)
        model = load_block(ROOT, tmp_path, "trax-language-model", "chat").chat_model()
        answer = model.ask(Question(task="title", system="Be brief.", user="Well?", schema={}))
    finally:
        server.shutdown()
    assert answer.text == "Yes."
    ((path, key, request),) = _Chat.asked
    assert (path, key, request["model"]) == ("/v1/chat/completions", f"Bearer {SECRET}", "m")
    assert [message["content"] for message in request["messages"]] == ["Be brief.", "Well?"]
    assert SECRET not in json.dumps(stored("trax-language-model", "chat"))
