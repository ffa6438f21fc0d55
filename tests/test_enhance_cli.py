"""`trax transcribe --enhance`, `edits`, `notes`, `export --language --redact`, `doctor`, with a
real server process.
"""

import json

import pytest

from trax.engines import language_model
from trax.enhance.engine import Question
from trax.errors import MissingPart
from trax.settings import load_settings
from trax.store import Database, FolderStore
from trax.testing import ScriptedEngines
from trax.testing.servers import LlamaServer
from trax.work.workspace import Workspace

TEXT = "I am Margaret and I say hullo. Call me at 867-5309 now."


@pytest.fixture
def scripted(home, monkeypatch, chat_server):
    """The command with scripted engines and the server's model; gives the engines."""
    engines = ScriptedEngines(text=TEXT, confidence=0.4)
    settings = load_settings()
    engines.model = None

    def build() -> Workspace:
        monkeypatch.setenv("TRAX_LLM_BASE_URL", chat_server.url)
        monkeypatch.setenv("TRAX_LLM_MODEL", "fix")
        engines.model = language_model(load_settings())
        return Workspace(
            objects=FolderStore(settings.home / "objects"),
            database=Database(f"sqlite:///{settings.home / 'trax.db'}"),
            engines=engines,
        )

    workspace = build()
    monkeypatch.setattr("trax.cli.batch.process_workspace", lambda: workspace)
    monkeypatch.setattr("trax.compose.process_workspace", lambda: workspace)
    return engines


class TestTranscribe:
    def test_what_was_done_and_what_it_cost_is_told(self, trax, scripted, recording):
        """In the summary for people, and in the one for programs."""
        shown = trax("transcribe", recording, "--enhance", "correct,title").output
        assert "fix@127.0.0.1" in shown
        assert "1 edits made, 0 refused" in shown
        assert "2 requests" in shown
        (summary,) = json.loads(
            trax("transcribe", recording, "--enhance", "correct,title", "--json").stdout
        )
        assert summary["enhancement"]["edits"] == 1
        assert summary["enhancement"]["requests"] == 2
        assert summary["enhancement"]["domain"] == "general"

    def test_none_sends_nothing(self, trax, scripted, recording, chat_server):
        """Whatever is configured."""
        shown = trax("transcribe", recording, "--enhance", "none").output
        assert "nothing was asked of a language model" in shown
        assert chat_server.log() == []

    def test_without_a_model_it_says_so(self, trax, scripted, recording):
        """And all else is as ever."""
        scripted.model = None
        result = trax("transcribe", recording)
        assert result.exit_code == 0
        assert "not enhanced: no language model is configured" in result.output

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (("--enhance", "improve"), "there is no task 'improve'"),
            (("--enhance", ""), "name at least one task"),
            (("--enhance", "translate"), "translate needs a language"),
            (("--domain", "law"), "domain"),
            (("--glossary", "missing.txt"), "missing.txt cannot be read"),
        ],
    )
    def test_options_that_make_no_sense_are_told(
        self, trax, scripted, recording, arguments, message
    ):
        """One sentence, code 2."""
        result = trax("transcribe", recording, *arguments)
        assert result.exit_code == 2
        assert message in result.output

    def test_a_glossary_file_is_in_the_prompt(
        self, trax, scripted, recording, chat_server, tmp_path
    ):
        """With the hotwords."""
        (tmp_path / "terms.txt").write_text("Hallowell\n# not this\n", encoding="utf-8")
        trax(
            "transcribe",
            recording,
            "--glossary",
            tmp_path / "terms.txt",
            "--hotwords",
            "Cintra",
            "-q",
        )
        assert "Hallowell; Cintra" in chat_server.log()[0]["request"]["messages"][0]["content"]


class TestEdits:
    def test_they_are_listed_and_undone(self, trax, scripted, recording):
        """Undoing makes a version."""
        trax("transcribe", recording, "-q")
        assert "hullo" in trax("edits").stdout
        assert (
            json.loads(trax("edits", "--json").stdout)["enhancement"]["edits"][0]["after"]
            == "hello."
        )
        assert "hello" in trax("show", "latest").stdout
        assert "version 2" in trax("edits", "latest", "--undo", 1).stdout
        assert "hullo" in trax("show", "latest").stdout
        assert trax("edits", "latest", "--undo", 7).exit_code == 2

    def test_where_there_are_none_it_says_so(self, trax, scripted, recording):
        """In a sentence."""
        trax("transcribe", recording, "-q", "--enhance", "none")
        assert "No language model asked for an edit" in trax("edits").stdout


class TestNotes:
    def test_they_are_shown_with_their_evidence(self, trax, scripted, recording):
        """And what was left out."""
        trax(
            "transcribe",
            recording,
            "-q",
            "--enhance",
            "title,summary,chapters,actions,names",
            "--translate",
            "de",
        )
        shown = trax("notes").stdout
        assert "About I am Margaret and" in shown
        assert "Speaker 1 is probably I" in shown
        assert "left out, for want of evidence: name 'Zaphod'" in shown
        assert json.loads(trax("notes", "--json").stdout)["title"]
        assert "version 2" in trax("notes", "latest", "--accept-names").stdout
        assert trax("show", "latest").stdout.splitlines()[2].startswith("I ")

    def test_where_there_are_none_it_says_so(self, trax, scripted, recording):
        """In a sentence."""
        trax("transcribe", recording, "-q")
        assert "No language model wrote about it" in trax("notes").stdout
        assert trax("notes", "latest", "--accept-names").exit_code == 2


