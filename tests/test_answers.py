"""What language models answered and what they cost, in every kind of database."""

from datetime import UTC, datetime, timedelta

from trax.store import AnswerRepository, SpendingRepository
from trax.store.tables import SpendingRow
from trax.transcript import Usage


def test_they_are_known_by_key_and_the_first_stays(database):
    """Two processes may answer the same at once."""
    answers = AnswerRepository(database)
    answers.keep({f"key {number}": "one" for number in range(1200)})
    answers.keep({"key 1": "two", "new": "three"})
    found = answers.known([*(f"key {number}" for number in range(1200)), "new", "unknown"])
    assert len(found) == 1201
    assert (found["key 1"], found["new"]) == ("one", "three")


def test_old_ones_go(database):
    """As old as checkpoints are kept."""
    answers = AnswerRepository(database)
    answers.keep({"key": "one"})
    assert answers.forget_before(datetime.now(UTC) - timedelta(days=1)) == 0
    assert answers.forget_before(datetime.now(UTC) + timedelta(days=1)) == 1
    assert answers.known(["key"]) == {}


def test_spending_is_summed_by_job_and_day(database):
    """Yesterday's does not count today."""
    spending = SpendingRepository(database)
    spending.note("a", "correct", "m", Usage(requests=1, prompt_tokens=5, cost=0.25))
    spending.note("b", "title", "m", Usage(requests=1, cost=0.5))
    with database.writing() as session:
        session.add(
            SpendingRow(
                job_id="a",
                task="x",
                model="m",
                prompt_tokens=0,
                cached_tokens=0,
                completion_tokens=0,
                cost=1.0,
                at=datetime.now(UTC) - timedelta(days=1),
            )
        )
    assert (spending.spent_on("a"), spending.spent_on("c")) == (1.25, 0.0)
    assert spending.spent_today() == 0.75
