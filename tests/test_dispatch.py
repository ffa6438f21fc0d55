"""Questions to a model: several at once, within a budget, each once."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trax.enhance import Price, Question
from trax.enhance.dispatch import Dispatcher, Request, cache_key, share_of
from trax.enhance.spending import Account, Budget, describe_cost, estimated_cost
from trax.errors import Cancelled, NoAnswer
from trax.testing import ScriptedModel, silent
from trax.testing.memory import MemoryAnswers, MemoryLedger
from trax.transcript import Usage

PRICE = Price(10.0, 1.0, 20.0)


def question(text: str = "some text", **more: int) -> Question:
    """A question about a text."""
    return Question(task="title", system="Write.", user=text, schema={}, **more)


def requests(count: int) -> list[Request]:
    """Questions that differ, each with a key of its own."""
    made = []
    for number in range(count):
        key = f"key {number}"

        def parse(answer: object, key: str = key) -> dict[str, str]:
            return {key: str(answer)}

        made.append(Request(question(key), (key,), parse))
    return made


def dispatcher(model: ScriptedModel, budget: Budget | None = None) -> Dispatcher:
    """Asks *model*; answers and spending are in memory."""
    account = Account(MemoryLedger(), budget or Budget(), model.price, "job")
    return Dispatcher(model, account, MemoryAnswers())


def ignore(_share: float) -> None:
    """Progress that nobody watches."""


class TestDispatcher:
    def test_every_question_has_an_answer_or_a_failure(self):
        """And progress ends at one."""
        shares: list[float] = []
        outcome = dispatcher(ScriptedModel(lambda _question: "5")).ask(requests(7), shares.append)
        assert outcome.answers == {f"key {number}": "5" for number in range(7)}
        assert outcome.usage.requests == 7
        assert shares == sorted(shares)
        assert shares[-1] == 1

    def test_answers_are_stored(self):
        """A later job finds them by key."""
        asked = dispatcher(ScriptedModel(lambda _question: "5"))
        asked.ask(requests(2), ignore)
        assert asked.known(["key 1", "key 9"]) == {"key 1": "5"}

    @pytest.mark.parametrize("text", ['```json\n{"a": 1}\n```', '  {"a": 1} ', '```\n{"a": 1}```'])
    def test_a_fence_around_the_json_does_not_matter(self, text):
        """Some models write Markdown."""
        outcome = dispatcher(ScriptedModel(lambda _question: text)).ask(requests(1), ignore)
        assert outcome.answers == {"key 0": "{'a': 1}"}

    @pytest.mark.parametrize("text", ["", "```", "```json```", "[1", "[" * 100_000])
    def test_what_is_no_json_fails_its_own_question(self, text):
        """However deep it is nested."""
        outcome = dispatcher(ScriptedModel(lambda _question: text)).ask(requests(3), ignore)
        assert set(outcome.failures.values()) == {"the answer is not the JSON that was asked for"}
        assert len(outcome.failures) == 3

    def test_two_failed_calls_in_a_row_end_it(self):
        """The rest fails for the same reason, without being asked."""

        def script(_question: Question) -> str:
            raise NoAnswer("it took too long")

        model = ScriptedModel(script, concurrency=1)
        outcome = dispatcher(model).ask(requests(6), ignore)
        assert len(model.asked) == 2
        assert list(outcome.failures.values()) == ["it took too long"] * 6

    def test_an_answer_between_two_failures_starts_the_count_anew(self):
        """Only failures in a row say that the server is away."""
        turns = iter(range(100))

        def script(_question: Question) -> str:
            if next(turns) % 2:
                raise NoAnswer("it failed")
            return "5"

        model = ScriptedModel(script, concurrency=1)
        outcome = dispatcher(model).ask(requests(8), ignore)
        assert len(model.asked) == 8
        assert len(outcome.answers) == 4

    def test_one_failure_that_lasts_ends_it(self):
        """A key that is not accepted will not be accepted next time."""
        model = ScriptedModel(silent, concurrency=1)
        dispatcher(model).ask(requests(6), ignore)
        assert len(model.asked) == 1

    def test_a_cut_off_answer_does_not_end_it(self):
        """It says nothing about the server, and it is paid for."""
        model = ScriptedModel(lambda _question: "5", problem="the answer was cut off")
        outcome = dispatcher(model).ask(requests(6), ignore)
        assert len(model.asked) == 6
        assert set(outcome.failures.values()) == {"the answer was cut off"}
        assert outcome.usage.cost > 0

    def test_a_failed_call_costs_nothing(self):
        """What was reserved for it is free again."""
        budget = Budget(job=estimated_cost(PRICE, question("key 0")) * 1.5)

        def script(_question: Question) -> str:
            raise NoAnswer("it failed")

        model = ScriptedModel(script, concurrency=1, price=PRICE)
        outcome = dispatcher(model, budget).ask(requests(2), ignore)
        assert list(outcome.failures.values()) == ["it failed", "it failed"]

    def test_a_stopped_job_keeps_what_it_has(self):
        """Answers that came before are stored."""
        stop = threading.Event()

        def progress(_share: float) -> None:
            if stop.is_set():
                raise Cancelled("stopped")

        def script(_question: Question) -> str:
            stop.set()
            return "5"

        asked = dispatcher(ScriptedModel(script, concurrency=1))
        with pytest.raises(Cancelled):
            asked.ask(requests(50), progress)
        assert asked.known(["key 0"]) == {"key 0": "5"}

    def test_an_unexpected_error_is_raised(self):
        """It is a fault of the program, not of the server."""

        def script(_question: Question) -> str:
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            dispatcher(ScriptedModel(script)).ask(requests(1), ignore)


class TestKeys:
    @given(st.lists(st.text(max_size=5), min_size=1, max_size=4), st.integers(0, 3))
    def test_a_key_depends_on_where_parts_end(self, parts, at):
        """Text that moves from one part to the next makes another key."""
        at = min(at, len(parts) - 1)
        moved = [*parts[:at], f"{parts[at]}x", *parts[at + 1 :]]
        assert cache_key(*parts) != cache_key(*moved)
        assert cache_key(*parts) != cache_key(*parts, "")
        assert cache_key("a", "bc") != cache_key("ab", "c")

    def test_keys_stay_what_they_are(self):
        """Stored answers are found again by another version."""
        key = cache_key("model@server", "title", "Write.", "text")
        assert key == "a6e07ffee25b99484b83ff1e7d78335ec0ec17862cc0c94da5477ad207f6ea3e"


class TestProgress:
    @given(st.integers(1, 9), st.floats(0, 1))
    def test_tasks_in_turn_fill_the_whole(self, tasks, share):
        """Each takes an equal part, and none goes back."""
        reported: list[float] = []
        for done in range(tasks):
            share_of(reported.append, done, tasks)(share)
            share_of(reported.append, done, tasks)(1.0)
        assert reported == sorted(reported)
        assert reported[-1] == 1.0


class TestAccount:
    @given(st.floats(0.0, 0.01), st.lists(st.integers(1, 400), max_size=20))
    def test_what_is_reserved_never_exceeds_the_budget(self, limit, sizes):
        """Calls that are under way count at their estimate."""
        account = Account(MemoryLedger(), Budget(job=limit), PRICE, "job")
        reserved = 0.0
        for size in sizes:
            asked = question("x" * size)
            if not account.reserve(asked):
                reserved += estimated_cost(PRICE, asked)
        assert reserved <= limit + 1e-12

    @given(st.lists(st.integers(1, 400), min_size=1, max_size=10))
    def test_what_is_released_can_be_reserved_again(self, sizes):
        """A call that failed leaves the budget as it was."""
        largest = max(estimated_cost(PRICE, question("x" * size)) for size in sizes)
        account = Account(MemoryLedger(), Budget(job=largest * 1.001), PRICE, "job")
        for size in sizes:
            asked = question("x" * size)
            assert account.reserve(asked) == ""
            account.release(asked)

    def test_what_was_charged_counts(self):
        """At what it cost, no longer at the estimate."""
        ledger = MemoryLedger()
        account = Account(ledger, Budget(job=1.0), PRICE, "job")
        asked = question()
        account.reserve(asked)
        paid = account.charge(asked, "model", Usage(prompt_tokens=99_999))
        assert paid.cost == pytest.approx(0.99999)
        assert account.reserve(asked) == "the budget of $1 a job is used up"
        assert ledger.calls == [("job", "title", "model", paid)]

    def test_a_charged_call_counts_no_longer_at_its_estimate(self):
        """One that was cheaper than expected leaves room for another."""
        asked = question()
        limit = estimated_cost(PRICE, asked) * 1.5
        account = Account(MemoryLedger(), Budget(job=limit), PRICE, "job")
        assert account.reserve(asked) == ""
        account.charge(asked, "model", Usage())
        assert account.reserve(asked) == ""
        assert account.reserve(asked) != ""

    @pytest.mark.parametrize(
        ("budget", "reason"),
        [
            (Budget(), ""),
            (Budget(job=1.0), ""),
            (Budget(day=1.0), "the budget of $1 a day is used up"),
            (Budget(job=0.0, day=0.0), "the budget of $0 a job is used up"),
        ],
    )
    def test_other_jobs_count_against_the_day_alone(self, budget, reason):
        """The reason names the budget that is spent; the job's is asked first."""
        ledger = MemoryLedger()
        ledger.note("other", "title", "model", Usage(cost=2.0))
        assert Account(ledger, budget, PRICE, "job").reserve(question()) == reason

    def test_an_answer_is_estimated_at_no_more_than_it_may_have(self):
        """A short limit makes a cheaper question."""
        text = "x" * 10_000
        unlimited = estimated_cost(PRICE, question(text))
        assert estimated_cost(PRICE, question(text, most_tokens=10)) < unlimited

    @given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6))
    def test_a_cached_token_costs_its_own_price(self, fresh, cached, received):
        """Sent tokens include the cached ones."""
        usage = Usage(
            prompt_tokens=fresh + cached, cached_tokens=cached, completion_tokens=received
        )
        assert PRICE.of(usage) * 1e6 == pytest.approx(10 * fresh + cached + 20 * received)

    def test_a_free_model_is_announced_without_a_price(self):
        """Nobody wants to read $0.0000."""
        assert describe_cost([question(), question()], Price()) == "2 requests of about 10 tokens"
