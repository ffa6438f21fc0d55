"""The SQL database: connections, transactions, and the revision of its schema."""

import logging
import select as selecting
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from threading import Event
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, func, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, DisconnectionError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from trax.errors import InvalidOption, StoreError, StoreUnavailable
from trax.servers import DatabaseConfig
from trax.store import schema, v1
from trax.store.json_text import serialized
from trax.store.memory import DocumentMemory

_log = logging.getLogger(__name__)

_BUSY_SECONDS = 30
_PATIENCE = 1.0  # seconds
_USED_AT = "used at"
_LONG_IDLE = 30.0  # seconds after which a connection is tried before it is used
_SCHEMA_LOCK = 0x74726178  # Postgres advisory lock: one migration at a time
_REFUSALS = ("authentication failed", "no pg_hba.conf entry", "does not exist")
_DRIVERS = {
    "sqlite": "sqlite",
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
}


def server_url(config: DatabaseConfig) -> str:
    """The URL of the database that *config* describes, its password included; empty if neither a
    URL nor a host is set.
    """
    given = config.url.get_secret_value()
    if given or not config.host:
        return given
    url = URL.create(
        "postgresql",
        username=config.user,
        password=config.password.get_secret_value() or None,
        port=config.port,
        database=config.name,
        query={"host": config.host, "sslmode": config.tls},
    )
    return url.render_as_string(hide_password=False)


class Database:
    """A database, opened on first use.

    A new SQLite database gets its tables on first use, and one of an earlier release is brought up
    to date, after a copy of it was laid beside it. Any other database whose schema is not this
    library's is refused until `upgrade` has run.
    """

    def __init__(self, url: str) -> None:
        try:
            parsed = make_url(url)
            kind = parsed.drivername.split("+")[0]
            self._url = parsed.set(drivername=_DRIVERS[kind])
        except (ArgumentError, KeyError):
            raise InvalidOption(
                "the database's URL must begin with postgresql:// or sqlite:///"
            ) from None
        self.memory = DocumentMemory()

    @property
    def kind(self) -> str:
        """``postgresql`` or ``sqlite``."""
        return self._url.get_backend_name()

    @property
    def name(self) -> str:
        """The database's name on its server, or its file."""
        return self._url.database or ""

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for reading; each statement sees what is committed when it begins.

        Raises:
            StoreUnavailable: the database does not answer, is locked, or its disk is full.
            StoreError: the database cannot be used.
            SchemaMismatch: its schema is not this library's.
        """
        with _translated(), Session(self._reader) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session whose changes are committed together at the end, or not at all.

        Raises as `reading` does.
        """
        engine = self._checked.execution_options(trax_writes=True)
        with _translated(), Session(engine) as session, session.begin():
            yield session

    @contextmanager
    def noting(self) -> Iterator[Session]:
        """A session as `writing` gives, for what may be lost if the machine loses power: in SQLite
        nobody waits for the disk. What is written afterwards is never kept without it. A Postgres
        waits: it would lose that whenever its process crashes.

        Raises as `reading` does.
        """
        engine = self._checked.execution_options(trax_writes=True, trax_synchronous="NORMAL")
        with _translated(), Session(engine) as session, session.begin():
            yield session

    def upgrade(self, *, keep: bool = True) -> schema.SchemaChange:
        """Bring the database to this library's schema, data of v1 included, or only try to; see
        `schema.upgrade`.
        """
        with self._changing_schema() as connection:
            return schema.upgrade(connection, keep=keep)

    def back_to_v1(self, *, discard: bool = False) -> v1.Report:
        """Undo the upgrade from v1; see `schema.back_to_v1`."""
        with self._changing_schema() as connection:
            return schema.back_to_v1(connection, discard=discard)

    def revision(self) -> str:
        """The revision of its schema: ``empty``, ``v1``, ``early``, ``unknown``, or a number."""
        with _translated(), self._engine.connect() as connection:
            return schema.revision(connection)

    @contextmanager
    def _changing_schema(self) -> Iterator[Connection]:
        """A transaction in which nobody else changes the schema."""
        with _translated(), self._engine.execution_options(trax_writes=True).begin() as connection:
            if self.kind == "postgresql":
                connection.execute(select(func.pg_advisory_xact_lock(_SCHEMA_LOCK)))
            yield connection

    def now(self, session: Session) -> datetime:
        """The time by the clock that all users of the database share."""
        if self.kind == "postgresql":
            return session.scalar(select(func.clock_timestamp())) or datetime.now(UTC)
        return datetime.now(UTC)

    def notices(self, channel: str, ended: Event) -> Iterator[str | None]:
        """What is notified on a channel of a Postgres, until *ended*; ``None`` whenever some of it
        may have been missed.
        """
        import psycopg

        address = self._url.set(drivername="postgresql").render_as_string(hide_password=False)
        while not ended.is_set():
            try:
                with psycopg.connect(address, autocommit=True, connect_timeout=10) as connection:
                    connection.execute(f'LISTEN "{channel}"')
                    yield None
                    while not ended.is_set():
                        for notice in connection.notifies(timeout=_PATIENCE):
                            yield notice.payload
            except psycopg.Error as error:
                _log.warning("what other services do is heard later: %s", error)
                ended.wait(_PATIENCE)

    def close(self) -> None:
        """Close every connection."""
        if "_engine" in vars(self):
            self._engine.dispose()

    @cached_property
    def _checked(self) -> Engine:
        """The engine, once the schema is known to be this library's."""
        with _translated(), self._engine.connect() as connection:
            problem = schema.mismatch(connection)
            by_itself = self.kind == "sqlite" and schema.is_simple_to_upgrade(connection)
        if by_itself:
            self._upgrade_file()
        elif problem:
            raise problem
        return self._engine

    def _upgrade_file(self) -> None:
        """Upgrade an SQLite database, once, with a copy of its data as it was laid beside it."""
        with self._changing_schema() as connection:
            before = schema.revision(connection)
            copy = Path(f"{self.name}.{before}")
            if before not in {"empty", schema.NEWEST}:
                self._copy_to(copy)
                _log.warning(
                    "bringing the database up to date, from revision %s to %s; %s is how it was",
                    before,
                    schema.NEWEST,
                    copy,
                )
            schema.upgrade(connection)

    def _copy_to(self, path: Path) -> None:
        """Write what an SQLite database holds to another file, whole or not at all.

        Raises:
            StoreUnavailable: there is no room for it.
        """
        unfinished = path.with_name(f"{path.name}.part")
        unfinished.unlink(missing_ok=True)
        try:
            with closing(sqlite3.connect(self.name)) as connection:
                connection.execute("VACUUM INTO ?", (str(unfinished),))
            unfinished.replace(path)
        except (sqlite3.Error, OSError) as error:
            unfinished.unlink(missing_ok=True)
            reason = f"the database cannot be copied before its upgrade: {error}"
            raise StoreUnavailable(reason, "short") from error

    @cached_property
    def _reader(self) -> Engine:
        """The engine for reading: on Postgres without transactions, whose beginning and end would
        each be asked for, and promise nothing that a statement alone has not.
        """
        if self.kind == "postgresql":
            return self._checked.execution_options(isolation_level="AUTOCOMMIT")
        return self._checked

    @cached_property
    def _engine(self) -> Engine:
        options = {"json_serializer": serialized}
        if self.kind == "postgresql":
            # Statements are not prepared: a plan made without knowing the words is the wrong one
            # for rare words, and poolers do not know them.
            settings = {"connect_timeout": 10, "prepare_threshold": None}
            engine = create_engine(self._url, connect_args=settings, **options)
            event.listen(engine, "checkin", _note_use)
            event.listen(engine, "checkout", _refuse_dead)
            return engine
        _make_folder(self._url.database)
        engine = create_engine(self._url, connect_args={"timeout": _BUSY_SECONDS}, **options)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine


