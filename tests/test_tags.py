"""Transcripts are found again by words that people gave them."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from trax.errors import InvalidOption
from trax.service.tags import LONGEST, MOST, set_tags
from trax.store import EVERYTHING, Tag, TagRepository, TranscriptRepository, Wanted
from trax.testing import transcript


class TestStore:
    @pytest.fixture
    def tags(self, database):
        """In an empty database of every kind."""
        return TagRepository(database)

    def test_a_transcript_has_the_tags_it_was_given_last(self, database, tags):
        """By name, in the first spelling; and none at all when all are taken."""
        repository = TranscriptRepository(database)
        document = transcript()
        repository.save(document)
        kept = set_tags(tags, document.id, ["Budget", " board  meeting", "BUDGET"])
        assert kept == ("board meeting", "Budget")
        assert tags.all(EVERYTHING) == [Tag("board meeting", 1), Tag("Budget", 1)]
        (shown,) = repository.summaries()
        assert shown.tags == kept
        assert set_tags(tags, document.id, []) == ()
        assert tags.all(EVERYTHING) == []

    def test_a_list_can_be_of_those_that_have_all_tags(self, database, tags):
        """In any capitals."""
        repository = TranscriptRepository(database)
        document = transcript()
        repository.save(document)
        set_tags(tags, document.id, ["budget", "board"])
        for wanted, count in ((("BUDGET",), 1), (("budget", "board"), 1), (("board", "tea"), 0)):
            assert len(repository.summaries(wanted=Wanted(tags=wanted))) == count

    def test_who_tags_in_the_same_moment_waits(self, database, tags):
        """One of them is the last: its tags are those of the transcript."""
        document = transcript()
        TranscriptRepository(database).save(document)
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda n: tags.put(document.id, ["budget", f"of {n}"]), range(24)))
        assert len(tags.of(document.id)) == 2

    @pytest.mark.parametrize(
        "names", [[""], ["x" * (LONGEST + 1)], ["a\0"], [str(n) for n in range(MOST + 1)]]
    )
    def test_a_tag_is_a_few_words(self, tags, names):
        """And there are not too many."""
        with pytest.raises(InvalidOption):
            set_tags(tags, "any", names)


class TestService:
    def test_whoever_sees_a_transcript_sees_its_tags(self, world):
        """Nobody else does; and only who may change it gives it others."""
        url = f"/v1/transcripts/{world.job['transcript']['id']}/tags"
        body = {"tags": ["budget"]}
        assert world.ask("owner", "PUT", url, json=body).json() == body
        assert world.ask("viewer", "GET", url).json() == body
        assert world.ask("viewer", "PUT", url, json={"tags": []}).status_code == 403
        assert world.ask("stranger", "GET", url).status_code == 404
        counted = {"items": [{"name": "budget", "count": 1}]}
        assert world.ask("viewer", "GET", "/v1/tags").json() == counted
        assert world.ask("stranger", "GET", "/v1/tags").json() == {"items": []}
        listed = {"tag": "Budget"}
        (one,) = world.ask("owner", "GET", "/v1/transcripts", params=listed).json()["items"]
        assert one["tags"] == ["budget"]
        other = {"tag": "tea"}
        assert world.ask("owner", "GET", "/v1/transcripts", params=other).json()["items"] == []
