"""Many operations on one transcript, each done to a few of its segments."""

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st
from random_edits import operations, transcripts

from trax.errors import InputError
from trax.revision import Delete, Join, Operation, Replace, Sheet, Split, Together, apply, inverse
from trax.transcript import Transcript, spelling


def outcome(what: Callable[[], object]) -> object:
    """What comes of it, or why nothing does."""
    try:
        return what()
    except InputError as error:
        return type(error), str(error)


@st.composite
def any_operations(draw, document: Transcript) -> Operation:
    """Those that make sense, several together, and those that do not."""
    name = draw(st.sampled_from([*(word.id for word in document.words), "nobody", ""]))
    wrong = st.sampled_from(
        [Replace(word=name, text=" "), Split(before=name), Join(word=name), Delete(words=(name,))]
    )
    one = operations(document) if document.words else wrong
    both = st.lists(one | wrong, max_size=3).map(lambda many: Together(operations=tuple(many)))
    return draw(one | one | wrong | both)


def all_words(document: Transcript) -> list:
    return [*document.words, *(word for each in document.removed for word in each.words)]


@settings(max_examples=100)
@given(st.data())
def test_it_gives_what_each_operation_gives_on_the_whole(data):
    """Transcripts, what undoes an operation, and why one cannot be done; and knows the words."""
    current = data.draw(transcripts())
    sheet = Sheet(current)
    for _ in range(8):
        operation = data.draw(any_operations(current))
        expected = outcome(lambda: inverse(current, operation))  # noqa: B023
        assert outcome(lambda: sheet.inverse(operation)) == expected  # noqa: B023
        after = outcome(lambda: apply(current, operation))  # noqa: B023
        failed = outcome(lambda: sheet.apply(operation))  # noqa: B023
        if isinstance(after, Transcript):
            assert failed is None
            current = after
        else:
            assert failed == after
        if data.draw(st.booleans()):
            assert sheet.transcript == current
        for word in all_words(current)[:5]:
            assert sheet.has(word.id)
            alike = [w for w in all_words(current) if spelling(w.text) == spelling(word.text)]
            found = sheet.spelled_like(word)
            assert sorted(each.id for each in found) == sorted(each.id for each in alike)
    assert sheet.transcript == current
    assert not sheet.has("nobody")
