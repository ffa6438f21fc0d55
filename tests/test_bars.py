"""What a person sees while a recording is worked on."""

import io
import sys
from datetime import UTC, datetime

import pytest
import typer
from rich.console import Console

from trax.cli import bars as bars_module
from trax.cli import edge as edge_module
from trax.cli.bars import LiveReporter
from trax.cli.edge import edge, names, sentence
from trax.errors import Cancelled, InvalidOption, NotFound, UnreadableAudio
from trax.pipelines.transcribe import TRANSCRIBE
from trax.progress import Advanced, Finished, StageRun, Started


def done(stage: str, cached: bool = False) -> StageRun:
    return StageRun(
        stage=stage,
        key="k",
        started_at=datetime.now(UTC),
        seconds=2.0,
        cached=cached,
        audio_seconds=60.0,
        peak_memory_bytes=1,
    )


@pytest.fixture
def screen(monkeypatch):
    """Makes a console of a kind; gives what was written to it."""

    def make(terminal: bool) -> io.StringIO:
        target = io.StringIO()
        console = Console(file=target, force_terminal=terminal, width=100, color_system=None)
        monkeypatch.setattr(bars_module, "err", lambda: console)
        monkeypatch.setattr(edge_module, "err", lambda: console)
        return target

    return make


class TestLive:
    def test_on_a_terminal_every_stage_has_a_bar(self, screen):
        """From the start, so that people see what is to come."""
        target = screen(terminal=True)
        with LiveReporter("interview.mp3") as reporter:
            reporter(Started("recognise"))
            reporter(Advanced("recognise", 0.5))
            reporter._progress.refresh()
        text = target.getvalue()
        assert "interview.mp3" in text
        assert all(stage in text for stage in TRANSCRIBE.names)
        assert "50%" in text

    def test_speed_is_shown_against_real_time(self, screen):
        """Once the recording's length is known."""
        target = screen(terminal=True)
        with LiveReporter("x") as reporter:
            reporter(Started("ingest"))
            reporter(Finished(done("ingest")))
            reporter(Started("diarize"))
            reporter(Advanced("diarize", 0.5))
            reporter._progress.refresh()
        assert "x real time" in target.getvalue()

    def test_what_is_left_is_shown_once_it_is_known(self, screen):
        """Given the recording's length and what is done of each stage."""
        target = screen(terminal=True)
        asked = []

        def left(duration, shares):
            asked.append((duration, dict(shares)))
            return 200.0 if "diarize" in shares else None

        with LiveReporter("x", left) as reporter:
            reporter(Finished(done("ingest")))
            reporter._progress.refresh()
            assert " left" not in target.getvalue()
            reporter(Advanced("diarize", 0.5))
            reporter._progress.refresh()
        assert "about 3 min left" in target.getvalue()
        assert asked[-1] == (60.0, {"ingest": 1.0, "diarize": 0.5})

    def test_a_cached_stage_says_so(self, screen):
        """Instead of a speed that nobody believes."""
        target = screen(terminal=True)
        with LiveReporter("x") as reporter:
            reporter(Started("diarize"))
            reporter(Finished(done("diarize", cached=True)))
            reporter._progress.refresh()
        assert "kept from before" in target.getvalue()

    def test_into_a_file_a_line_tells_of_each_stage(self, screen):
        """Bars in a log are noise."""
        target = screen(terminal=False)
        with LiveReporter("interview.mp3") as reporter:
            reporter(Started("ingest"))
            reporter(Advanced("ingest", 0.3))
            reporter(Finished(done("ingest")))
            reporter(Finished(done("diarize", cached=True)))
        assert (
            target.getvalue()
            == "interview.mp3: ingest 2.0 s\ninterview.mp3: diarize kept from before\n"
        )

    def test_unknown_stages_are_left_aside(self, screen):
        """A newer flow may report more."""
        screen(terminal=True)
        with LiveReporter("x") as reporter:
            reporter(Started("separate"))
            reporter(Advanced("separate", 0.1))


class TestEdge:
    @pytest.mark.parametrize(
        ("error", "code", "text"),
        [
            (
                UnreadableAudio("a.mp3", "it is empty"),
                2,
                "error: cannot read audio from a.mp3: it is empty",
            ),
            (NotFound("format", "pdf"), 2, "error: there is no format 'pdf'"),
            (KeyboardInterrupt(), 130, "error: stopped; finished stages are kept"),
            (Cancelled("diarize was stopped"), 130, "error: diarize was stopped"),
            (
                ValueError("two\nlines"),
                1,
                "error: two lines (a defect of Trax: set TRAX_DEBUG=1 to see where)",
            ),
            (KeyError(), 1, "error: KeyError (a defect of Trax"),
        ],
        ids=lambda value: type(value).__name__,
    )
    def test_every_error_is_one_sentence_and_a_code(self, screen, monkeypatch, error, code, text):
        """Nothing else reaches the user."""
        monkeypatch.delenv("TRAX_DEBUG", raising=False)
        target = screen(terminal=False)
        with pytest.raises(typer.Exit) as caught, edge():
            raise error
        assert caught.value.exit_code == code
        assert text in " ".join(target.getvalue().split())

    def test_markup_in_a_name_is_only_text(self, screen, monkeypatch):
        """A file may be called [red].mp3."""
        monkeypatch.delenv("TRAX_DEBUG", raising=False)
        target = screen(terminal=False)
        with pytest.raises(typer.Exit), edge():
            raise UnreadableAudio("[red]x[/].mp3", "it is empty")
        assert "[red]x[/].mp3" in target.getvalue()

    def test_debugging_shows_where_an_error_comes_from(self, screen, monkeypatch, capsys):
        """For whoever asks; the sentence and the code stay."""
        monkeypatch.setenv("TRAX_DEBUG", "1")
        target = screen(terminal=False)
        with pytest.raises(typer.Exit) as caught, edge():
            raise UnreadableAudio("x", "y")
        assert caught.value.exit_code == 2
        assert "Traceback" in capsys.readouterr().err
        assert "error: cannot read audio from x: y" in target.getvalue()

    def test_exits_go_through(self):
        """They are no errors."""
        with pytest.raises(typer.Exit) as caught, edge():
            raise typer.Exit(3)
        assert caught.value.exit_code == 3

    def test_a_closed_pipe_is_no_defect(self, monkeypatch):
        """`trax show | head` is normal."""
        monkeypatch.delenv("TRAX_DEBUG", raising=False)
        monkeypatch.setattr(sys, "stderr", io.StringIO())
        with pytest.raises(typer.Exit) as caught, edge():
            raise BrokenPipeError
        assert caught.value.exit_code == 141

    def test_a_sentence_is_never_empty(self):
        """Some errors have no text."""
        assert sentence(KeyError()) == "KeyError"
        assert sentence(ValueError(" a\n b ")) == "a b"

    def test_lists_are_split_at_commas(self):
        """As people write them."""
        assert names("srt, vtt,,docx", "format") == ["srt", "vtt", "docx"]
        with pytest.raises(InvalidOption, match="name at least one format"):
            names(" , ", "format")