@contextmanager
def _translated() -> Iterator[None]:
    """Turn the driver's errors into ours, without the statement and its values."""
    try:
        yield
    except DBAPIError as error:
        reason = " ".join(str(error.orig).split())
        raise _kind(error, reason) from error


def _kind(error: DBAPIError, reason: str) -> StoreError:
    """The error of ours that says what *error* means."""
    passing = isinstance(error, OperationalError) or error.connection_invalidated
    if not passing or any(refusal in reason for refusal in _REFUSALS):
        return StoreError(f"the database cannot be used: {reason}")
    on_disk = isinstance(error.orig, sqlite3.Error) and "locked" not in reason
    return StoreUnavailable(
        f"the database does not answer: {reason}", "short" if on_disk else "long"
    )


def _note_use(_connection: object, record: ConnectionPoolEntry) -> None:
    record.info[_USED_AT] = time.monotonic()


def _refuse_dead(connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
    """After a restart of the server the first use of an old connection must not fail.

    A server that ends says so unasked, which costs nothing to see; only a connection that was idle
    for long may have been cut without a word, and is tried.

    Raises:
        DisconnectionError: it is dead: another is made.
    """
    import psycopg

    idle = time.monotonic() - record.info.get(_USED_AT, time.monotonic())
    try:
        is_dead = _has_news(connection)
        if idle > _LONG_IDLE and not is_dead:
            connection.execute("SELECT 1")
            connection.rollback()
    except psycopg.Error:
        is_dead = True
    if is_dead:
        raise DisconnectionError("the server has closed the connection")


def _has_news(connection: Any) -> bool:
    """Whether the server has said something that nobody asked for."""
    poll = selecting.poll()
    poll.register(connection.fileno(), selecting.POLLIN)
    return bool(poll.poll(0))


def _make_folder(file: str | None) -> None:
    folder = Path(file or ".").parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = f"cannot make the folder {folder}: {error.strerror}"
        raise StoreUnavailable(reason, "short") from error


def _prepare_sqlite(connection: object, _record: object) -> None:
    """Let readers and one writer work at once, enforce references, leave transactions to us."""
    connection.isolation_level = None  # type: ignore[attr-defined]
    cursor = connection.cursor()  # type: ignore[attr-defined]
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """Lock at once for a writer: one that had read first could not wait for its turn."""
    options = connection.get_execution_options()
    writes = options.get("trax_writes", False)
    if writes:
        level = options.get("trax_synchronous", "FULL")
        connection.exec_driver_sql(f"PRAGMA synchronous={level}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
