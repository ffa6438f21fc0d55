"""The schema's revisions, and v1's data there and back."""

import hashlib
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, select, text

from trax.errors import SchemaMismatch, SchemaOutdated, StoreError, StoreUnavailable
from trax.pipelines.transcribe import transcribe
from trax.stages.options import TranscribeOptions
from trax.store import Database, JobRepository, JobStatus, TranscriptRepository, schema
from trax.store.figure_tables import StageDayRow
from trax.store.migrations.kept import compared
from trax.store.tables import Base
from trax.testing import transcript
from trax.testing.v1 import fill_v1
from trax.transcript.codec import to_json


@pytest.fixture(autouse=True)
def _by_migrations(monkeypatch):
    """As users' databases are made."""
    monkeypatch.setattr(Database, "_upgrade_file", Database._upgrade_file.__wrapped__)


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request, tmp_path) -> str:
    """The URL of a database of every kind, without any table."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'trax.db'}"
    return request.getfixturevalue("postgres").new_database()


@pytest.fixture
def empty(empty_url):
    database = Database(empty_url)
    yield database
    database.close()


@pytest.fixture
def plain(empty_url):
    """The same database as any program sees it."""
    engine = create_engine(empty_url)
    yield engine
    engine.dispose()


def tables(plain) -> set[str]:
    return {
        name for name in inspect(plain).get_table_names() if not name.startswith("segments_search_")
    }


def stage_day(**changed) -> StageDayRow:
    """A row of sums."""
    numbers = ("cached", "skipped", "retries", "peak_device_memory_bytes", "written_bytes")
    seconds = ("seconds", "audio_seconds", "processor_seconds", "gpu_busy_seconds")
    values = dict.fromkeys(numbers, 0) | dict.fromkeys(seconds, 1.0)
    values |= {"day": date(2026, 1, 2), "stage": "recognise", "plan": "fast", "machine": "here"}
    values |= {"device": "cpu", "peak_memory_bytes": 7, "paces": {}}
    return StageDayRow(**(values | changed))


def as_json(value: object) -> object:
    """JSON as SQLite gives it to raw SQL, or Postgres."""
    return json.loads(value) if isinstance(value, str) else value


def content(plain, *names: str) -> str:
    """SHA-256 over the columns, indexes, references and rows of tables."""
    digest = hashlib.sha256()
    with plain.connect() as connection:
        for name in names:
            looked = inspect(plain)
            digest.update(
                repr(
                    [(column["name"], str(column["type"])) for column in looked.get_columns(name)]
                ).encode()
            )
            digest.update(
                repr(sorted(index["name"] for index in looked.get_indexes(name))).encode()
            )
            digest.update(
                repr([key["referred_columns"] for key in looked.get_foreign_keys(name)]).encode()
            )
            for row in connection.execute(text(f"select * from {name} order by id")):
                digest.update(repr(tuple(row)).encode(errors="surrogatepass"))
    return digest.hexdigest()


class TestRevisions:
    def test_the_newest_revision_is_the_last_migration_s(self):
        """Known without asking Alembic, which takes long to import."""
        folder = Path(schema.__file__).with_name("migrations") / "versions"
        assert max(path.name for path in folder.glob("0*.py")).startswith(f"{schema.NEWEST}_")

    def test_the_migrations_make_the_tables_that_the_code_knows(self, empty, plain):
        """Nothing more, nothing less."""
        empty.upgrade()
        with plain.connect() as connection:
            options = {
                "include_object": compared,
                "version_table": "trax_schema",
                "compare_type": True,
            }
            context = MigrationContext.configure(connection, opts=options)
            assert compare_metadata(context, Base.metadata) == []

    def test_days_by_model_are_added_up_on_the_way_back(self, empty, plain):
        """And stay as they were on the way there."""
        empty.upgrade()
        by_model = (("", 1, {"3": 2}), ("tiny.en", 2, {"3": 1, "4": 5}))
        with empty.writing() as session:
            for model, runs, took in by_model:
                session.add(stage_day(model=model, runs=runs, took=took))
            session.add(stage_day(stage="merge", model="", runs=9, took={}))
        with empty._engine.begin() as connection:
            command.downgrade(schema._config(connection), "0031")
            rows = connection.execute(
                text("select stage, runs, took, peak_memory_bytes from stage_days order by stage")
            )
            found = [(row[0], row[1], as_json(row[2]), row[3]) for row in rows]
        assert found == [("merge", 9, {}, 7), ("recognise", 3, {"3": 3, "4": 5}, 7)]
        empty.upgrade()
        with empty.reading() as session:
            kept = {row.stage: row for row in session.scalars(select(StageDayRow))}
        assert (kept["recognise"].model, kept["recognise"].runs) == ("", 3)

    def test_upgrading_twice_is_upgrading_once(self, empty):
        """The second time says so."""
        assert empty.upgrade().before == "empty"
        again = empty.upgrade()
        assert again.before == again.after == empty.revision()

    def test_a_dry_run_leaves_nothing(self, empty, plain):
        """Not even a table."""
        assert empty.upgrade(keep=False).after == schema.NEWEST
        assert tables(plain) == set()

    def test_upgrading_is_in_the_audit_log(self, empty):
        """The first thing there."""
        empty.upgrade()
        with empty.reading() as session:
            assert session.scalar(text("select action from audit_log")) == "database.upgraded"

    def test_an_older_schema_is_refused_with_what_to_do(self, empty, plain, workspace, recording):
        """When a job starts, before any work."""
        empty.upgrade()
        with plain.begin() as connection:
            connection.execute(text("update trax_schema set version_num = '0000'"))
        old = Database(empty._url.render_as_string(hide_password=False))
        with pytest.raises(SchemaMismatch, match="0000"):
            transcribe(replace(workspace, database=old), recording, TranscribeOptions())
        assert workspace.engines.calls == []

    def test_a_newer_schema_is_refused(self, empty, plain):
        """It may hold what this Trax would break."""
        empty.upgrade()
        with plain.begin() as connection:
            connection.execute(text("update trax_schema set version_num = '9999'"))
        with (
            pytest.raises(SchemaMismatch, match="9999, made by a newer Trax"),
            Database(_url(empty)).reading(),
        ):
            pass

    def test_another_program_s_tables_are_left_alone(self, empty, plain):
        """Same name, other table."""
        with plain.begin() as connection:
            connection.execute(
                text("create table transcripts (id integer primary key, title text)")
            )
        with pytest.raises(SchemaMismatch, match="another program"), empty.reading():
            pass
        with pytest.raises(StoreError, match="another program"):
            empty.upgrade()
        assert tables(plain) == {"transcripts"}

    def test_an_empty_postgres_wants_the_upgrade(self, postgres):
        """Whoever runs one decides when."""
        database = Database(postgres.new_database())
        with (
            pytest.raises(SchemaOutdated, match="no tables yet"),
            database.reading(),
        ):
            pass
        database.close()

    def test_a_new_sqlite_file_makes_itself(self, tmp_path):
        """On a laptop nobody runs anything."""
        database = Database(f"sqlite:///{tmp_path / 'new' / 'trax.db'}")
        assert TranscriptRepository(database).summaries() == []

    @pytest.mark.slow
    def test_many_may_begin_with_a_new_database(self, empty_url):
        """One upgrades, the others find it done."""
        program = "import sys; from trax.store import Database; Database(sys.argv[1]).upgrade()"
        workers = [
            subprocess.Popen([sys.executable, "-c", program, empty_url], stderr=subprocess.PIPE)
            for _ in range(4)
        ]
        assert [worker.communicate(timeout=120)[1].decode() for worker in workers] == [""] * 4
        assert [worker.returncode for worker in workers] == [0] * 4


def test_what_was_said_before_is_found_without_spaces_too(empty, plain):
    """The index of segments that are there is made anew, and back again."""
    empty.upgrade()
    repository = TranscriptRepository(empty)
    repository.save(transcript([("SPEAKER_00", "東京について。"), ("SPEAKER_01", "The budget.")]))
    with plain.begin() as connection:
        command.downgrade(schema._config(connection), "0004")
    with plain.connect() as connection:
        names = {column["name"] for column in inspect(connection).get_columns("segments")}
        assert "spaced" not in names
    again = Database(_url(empty))
    assert (again.upgrade().before, again.revision()) == ("0004", schema.NEWEST)
    repository = TranscriptRepository(again)
    assert [len(repository.search(query)) for query in ("について", "budget", "東")] == [1, 1, 1]
    again.close()


class TestAFileOfAnEarlierRelease:
    @pytest.fixture
    def earlier(self, tmp_path) -> Path:
        """The SQLite database of a laptop that was last used some releases ago."""
        file = tmp_path / "trax.db"
        database = Database(f"sqlite:///{file}")
        TranscriptRepository(database).save(transcript())
        with database._changing_schema() as connection:
            command.downgrade(schema._config(connection), "0005")
        database.close()
        return file

    def test_it_is_brought_up_to_date_by_its_use(self, earlier):
        """On a laptop nobody runs anything; how it was can be had again."""
        database = Database(f"sqlite:///{earlier}")
        assert TranscriptRepository(database).count() == 1
        assert database.revision() == schema.NEWEST
        kept = Database(f"sqlite:///{earlier}.0005")
        assert kept.revision() == "0005"
        with kept._engine.connect() as connection:
            assert connection.execute(text("select count(*) from transcripts")).scalar() == 1

    def test_without_room_for_a_copy_it_stays_as_it_is(self, earlier):
        """Nothing is changed that could not be brought back."""
        Path(f"{earlier}.0005").mkdir()
        database = Database(f"sqlite:///{earlier}")
        with pytest.raises(StoreUnavailable, match="cannot be copied"), database.reading():
            pass
        assert database.revision() == "0005"
        assert not Path(f"{earlier}.0005.part").exists()

    def test_of_many_that_find_it_one_brings_it_up_to_date(self, earlier):
        """The copy is of what was there before, not of what another made of it."""
        databases = [Database(f"sqlite:///{earlier}") for _ in range(6)]
        with ThreadPoolExecutor(6) as pool:
            counts = list(pool.map(lambda each: TranscriptRepository(each).count(), databases))
        assert counts == [1] * 6
        assert Database(f"sqlite:///{earlier}.0005").revision() == "0005"


def _url(database: Database) -> str:
    return database._url.render_as_string(hide_password=False)


class TestFromEarly:
    @pytest.fixture
    def filled(self, plain) -> None:
        """What Trax made before its schema had revisions: two transcripts."""
        with plain.begin() as connection:
            for statement in EARLY:
                connection.execute(text(statement))
            given = "cast(:document as json)" if plain.dialect.name == "postgresql" else ":document"
            for number in (1, 2):
                document = to_json(replace(transcript(), id=f"early{number}")).decode()
                connection.execute(
                    text(
                        f"insert into transcripts values (:id, :sha, 'en', 2, 9, {given}, "
                        "'2026-11-20 10:00:00+00:00')"
                    ).bindparams(id=f"early{number}", sha="ab" * 32, document=document)
                )

    def test_its_transcripts_are_kept(self, empty, plain, filled):
        """As first versions, with their time; the old tables go."""
        with (
            pytest.raises(SchemaOutdated, match="revision early"),
            empty.reading(),
        ):
            pass
        assert empty.upgrade(keep=False).before == "early"
        assert empty.upgrade().after == schema.NEWEST
        repository = TranscriptRepository(empty)
        assert repository.get("early1") == replace(transcript(), id="early1")
        assert [(each.version, each.created_at.day) for each in repository.summaries()] == [
            (1, 20),
            (1, 20),
        ]
        assert not any(name.startswith("early") for name in tables(plain))
        assert len(repository.search("budget")) == 2


EARLY = (
    "create table recordings (sha256 varchar primary key, name varchar not null, duration "
    "float not null, "
    "size_bytes integer not null, created_at timestamp with time zone not null)",
    "create table transcripts (id varchar primary key, recording_sha256 varchar not null "
    "references recordings, "
    "language varchar not null, speakers integer not null, words integer not null, document "
    "json not null, "
    "created_at timestamp with time zone not null)",
    "create index ix_transcripts_created_at on transcripts (created_at)",
    "create table stage_runs (id integer primary key, transcript_id varchar not null "
    "references transcripts, "
    "stage varchar not null)",
    f"insert into recordings values ('{'ab' * 32}', 'morning call.wav', 15.0, 1000, "
    "'2026-11-20 10:00:00+00:00')",
)


class TestFromV1:
    @pytest.fixture
    def filled(self, plain) -> str:
        """Some transcripts of v1; gives the digest of all its rows."""
        with plain.begin() as connection:
            fill_v1(connection, 150)
        return content(plain, "media_files", "transcripts")

    @pytest.mark.slow
    @pytest.mark.parametrize("many", [100, pytest.param(1000, marks=pytest.mark.soak)])
    def test_many_migrate_validate_and_come_back_unchanged(self, empty, plain, many):
        """In one transaction each way, huge and broken ones among them."""
        with plain.begin() as connection:
            fill_v1(connection, many)
        filled = content(plain, "media_files", "transcripts")
        change = empty.upgrade()
        assert (change.before, change.after) == ("v1", schema.NEWEST)
        counts = change.report.counts
        assert change.report.valid
        assert (counts["v1 transcripts"], counts["jobs"]) == (many, many)
        assert counts["texts compared"] > 0.85 * many
        assert counts["transcripts without a media file"] > 0
        assert counts["media files without a transcript"] > 0
        assert counts["transcripts with broken segments"] > 0
        assert content(plain, "v1_media_files", "v1_transcripts") == filled
        back = empty.back_to_v1()
        assert back.counts == {"media_files": counts["v1 media_files"], "transcripts": many}
        assert tables(plain) == {"media_files", "transcripts"}
        assert content(plain, "media_files", "transcripts") == filled
        assert Database(_url(empty)).upgrade().report.counts == counts

    def test_what_arrives_is_what_was_said(self, empty, plain, filled):
        """Text, version, no speakers; found by search; failed jobs among the failed."""
        empty.upgrade()
        repository, jobs = TranscriptRepository(empty), JobRepository(empty)
        with plain.connect() as connection:
            raw, status = connection.execute(
                text("select raw_content, status from v1_transcripts where id = 1")
            ).one()
        document = repository.get("v1-1")
        assert document.text.split() == raw.split()
        assert (document.speakers, document.turns) == ((), ())
        assert all(word.speaker is None for word in document.words)
        summary = repository.versions("v1-1")[0]
        assert (summary.pipeline_version, summary.version, summary.job_id) == ("v1", 1, "v1-1")
        assert "v1" in document.warnings[0]
        assert repository.search("совещание")
        failed = jobs.newest((JobStatus.FAILED,), 2000)
        assert {job.error["error"] for job in failed} >= {
            "CUDA out of memory",
            "Trax v1 left it as 'pending'",
        }
        assert status in ("completed", "done") or jobs.get("v1-1").status is JobStatus.FAILED

    @pytest.mark.slow
    def test_a_dry_run_reports_and_changes_nothing(self, empty, plain, filled):
        """The same report as the real one."""
        trial = empty.upgrade(keep=False)
        assert tables(plain) == {"media_files", "transcripts"}
        assert content(plain, "media_files", "transcripts") == filled
        assert empty.upgrade().report == trial.report

    def test_a_flow_does_not_start_on_v1(self, empty, filled):
        """It says what to run."""
        with pytest.raises(SchemaOutdated, match="revision v1"), empty.reading():
            pass

    def test_going_back_does_not_throw_away_new_work(self, empty, plain, filled):
        """Only when told to."""
        empty.upgrade()
        TranscriptRepository(empty).save(transcript())
        with pytest.raises(StoreError, match="1 transcripts were made since"):
            empty.back_to_v1()
        assert TranscriptRepository(empty).count() > 100
        empty.back_to_v1(discard=True)
        assert content(plain, "media_files", "transcripts") == filled

    def test_there_is_no_way_back_for_others(self, empty):
        """They never were v1."""
        empty.upgrade()
        with pytest.raises(StoreError, match="nothing to go back to"):
            empty.back_to_v1()

    def test_a_text_that_does_not_arrive_stops_everything(self, empty, plain, filled, monkeypatch):
        """The validation can fail, and then nothing has changed."""
        from trax.store import v1

        monkeypatch.setattr(v1, "_spread", lambda start, end, said: _spread_wrong(start, end))
        with pytest.raises(StoreError, match="did not arrive whole"):
            empty.upgrade()
        assert tables(plain) == {"media_files", "transcripts"}
        assert content(plain, "media_files", "transcripts") == filled


def _spread_wrong(start: float, end: float):
    from trax.transcript import Segment, Word

    return Segment(start, end, (Word(start, end, "wrong"),))
