"""Why jobs fail: what a report says, as one of the causes that are known, and what to do."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a job failed.

    Attributes:
        name: in a few words.
        advice: what to do about it, true wherever it is read.
        classes: of errors that say so by themselves.
        said: what an error of another class says then.
    """

    name: str
    advice: str
    classes: frozenset[str] = frozenset()
    said: re.Pattern[str] | None = None


def _cause(name: str, advice: str, classes: str = "", said: str = "") -> Cause:
    pattern = re.compile(said, re.IGNORECASE) if said else None
    return Cause(name, advice, frozenset(classes.split()), pattern)


CAUSES = (
    _cause(
        "device memory full",
        "Let fewer jobs use the device at once, choose a smaller plan, or limit the memory for "
        "loaded models.",
        said=r"cuda.*(out of memory|alloc)|cublas.*alloc",
    ),
    _cause(
        "memory full",
        "Choose a smaller plan, run fewer jobs at once, or give the machine more memory.",
        "MemoryError",
        said=r"out of memory|(cannot|unable to) allocate|bad_alloc",
    ),
    _cause(
        "process killed",
        "The system ended the process that worked, mostly for want of memory: run fewer jobs at "
        "once, or give the machine more memory.",
        "BrokenProcessPool",
        said=r"the engine (process )?(died|has died|is gone|ended)|was killed|signal 9",
    ),
    _cause(
        "disk full",
        "Free space where the data lie, or delete expired audio and results.",
        said=r"no space left|disk is full|database or disk is full|storage .*full|quota exceeded",
    ),
    _cause(
        "no permission to write",
        "Let the account that Trax runs as write to the folder that is named.",
        "PermissionError",
        said=r"permission denied|read-only file system",
    ),
    _cause(
        "damaged data",
        "Retry the job: what is damaged is made again. If it happens again, check the disk.",
        "DamagedObject",
    ),
    _cause(
        "database busy",
        "Retry the job. If it happens often, use Postgres in place of SQLite.",
        said=r"database is locked",
    ),
    _cause(
        "clock wrong",
        "Set the clock of this machine: the server refuses requests that seem to be old.",
        said=r"clock of this machine|requesttimetooskewed|time.*too skewed"
        r"|certificate is not yet valid",
    ),
    _cause(
        "wrong password or token of a server",
        "Correct the name or the password in the settings.",
        said=r"authentication failed|accessdenied|invalidaccesskey|signaturedoesnotmatch"
        r"|invalid api key|incorrect api key|\b401\b|unauthorized",
    ),
    _cause(
        "database schema outdated",
        "Upgrade the database.",
        "SchemaOutdated SchemaMismatch",
    ),
    _cause(
        "database away",
        "Start the database, or correct its address; then retry the job.",
        said=r"the database (does not answer|cannot be used)",
    ),
    _cause(
        "Prefect away",
        "Start the Prefect server, or correct its address; then retry the job.",
        "PrefectUnavailable",
    ),
    _cause(
        "object store away",
        "Start the object store, or correct its address; then retry the job.",
        "StoreUnavailable StoreError",
    ),
    _cause(
        "language model's limit reached",
        "Raise the budget or wait; transcripts are made without the language model meanwhile.",
        said=r"budget|insufficient.quota|\b429\b|rate limit",
    ),
    _cause(
        "language model unusable",
        "Check the language model's address, key and name, or turn it off.",
        "NoAnswer",
    ),
    _cause(
        "stage too slow",
        "The stage hung or the machine is too slow: retry the job; choose a smaller plan, or raise "
        "the time that a stage may take.",
        "StageTimeout",
    ),
    _cause(
        "model missing",
        "Install the model, or allow the model hub and name a token if the model is gated.",
        "ModelUnavailable",
    ),
    _cause(
        "part missing",
        "Install what the message names.",
        "MissingPart MissingRooms UnknownBlock ModuleNotFoundError ImportError",
    ),
    _cause(
        "recording too long or large",
        "Split the recording, or raise the limits.",
        "LimitExceeded",
    ),
    _cause(
        "recording gone",
        "Put the recording back where it was, or hand it in again.",
        "FileNotFoundError",
        said=r"no such file|there is no (object|recording|file)|nosuchkey",
    ),
    _cause(
        "recording without sound",
        "Choose a file that has an audio track.",
        said=r"no audio (stream|track)|has no audio|no sound in it",
    ),
    _cause(
        "recording unreadable",
        "Fix the recording or convert it, then hand it in again.",
        "UnreadableAudio",
    ),
    _cause(
        "address refused or unreachable",
        "Check the address of the recording, and whether this service may go there.",
        "RefusedTarget Unreachable",
    ),
    _cause(
        "options wrong",
        "Correct the options, then start the job again.",
        "InvalidOption InvalidDocument NotFound InputError",
    ),
    _cause(
        "model failed",
        "Retry the job. If it fails again, try another plan, and report it as a defect.",
        "EngineError RuntimeError",
    ),
)
"""All that are known, the special before the general."""

UNKNOWN = _cause(
    "unknown",
    "Read the failure report. If nothing in it says what to do, report it as a defect.",
)


def cause_of(report: Mapping[str, Any]) -> Cause:
    """Why a job failed, by its failure report.

    What an error says goes before its class, and the error that was raised first before those that
    came of it.
    """
    causes = [str(each) for each in report.get("causes") or [report.get("error", "")]]
    for cause in CAUSES:
        if cause.said is not None and any(map(cause.said.search, causes)):
            return cause
    classes = [each.partition(":")[0] for each in reversed(causes)]
    for name in classes:
        for cause in CAUSES:
            if name in cause.classes:
                return cause
    return UNKNOWN
