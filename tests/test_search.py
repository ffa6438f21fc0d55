"""What was said is found: words, their forms, in every version and database."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trax.errors import InvalidOption
from trax.store import TranscriptRepository
from trax.store.search import terms
from trax.testing import transcript


@pytest.fixture
def repository(database) -> TranscriptRepository:
    return TranscriptRepository(database)


class TestSearch:
    @pytest.fixture(autouse=True)
    def said(self, repository):
        repository.save(
            transcript(
                [
                    ("SPEAKER_00", "The budget grows in March, says the quarterly report."),
                    ("SPEAKER_01", "A report on the budget for the quarterly plan."),
                    ("SPEAKER_00", "Die Größe des Budgets: naïve Planungen."),
                ]
            )
        )

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("budget", [0, 1]),
            ("BUDGET march", [0]),
            ('"quarterly report"', [0]),
            ("quarterly report", [0, 1]),
            ("report -march", [1]),
            ('budget -"quarterly report"', [1]),
            ("budget*", [0, 1, 2]),
            ("plan*", [1, 2]),
            ("größe", [2]),
            ("grosse", []),
            ("naive", []),
            ("'; drop table segments; --x budget", []),
            ("budget & | ! ( ) : *", [0, 1]),
            ("near(budget report)", []),
            ("nothing", []),
        ],
    )
    def test_both_databases_find_the_same(self, repository, query, found):
        """One language, two engines; nothing in it is an operator of theirs."""
        assert sorted(int(hit.start // 5) for hit in repository.search(query)) == found

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("について", [0]),
            ("京", [0, 1]),
            ("東京", [0, 1]),
            ("東京*", [0, 1]),
            ("東京 -iPhone", [1]),
            ("京東", []),
            ("iPhone", [0]),
            ("iphoneに", [0]),
            ("ｉＰｈｏｎｅ", [0]),
            ("図書館", [1]),
            ('"東京 図書館"', [1]),
            ("東京図書館", []),
            ("天", [2]),
            ("天空", []),
            ("空气", [2]),
            ("今天，空气", [2]),
            ("空气很好。", [2]),
            ("도서관", [3]),
            ("도서관에서", [3]),
            ("책", [3]),
            ("서책", []),
            ("ห้องสมุด", [4]),
            ("ไป", [4]),
            ("ปลา", []),
            ("カナ", [5]),
            ("ｶﾅ", [5]),
            ("budget カナ", [5]),
            ("budget", [5]),
            ("𠮷野家", [6]),
        ],
    )
    def test_text_without_spaces_is_found_by_any_part_of_it(self, repository, query, found):
        """One letter or many, but not across punctuation; other words beside it as ever."""
        said = [
            "東京でiPhoneについて話した。",
            "東京、図書館。",
            "今天，空气很好。",
            "도서관에서 책을 읽었다.",
            "ฉันไปห้องสมุด",
            "The budget in カナ.",
            "𠮷野家で食べる",
        ]
        repository.save(transcript([("SPEAKER_00", text) for text in said]))
        assert sorted(int(hit.start // 5) for hit in repository.search(query)) == found

    def test_a_hit_shows_what_was_said(self, repository):
        """Not how it is indexed."""
        repository.save(transcript([("SPEAKER_00", "東京について。")]))
        (hit,) = repository.search("京に")
        assert hit.text == "東京について。"

    @pytest.mark.parametrize("query", ["", "   ", "-budget", '""', "***", "-a -b"])
    def test_a_query_without_a_word_is_refused(self, repository, query):
        """It would find everything."""
        with pytest.raises(InvalidOption, match="at least one word"):
            repository.search(query)

    @given(st.text(max_size=30))
    def test_any_text_is_a_query_or_refused(self, query):
        """Never a crash."""
        with suppress(InvalidOption):
            assert terms(query)

    @pytest.mark.parametrize(
        "query", ['a"b', "a'b", "x\\", "a:*", "C++ &", "\0budget", "(((", "--", "$1", "%s", "😀 a"]
    )
    def test_the_database_takes_any_word(self, repository, query):
        """Quotes, operators, place-holders, other scripts."""
        with suppress(InvalidOption):
            repository.search(query)

    def test_a_hit_says_where(self, repository):
        """Transcript, recording, time, speaker, words."""
        (hit,) = repository.search("march")
        assert (hit.transcript_id, hit.version, hit.name) == (
            transcript().id,
            1,
            "morning call.wav",
        )
        assert (hit.start, hit.end, hit.speaker) == (0.0, 5.0, "SPEAKER_00")
        assert hit.text.startswith("The budget grows")

    def test_only_the_newest_version_is_searched(self, repository):
        """What was corrected away is not said any more."""
        repository.save(transcript([("SPEAKER_00", "Nothing of that was said.")]))
        assert repository.search("budget") == []
        assert len(repository.search("nothing")) == 1

    def test_there_are_at_most_as_many_hits_as_asked_for(self, repository):
        """Those saved last come first."""
        assert [hit.start for hit in repository.search("budget", most=1)] == [5.0]
