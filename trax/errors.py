"""Every error Trax raises on purpose, in one tree.

::

    TraxError                     1   anything below; also the exit code of the unforeseen
    ├── InputError                2   what was given cannot be used
    │   ├── UnreadableAudio       2   no audio can be decoded from the file
    │   ├── LimitExceeded         2   larger or longer than the settings allow
    │   ├── InvalidDocument       2   a transcript, reference or table cannot be parsed
    │   ├── InvalidOption         2   an option's value makes no sense
    │   ├── RefusedTarget         2   an address that a service does not go to
    │   ├── Unreachable           2   nothing usable answers at an address
    │   └── NotFound              2   no such transcript, model, format
    ├── SetupError                3   something is not installed or not configured
    │   ├── ModelUnavailable      3   a model is nowhere to be had
    │   ├── MissingPart           3   a package, file or service is missing
    │   ├── MissingRooms          3   flows, blocks or deployments are not installed
    │   ├── UnknownBlock          3   no such block on the Prefect server
    │   └── SchemaMismatch        3   the database has another schema than this Trax
    │       └── SchemaOutdated    3   it is older, and can be upgraded
    ├── EngineError               4   a model failed while working
    │   ├── StageTimeout          4   a stage took longer than it may
    │   └── NoAnswer              4   a language model gave no answer that can be used
    ├── StoreError                5   data cannot be kept or read back
    │   ├── DamagedObject         5   bytes differ from their digest
    │   └── StoreUnavailable      5   the store does not answer; trying again may help
    │       └── PrefectUnavailable 5   the Prefect server does not answer
    ├── Busy                      5   there is no room for one more now; later there may be
    ├── NotReady                  5   it is being made; ask again in a while
    ├── Conflict                  6   somebody else changed it meanwhile: read again, decide again
    ├── AccessDenied              7   whoever asks may not do this
    │   ├── Unidentified          7   nobody knows who asks
    │   └── TooManyRequests       7   they ask too often; later they may
    ├── UploadBusy                1   another request sends bytes of the same recording
    ├── WrongOffset               1   bytes do not go on where the others end
    ├── WrongChecksum             1   bytes differ from those that were sent
    └── Cancelled               130   somebody asked to stop

The number is the exit code of the ``trax`` command. ``transient`` says whether trying the same
thing again may help: tasks retry on nothing else. Every error survives pickling: its arguments are
its attributes.
"""

import re
from collections.abc import Iterator
from typing import ClassVar, Literal


class TraxError(Exception):
    """Base of all Trax errors."""

    exit_code: ClassVar[int] = 1
    transient: ClassVar[bool] = False


class InputError(TraxError):
    """What was given cannot be used; the message says why."""

    exit_code = 2


class UnreadableAudio(InputError):
    """No audio can be decoded from the file at *path*."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.path, self.reason = path, reason

    def __str__(self) -> str:
        return f"cannot read audio from {self.path}: {self.reason}"


class LimitExceeded(InputError):
    """The file at *path* is larger or longer than the settings allow."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.path, self.reason = path, reason

    def __str__(self) -> str:
        return f"will not read {self.path}: {self.reason}"


class InvalidDocument(InputError):
    """A transcript, reference or table at *path* cannot be parsed."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.path, self.reason = path, reason

    def __str__(self) -> str:
        return f"cannot understand {self.path}: {self.reason}"


class InvalidOption(InputError):
    """An option's value makes no sense; the message says which and why."""


class RefusedTarget(InputError):
    """An address that a service does not go to: *reason*."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return f"the address cannot be used: {self.reason}"


class Unreachable(InputError):
    """Nothing usable answers at an address: *reason*. Trying again may help."""

    transient = True

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


class NotFound(InputError):
    """There is no such *kind* of thing called *name*."""

    def __init__(self, kind: str, name: str, hint: str = "") -> None:
        super().__init__(kind, name, hint)
        self.kind, self.name, self.hint = kind, name, hint

    def __str__(self) -> str:
        return f"there is no {self.kind} {self.name!r}" + (f"; {self.hint}" if self.hint else "")


class SetupError(TraxError):
    """Something is not installed or not configured; the message says what to do."""

    exit_code = 3


class ModelUnavailable(SetupError):
    """The model *name* is nowhere to be had."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(name, reason)
        self.name, self.reason = name, reason

    def __str__(self) -> str:
        return f"model {self.name!r} is not available: {self.reason}"


class MissingPart(SetupError):
    """A package, file or service is missing."""


class MissingRooms(SetupError):
    """Flows, blocks or deployments are not in the folder where they are looked for."""


class UnknownBlock(SetupError):
    """No block of that kind and name is kept on the Prefect server."""


