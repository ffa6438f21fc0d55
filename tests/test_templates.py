"""Transcripts as notes, by one's own templates."""

from dataclasses import replace

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from trax.errors import InvalidOption, NotFound
from trax.export.template import About, to_note, usual_template
from trax.service.templates import read_template, template_named, template_names
from trax.testing import transcript

ABOUT = About(date="2026-11-27", tags=("budget", "a: b"), link="http://here/t/1")


def note(template: str, document=None, about: About = ABOUT) -> str:
    return to_note(document or transcript(), template, about).decode()


def front_matter(text: str) -> dict:
    _nothing, front, _body = text.split("---\n", 2)
    return yaml.safe_load(front)


class TestTheUsualTemplate:
    def test_facts_are_front_matter(self):
        """As YAML that says what is meant, whatever names have in them."""
        document = transcript()
        document = replace(document, recording=replace(document.recording, name='a: "b" # c'))
        found = front_matter(note(usual_template(), document))
        assert found["title"] == found["recording"] == 'a: "b" # c'
        assert str(found["date"]) == "2026-11-27"
        assert found["tags"] == ["budget", "a: b"]
        assert found["speakers"] == ["Speaker 1", "Speaker 2"]
        assert found["trax"] == document.id

    def test_times_are_links_that_play(self):
        """So that a note leads back to the sound."""
        assert "**Speaker 2** [0:05](http://here/t/1#t=" in note(usual_template())
        assert "**Speaker 2** (0:05)" in note(usual_template(), about=About())

    @given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
    def test_any_name_is_kept_by_the_front_matter(self, name):
        """No character ends it early, or makes it something else than text."""
        document = transcript()
        document = replace(document, recording=replace(document.recording, name=name))
        assert front_matter(note(usual_template(), document))["recording"] == name

    def test_what_is_said_is_no_markup(self):
        """Asterisks that were dictated stay asterisks; braces are no template."""
        document = transcript([("SPEAKER_00", "two * {{ id }} {% if %}")])
        assert r"two \* {{ id }} {% if %}" in note(usual_template(), document)


class TestTemplatesOfOnesOwn:
    def test_they_choose_what_a_note_says(self):
        """With the filters for times, Markdown and YAML."""
        text = "{% for p in paragraphs %}{{ p.start | clock }} {{ p.name }}; {% endfor %}"
        assert note(text).startswith("0:00 Speaker 1; 0:05 Speaker 2; ")

    @pytest.mark.parametrize(
        ("template", "told"),
        [
            ("one\n{% if %}", "line 2 of the template"),
            ("{{ sumary }}", "'sumary' is undefined"),
            ("{{ 1 / 0 }}", "division by zero"),
            ("{{ title.__class__.__mro__ }}", "unsafe"),
            ("{{ tags.__class__.__base__.__subclasses__() }}", "unsafe"),
            ("{{ speakers.append('x') }}", "unsafe"),
            ("{% include '/etc/passwd' %}", "no loader"),
        ],
    )
    def test_one_that_cannot_be_filled_says_why(self, template, told):
        """A mistake, or more than a template may."""
        with pytest.raises(InvalidOption, match=told):
            note(template)

    def test_those_in_the_data_folder_have_names(self, tmp_path):
        """Their files'; one may take the usual one's place."""
        folder = tmp_path / "templates"
        folder.mkdir()
        (folder / "minutes.md").write_text("M {{ id }}")
        assert template_names(tmp_path) == ["note", "minutes"]
        assert template_named(tmp_path, "minutes") == "M {{ id }}"
        assert template_named(tmp_path, "note") == usual_template()
        (folder / "note.md").write_text("mine")
        assert template_named(tmp_path, "note") == "mine"

    @pytest.mark.parametrize("name", ["../secret", "nothing", "templates/minutes", ""])
    def test_nothing_else_is_a_name(self, tmp_path, name):
        """No path leads out of the folder."""
        (tmp_path / "secret.md").write_text("x")
        with pytest.raises(NotFound, match="known are note"):
            template_named(tmp_path, name)

    @pytest.mark.parametrize("data", [b"\xff\xfe", b"x" * (300 << 10)])
    def test_what_is_no_template_is_refused(self, tmp_path, data):
        """In one sentence."""
        file = tmp_path / "x.md"
        file.write_bytes(data)
        with pytest.raises(InvalidOption, match=r"the template x\.md"):
            read_template(file)


def test_of_a_large_file_no_more_is_read_than_a_template_may_have(tmp_path):
    """It is refused, though it would not fit into memory."""
    path = tmp_path / "large.md"
    with path.open("wb") as file:
        file.truncate(1 << 42)
    with pytest.raises(InvalidOption, match="has more than"):
        read_template(path)
