"""Names and terms: from files and folders, and what became of them."""

import pytest

from trax.asr import RecognitionOptions
from trax.asr.vocabulary import folder_terms, read_terms, vocabulary_report
from trax.cli.options import plan_options, terms
from trax.errors import InvalidOption
from trax.service.submission import with_folder_choices
from trax.stages.options import TranscribeOptions


def test_a_file_has_a_term_a_line(tmp_path):
    """Comments, empty lines and repeats do not count."""
    path = tmp_path / "names.txt"
    path.write_text("\ufeff# people\nLord Byron\n\n  Cintra \nLord Byron\nŁódź\n", encoding="utf-8")
    assert read_terms(path) == ("Lord Byron", "Cintra", "Łódź")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"x" * 200_000, "larger than 100 kB"),
        (None, "cannot be read"),
    ],
)
def test_what_is_no_vocabulary_is_refused(tmp_path, data, message):
    """A wrong file is told by its size or its bytes."""
    path = tmp_path / "names.txt"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(InvalidOption, match=message):
        read_terms(path)


@pytest.mark.parametrize(
    ("text", "heard", "unheard"),
    [
        ("by Lord Byron, and byron", {"Lord Byron": 1}, ("Cintra",)),
        ("CINTRA! Cintra", {"Cintra": 2}, ("Lord Byron",)),
        ("", {}, ("Lord Byron", "Cintra")),
    ],
)
def test_terms_are_found_by_their_words(text, heard, unheard):
    """In any case, with any punctuation."""
    found = vocabulary_report(["Lord Byron", "Cintra"], text.split())
    assert (found.heard, found.unheard) == (heard, unheard)


def test_without_terms_there_is_no_report():
    """Nobody asked."""
    assert vocabulary_report([], ["word"]) is None


def test_the_command_line_adds_its_file(tmp_path):
    """Each term once."""
    path = tmp_path / "names.txt"
    path.write_text("Cintra\nByron")
    assert terms("Byron, Shelley,", path) == ("Byron", "Shelley", "Cintra")
    assert terms("", None) == ()


def test_a_folder_may_have_a_vocabulary(home, tmp_path):
    """For the recordings in it alone."""
    inside, outside = tmp_path / "talks" / "one.wav", tmp_path / "two.wav"
    inside.parent.mkdir()
    (inside.parent / "vocabulary.txt").write_text("Cintra")
    for path in (inside, outside):
        path.write_bytes(b"RIFF")
    assert folder_terms(inside) == ("Cintra",)
    options = TranscribeOptions(recognition=RecognitionOptions(hotwords=("Byron",)))
    assert with_folder_choices(options, inside).recognition.hotwords == ("Byron", "Cintra")
    assert with_folder_choices(options, outside) is options


class TestPlans:
    def test_a_plan_has_a_name(self):
        """One of three."""
        assert plan_options("fast") == {"plan": "fast"}

    def test_a_plan_may_be_a_file(self, tmp_path):
        """A list of passes."""
        path = tmp_path / "mine.json"
        path.write_text('[{"models": ["base"], "beam_size": 2}]')
        assert plan_options(str(path)) == {"passes": [{"models": ["base"], "beam_size": 2}]}

    @pytest.mark.parametrize(
        ("plan", "message"),
        [
            ("best", "fast, balanced, accurate"),
            ("none.json", "cannot be read"),
            ("bad.json", "no JSON"),
        ],
    )
    def test_what_is_no_plan_is_refused(self, tmp_path, monkeypatch, plan, message):
        """And it is said what there is."""
        monkeypatch.chdir(tmp_path)
        (tmp_path / "bad.json").write_text("[")
        with pytest.raises(InvalidOption, match=message):
            plan_options(plan)
