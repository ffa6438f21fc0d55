"""The error tree: every error pickles, prints as one sentence, and has an exit code."""

import pickle
import re

import pytest

from trax import errors
from trax.errors import TraxError
from trax.web.problems import status_of

EXAMPLES = [
    TraxError("something"),
    errors.InputError("bad"),
    errors.UnreadableAudio("a.mp3", "it is empty"),
    errors.LimitExceeded("a.mp3", "it is too long"),
    errors.InvalidDocument("a.json", "not JSON"),
    errors.InvalidOption("speakers: must be positive"),
    errors.NotFound("transcript", "abc"),
    errors.NotFound("transcript", "abc", "try another"),
    errors.SetupError("no"),
    errors.RefusedTarget("it does not lead to a public address"),
    errors.Unreachable("nobody answers there"),
    errors.ModelUnavailable("base", "nowhere"),
    errors.MissingPart("jiwer"),
    errors.MissingRooms("no blocks are here"),
    errors.UnknownBlock("there is no block main"),
    errors.SchemaMismatch("the database is at revision 0001"),
    errors.SchemaOutdated("the database has no tables yet"),
    errors.EngineError("failed"),
    errors.StageTimeout("recognise", 3600.0),
    errors.NoAnswer("the server does not answer"),
    errors.NoAnswer("it does not accept the key", lasting=True),
    errors.StoreError("no"),
    errors.DamagedObject("a/b", "missing"),
    errors.StoreUnavailable("down"),
    errors.PrefectUnavailable("the Prefect server does not answer"),
    errors.Busy("3 live sessions run", 30),
    errors.NotReady(0.25),
    errors.Conflict("transcript abc", 1, 2),
    errors.AccessDenied("this needs a token with the scope jobs"),
    errors.Unidentified("this service needs a token"),
    errors.TooManyRequests("too many attempts", 30),
    errors.UploadBusy("another request is sending it"),
    errors.WrongOffset("1000 bytes have come, not 0"),
    errors.WrongChecksum("the bytes differ from those that were sent"),
    errors.Cancelled("stopped"),
]


def every_class(root: type[TraxError] = TraxError) -> set[type[TraxError]]:
    return {root, *(found for child in root.__subclasses__() for found in every_class(child))}


def test_every_error_class_has_an_example():
    """A new error must be added to the examples below, or the rules here do not hold for it."""
    assert {type(error) for error in EXAMPLES} == every_class()


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_every_error_survives_pickling(error):
    """Errors cross process borders with their attributes and their sentence."""
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error)
    assert str(copy) == str(error)
    assert copy.__dict__ == error.__dict__


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_every_error_is_one_line(error):
    """People get one sentence."""
    assert "\n" not in str(error)
    assert str(error)


def test_exit_codes_tell_kinds_of_errors_apart():
    """Scripts branch on these: they are part of the interface."""
    codes = {
        errors.InputError: 2,
        errors.SetupError: 3,
        errors.EngineError: 4,
        errors.StoreError: 5,
        errors.NotReady: 5,
        errors.Busy: 5,
        errors.Conflict: 6,
        errors.AccessDenied: 7,
        errors.Cancelled: 130,
        TraxError: 1,
    }
    for root, code in codes.items():
        assert root.exit_code == code
    for kind in every_class() - {TraxError}:
        assert any(
            issubclass(kind, root) and kind.exit_code == code for root, code in codes.items()
        )


def test_the_tree_is_drawn_whole():
    """The module shows every class with its exit code, so that nobody has to look for one."""
    drawn = re.findall(r"^ {4}[│├└─ ]*(\w+) +(\d+) ", errors.__doc__, re.MULTILINE)
    told = {name: int(code) for name, code in drawn}
    assert told == {kind.__name__: kind.exit_code for kind in every_class()}


def test_every_error_has_a_status_of_its_own():
    """Over HTTP only failures of the service itself are answered as such."""
    failures = (*every_class(errors.EngineError), *every_class(errors.StoreError))
    unknown = {kind for kind in every_class() if status_of(kind) == 500}
    assert unknown <= {TraxError, *failures}


def test_only_errors_that_may_pass_are_transient():
    """Retrying bad input or a missing model wastes a GPU."""
    passing = every_class(errors.StoreUnavailable) | {
        errors.Busy,
        errors.NotReady,
        errors.TooManyRequests,
        errors.Unreachable,
    }
    assert {kind for kind in every_class() if kind.transient} == passing


def test_errors_name_what_they_are_about():
    """The sentence holds the path or name that the caller gave."""
    assert "a.mp3" in str(errors.UnreadableAudio("a.mp3", "it is empty"))
    assert "it is empty" in str(errors.UnreadableAudio("a.mp3", "it is empty"))
    assert "'abc'" in str(errors.NotFound("transcript", "abc"))
    assert str(errors.NotFound("transcript", "abc", "try another")).endswith("; try another")
    assert "recognise took longer than the 3600 s" in str(errors.StageTimeout("recognise", 3600.0))
