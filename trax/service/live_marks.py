"""Moments that people marked while a session ran, as comments on the transcript that it became."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256

from trax.errors import InvalidOption, NotFound
from trax.live.captions import Captions
from trax.live.events import Marked
from trax.live.keeping import Header
from trax.merge.sentences import sentences
from trax.store.comments import COMMENT, Comment, CommentRepository
from trax.transcript import Transcript, Word, joined_text
from trax.work.workspace import Workspace

WITHOUT_WORDS = "★"
"""What a comment says that was a mark alone."""


HERE = "local"
"""Known by that is whoever works on this machine itself."""

_NEAR = 10.0  # seconds


def comment_on_marks(
    workspace: Workspace, header: Header, captions: Captions, reference: str, document: Transcript
) -> list[str]:
    """Make a comment of each mark, by whoever began the session; doing it again changes nothing.

    Gives a sentence for each that fits nowhere.
    """
    comments = CommentRepository(workspace.database)
    misfits = []
    marks = [each for each in captions.decisions if isinstance(each, Marked)]
    for number, mark in enumerate(marks):
        name = sha256(f"{header.id} {number}".encode()).hexdigest()[:16]
        with suppress(NotFound):
            comments.get(reference, name)
            continue
        try:
            comments.add(_comment(header, mark, reference, document, name))
        except InvalidOption as error:
            misfits.append(f"{error}: {mark.text.strip() or WITHOUT_WORDS}")
    return misfits


def _comment(
    header: Header, mark: Marked, reference: str, document: Transcript, name: str
) -> Comment:
    """What a mark says, about the sentence that was said then.

    Raises:
        InvalidOption: nothing was said at all.
    """
    words = _sentence(document.words, mark.at)
    return Comment(
        id=name,
        transcript_id=reference,
        kind=COMMENT,
        thread=name,
        first_word=words[0].id,
        last_word=words[-1].id,
        quote=joined_text(words),
        start=words[0].start,
        text=mark.text.strip() or WITHOUT_WORDS,
        author_id=header.account or HERE,
        author=header.author,
        at=datetime.fromtimestamp(header.began + mark.at, UTC),
    )


def _sentence(words: Sequence[Word], time: float) -> list[Word]:
    """The sentence that is said at a time, or was said last, else the first one; of a long one what
    is near.

    Raises:
        InvalidOption: there are no words.
    """
    found = [[words[at] for at in each] for each in sentences(words)]
    if not found:
        raise InvalidOption(f"nothing was said that the mark at {time:.1f} s could be about")
    before = [each for each in found if each[0].start <= time]
    chosen = before[-1] if before else found[0]
    return [word for word in chosen if abs(word.start - time) <= _NEAR] or chosen[-1:]