class TestExport:
    def test_a_translation(self, trax, scripted, recording, monkeypatch):
        """In any format."""
        monkeypatch.setenv("TRAX_LLM_MODEL", "echo")
        scripted.model = language_model(load_settings())
        trax("transcribe", recording, "-q", "--translate", "de")
        assert (
            "CALL ME AT"
            in trax("export", "latest", "--language", "de", "-f", "srt", "-o", "-").stdout
        )
        assert trax("export", "latest", "--language", "fr", "-o", "-").exit_code == 2

    def test_personal_data_is_left_out_of_text_and_sound(self, trax, scripted, recording, tmp_path):
        """The sound as a file beside it."""
        trax("transcribe", recording, "-q")
        result = trax(
            "export", "latest", "--redact", "all", "--audio", tmp_path / "public.flac", "-o", "-"
        )
        assert "[NAME]" in result.stdout
        assert "867" not in result.stdout
        assert (tmp_path / "public.flac").stat().st_size > 0
        assert trax("export", "latest", "--audio", "x.flac", "-o", "-").exit_code == 2
        assert trax("export", "latest", "--redact", "faces", "-o", "-").exit_code == 2


class TestSettings:
    def test_a_key_chooses_its_provider(self, home, monkeypatch):
        """DeepSeek's first; an address of one's own before both."""
        assert language_model(load_settings()) is None
        monkeypatch.setenv("OPENAI_API_KEY", "sk-planted")
        assert language_model(load_settings()).fingerprint.endswith("@api.openai.com")
        monkeypatch.setenv("DEEPSEEK_API_KEY", "sk-planted")
        assert language_model(load_settings()).fingerprint == "deepseek-flash@api.deepseek.com"
        monkeypatch.setenv("TRAX_LLM_BASE_URL", "http://127.0.0.1:8080/v1")
        assert language_model(load_settings()).fingerprint == "default@127.0.0.1:8080"

    def test_another_servers_address_never_gets_a_providers_key(self, home, monkeypatch):
        """Only a key that is set for it."""
        monkeypatch.setenv("DEEPSEEK_API_KEY", "sk-planted")
        monkeypatch.setenv("TRAX_LLM_BASE_URL", "http://127.0.0.1:8080/v1")
        assert language_model(load_settings())._config.api_key.get_secret_value() == ""

    @pytest.mark.slow
    def test_the_doctor_says_where_text_goes(self, trax, monkeypatch):
        """Without calling anybody."""
        assert "no language model is configured" in trax("doctor").stdout
        monkeypatch.setenv("DEEPSEEK_API_KEY", "sk-planted")
        shown = trax("doctor").stdout
        assert "deepseek-flash@api.deepseek.com: text of transcripts is sent there" in shown
        assert "sk-planted" not in shown
        monkeypatch.setenv("TRAX_LLM_PROVIDER", "nobody")
        assert trax("doctor").exit_code == 3


@pytest.fixture
def real_model(home, monkeypatch):
    """SmolLM2 behind llama.cpp, as settings name it."""
    try:
        server = LlamaServer()
    except MissingPart as error:
        pytest.skip(str(error))
    monkeypatch.setenv("TRAX_LLM_BASE_URL", server.url)
    monkeypatch.setenv("TRAX_LLM_MODEL", "smollm2")
    yield language_model(load_settings())
    server.stop()


@pytest.mark.real
def test_a_real_server_speaks_the_protocol(real_model):
    """The form of the answer is kept to, and tokens are counted."""
    schema = {
        "type": "object",
        "properties": {"yes": {"type": "boolean"}},
        "required": ["yes"],
        "additionalProperties": False,
    }
    question = Question(
        task="title", system="Answer yes.", user="Well?", schema=schema, most_tokens=32
    )
    answer = real_model.ask(question)
    assert isinstance(json.loads(answer.text)["yes"], bool)
    assert answer.problem == ""
    assert answer.usage.requests == 1
    assert answer.usage.prompt_tokens > 5
    assert 0 < answer.usage.completion_tokens <= 32


@pytest.mark.soak
def test_a_real_model_changes_no_sure_word(trax, scripted, recording, real_model):
    """What a small model wants stays within the guards."""
    scripted.model = real_model
    result = trax("transcribe", recording, "--enhance", "correct,punctuate,title", "--json")
    assert result.exit_code == 0, result.output
    (summary,) = json.loads(result.stdout)
    enhancement = summary["enhancement"]
    assert enhancement["model"].startswith("smollm2@127.0.0.1")
    assert enhancement["requests"] == 3
    assert enhancement["prompt_tokens"] > 300
    assert enhancement["completion_tokens"] > 0
    assert summary["words"] == len(TEXT.split())
