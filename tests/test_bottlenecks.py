"""What bounds throughput is told with its figures; advice is checked, and withdrawn if wrong."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from trax.service.analytics.advice import Adviser
from trax.service.analytics.load import Host
from trax.store import Database
from trax.testing.engine_server import scripted_workspace
from trax.testing.history import Shift, plant_shift
from trax.testing.web_server import serving

BEGAN = datetime.now(UTC).replace(microsecond=0) - timedelta(days=5)
LATER = BEGAN + timedelta(days=2)
HERE = Host(name="here", processors=8, memory_bytes=32 << 30, gpus=0, threads=4, store="one")


@pytest.fixture
def database(database_url):
    database = Database(database_url)
    yield database
    database.close()


def bound(database, host=HERE):
    return Adviser(database, host).bounds(BEGAN, BEGAN + timedelta(days=5)).bottlenecks


class TestBound:
    def test_idle_processors_while_jobs_wait_ask_for_more_jobs_at_once(self, database):
        """Three instead of two: half as much again, with as many threads as fit."""
        plant_shift(database, Shift(began=BEGAN, processors=2.0))
        (found,) = bound(database)
        assert (found.kind, found.setting, found.wanted) == ("jobs", "2", "3")
        assert found.change == "3 jobs at once, with 2 threads each"
        assert found.gain == pytest.approx(1.5)
        assert "4.0 of 8 processors were busy" in found.evidence

    def test_the_gain_is_no_more_than_processors_have_left(self, database):
        """Of 5.5 of 8 that are busy, 1.3 can be had."""
        plant_shift(database, Shift(began=BEGAN, processors=2.75))
        (found,) = bound(database)
        assert found.gain == pytest.approx(0.85 * 8 / 5.5)

    def test_jobs_that_wait_for_seats_ask_for_seats(self, database):
        """Two jobs share a seat: each waits for half of its time."""
        plant_shift(database, Shift(began=BEGAN, seats=1, processors=2.0))
        (found,) = bound(database)
        assert (found.kind, found.wanted) == ("seats", "2")
        assert found.gain == pytest.approx(2.0)
        assert "50%" in found.evidence

    def test_stages_that_wait_for_the_store_ask_for_a_faster_one(self, database):
        """Four fifths of the time, neither processor nor GPU works."""
        plant_shift(database, Shift(began=BEGAN, processors=0.2))
        (found,) = bound(database)
        assert (found.kind, found.bound) == ("store", "the store")
        assert found.gain == pytest.approx(1 / 0.6)

    def test_full_processors_ask_for_a_plan_that_was_faster_here(self, database):
        """By its own measured pace."""
        plant_shift(database, Shift(began=BEGAN, processors=3.6))
        plant_shift(
            database,
            Shift(
                began=BEGAN + timedelta(hours=1), processors=3.6, seconds=20.0, plan="fast", jobs=8
            ),
        )
        (found,) = bound(database)
        assert (found.kind, found.setting, found.wanted) == ("plan", "balanced", "fast")
        assert found.gain == pytest.approx(3.0)

    def test_full_processors_ask_for_nothing_that_was_not_measured(self, database):
        """The bound is told, with no promise."""
        plant_shift(database, Shift(began=BEGAN, processors=3.6))
        (found,) = bound(database)
        assert (found.kind, found.change, found.gain) == (None, "", None)
        assert found.bound == "processors, by recognise"

    @pytest.mark.parametrize(
        "quiet",
        [
            {"is_queued": False},
            {"jobs": 19},
            {"processors": 0.0},
            {"machine": "elsewhere"},
            {"memory_bytes": 16 << 30},
        ],
        ids=["nobody waits", "too few jobs", "no figures", "another machine", "memory is full"],
    )
    def test_nothing_is_told_where_figures_do_not_say(self, database, quiet):
        """Of the same machine that is bound otherwise."""
        plant_shift(database, replace(Shift(began=BEGAN, processors=2.0), **quiet))
        assert bound(database) == ()


class TestAdvice:
    @pytest.fixture
    def adviser(self, database):
        """It has advised three jobs at once."""
        end = plant_shift(database, Shift(began=BEGAN, processors=2.0))
        adviser = Adviser(database, HERE)
        adviser.keep(end + timedelta(seconds=1))
        return adviser

    def follow(self, database, adviser, seconds: float):
        """Three at once, seen first and checked then; jobs take *seconds* now."""
        shift = Shift(began=LATER, slots=3, seats=3, seconds=seconds, processors=1.8)
        seen = plant_shift(database, replace(shift, jobs=3)) + timedelta(minutes=1)
        adviser.keep(seen)
        assert [each.state for each in adviser.bounds(LATER, seen).advice] == ["changed"]
        end = plant_shift(database, replace(shift, began=seen)) + timedelta(seconds=1)
        adviser.keep(end)
        return adviser.bounds(BEGAN, end)

    def test_advice_is_kept_once_with_what_it_said(self, database, adviser):
        """However often it is given."""
        adviser.keep(BEGAN + timedelta(hours=2))
        (kept,) = adviser.bounds(BEGAN, LATER).advice
        assert (kept.kind, kept.setting, kept.wanted, kept.state) == ("jobs", "2", "3", "open")
        assert kept.gain == pytest.approx(1.5)
        assert kept.rate == pytest.approx(60.0)

    def test_advice_that_was_not_followed_stays_open(self, database, adviser):
        """More jobs by the same setting check nothing."""
        end = plant_shift(database, Shift(began=LATER, processors=2.0))
        adviser.keep(end + timedelta(seconds=1))
        assert [each.state for each in adviser.bounds(BEGAN, end).advice] == ["open"]

    def test_advice_that_helped_is_told_so_and_given_on(self, database, adviser):
        """Half as much again was said, and came."""
        found = self.follow(database, adviser, 60.0)
        first = found.advice[-1]
        assert first.state == "brought"
        assert first.brought == pytest.approx(1.5, rel=0.1)
        assert [each.wanted for each in found.bottlenecks] == ["4"]

    def test_advice_that_was_wrong_is_withdrawn(self, database, adviser):
        """Three at once are no faster than two: the machine is not told so again."""
        found = self.follow(database, adviser, 90.0)
        (first,) = found.advice
        assert first.state == "withdrawn"
        assert first.brought == pytest.approx(1.0, rel=0.1)
        assert found.bottlenecks == ()

    def test_another_machine_is_still_advised(self, database, adviser):
        """What was wrong here may be right there."""
        self.follow(database, adviser, 90.0)
        plant_shift(
            database,
            Shift(began=BEGAN + timedelta(hours=9), processors=2.0, machine="there"),
        )
        assert [each.kind for each in bound(database, replace(HERE, name="there"))] == ["jobs"]


def test_a_report_and_the_service_tell_the_same(trax, home, monkeypatch):
    """In words, and for programs."""
    workspace = scripted_workspace(home)
    monkeypatch.setattr(Host, "this", lambda _settings: HERE)
    plant_shift(workspace.database, Shift(began=BEGAN, processors=2.0))
    printed = trax("report").stdout
    assert "3 jobs at once, with 2 threads each | +50% throughput" in printed
    assert "not followed yet" in printed
    found = json.loads(trax("report", "--json").stdout)["bounds"]
    with serving(workspace) as client:
        answer = client.get("/v1/analytics/bottlenecks").json()
    assert answer["items"][0]["evidence"] == found["bottlenecks"][0]["evidence"]
    assert answer["advice"][0]["state"] == "open"