class SchemaMismatch(SetupError):
    """The database has another schema than this Trax works with; the message says what to do."""


class SchemaOutdated(SchemaMismatch):
    """The database has an older schema than this Trax works with, or none; it can be upgraded."""


class EngineError(TraxError):
    """A model failed while working."""

    exit_code = 4


class StageTimeout(EngineError):
    """The stage *stage* took longer than the *limit* seconds it may take."""

    def __init__(self, stage: str, limit: float) -> None:
        super().__init__(stage, limit)
        self.stage, self.limit = stage, limit

    def __str__(self) -> str:
        return f"{self.stage} took longer than the {self.limit:.0f} s that it may take"


class NoAnswer(EngineError):
    """A language model gave no answer that can be used: *reason*.

    ``lasting`` says whether other questions will get none either.
    """

    def __init__(self, reason: str, lasting: bool = False) -> None:
        super().__init__(reason, lasting)
        self.reason, self.lasting = reason, lasting

    def __str__(self) -> str:
        return self.reason


class StoreError(TraxError):
    """Data cannot be kept or read back."""

    exit_code = 5


class DamagedObject(StoreError):
    """The bytes kept under *key* differ from their digest, or cannot be parsed."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(key, reason)
        self.key, self.reason = key, reason

    def __str__(self) -> str:
        return f"stored object {self.key} is damaged: {self.reason}"


class StoreUnavailable(StoreError):
    """The store does not answer: *reason*. Trying again may help.

    ``patience`` says for how long: ``long`` for a server that is away, ``short`` for a disk that is
    full, ``none`` once it was waited for.
    """

    transient = True

    def __init__(self, reason: str, patience: Literal["long", "short", "none"] = "long") -> None:
        super().__init__(reason, patience)
        self.reason, self.patience = reason, patience

    def __str__(self) -> str:
        return self.reason


class PrefectUnavailable(StoreUnavailable):
    """The Prefect server does not answer."""


class Busy(TraxError):
    """There is no room for one more of something; after *seconds* there may be."""

    exit_code = 5
    transient = True

    def __init__(self, reason: str, seconds: int) -> None:
        super().__init__(reason, seconds)
        self.reason, self.seconds = reason, seconds

    def __str__(self) -> str:
        return f"{self.reason}; try again in {self.seconds} s"


class NotReady(TraxError):
    """What was asked for is being made; *share* of it is done, 0 to 1."""

    exit_code = 5
    transient = True

    def __init__(self, share: float) -> None:
        super().__init__(share)
        self.share = share

    def __str__(self) -> str:
        return f"it is being made, {self.share:.0%} is done; ask again in a while"


class Conflict(TraxError):
    """A change was made on version *base* of *subject*, whose newest version is *newest*."""

    exit_code = 6

    def __init__(self, subject: str, base: int, newest: int) -> None:
        super().__init__(subject, base, newest)
        self.subject = subject
        self.base = base
        self.newest = newest

    def __str__(self) -> str:
        return (
            f"{self.subject} was changed meanwhile: this change was made on version {self.base}, "
            f"and the newest is version {self.newest}"
        )


class AccessDenied(TraxError):
    """Whoever asks may not do this; the message says what it takes."""

    exit_code = 7


class Unidentified(AccessDenied):
    """Nobody knows who asks, and only those who are known may."""


class TooManyRequests(AccessDenied):
    """Whoever asks does so too often; after *seconds* they may again."""

    transient = True

    def __init__(self, reason: str, seconds: int) -> None:
        super().__init__(reason, seconds)
        self.reason, self.seconds = reason, seconds

    def __str__(self) -> str:
        return f"{self.reason}; try again in {self.seconds} s"


class UploadBusy(TraxError):
    """Another request is sending bytes of the same recording."""


class WrongOffset(TraxError):
    """Bytes were sent that do not go on where the others end."""


class WrongChecksum(TraxError):
    """Bytes have arrived that differ from those that were sent; they are forgotten."""


class Cancelled(TraxError):
    """Somebody asked to stop; finished stages are kept."""

    exit_code = 130


_INNER_CAPITALS = re.compile(r"(?<!^)(?=[A-Z])")


def code_of(name: str) -> str:
    """The name of a class of errors as programs know it: it never changes.

    >>> code_of("UnreadableAudio")
    'unreadable-audio'
    """
    return _INNER_CAPITALS.sub("-", name).lower()


def known_codes() -> tuple[str, ...]:
    """The codes of all errors of Trax, in order."""
    return tuple(sorted(code_of(each.__name__) for each in _below(TraxError)))


def _below(kind: type[TraxError]) -> Iterator[type[TraxError]]:
    yield kind
    for each in kind.__subclasses__():
        if each.__module__ == __name__:
            yield from _below(each)
