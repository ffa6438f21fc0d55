"""Words by which people find transcripts again."""

from collections.abc import Collection

from trax.errors import InvalidOption
from trax.store.tags import TagRepository, key_of

LONGEST = 50
"""Characters of a tag."""

MOST = 50
"""Tags of a transcript."""


def set_tags(tags: TagRepository, transcript_id: str, names: Collection[str]) -> tuple[str, ...]:
    """Have a transcript have these tags and no others; gives them as they are kept.

    Of spellings that differ in capitals alone the first is kept.

    Raises:
        InvalidOption: one is empty or too long, or there are too many.
    """
    kept: dict[str, str] = {}
    for name in map(checked_tag, names):
        kept.setdefault(key_of(name), name)
    if len(kept) > MOST:
        raise InvalidOption(f"a transcript has at most {MOST} tags")
    tags.put(transcript_id, kept.values())
    return tags.of(transcript_id)


def checked_tag(name: str) -> str:
    """A tag as it is kept.

    Raises:
        InvalidOption: it is empty or too long.
    """
    kept = " ".join(name.split())
    if not kept or len(kept) > LONGEST or "\0" in kept:
        raise InvalidOption(f"a tag has 1 to {LONGEST} characters")
    return kept
