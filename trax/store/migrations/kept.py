"""What of a database Alembic looks after."""


def compared(
    _object: object, name: str | None, kind: str, _reflected: bool, _other: object
) -> bool:
    """Not the search's columns and tables, which are made by hand, nor v1's tables, which are kept
    apart.
    """
    by_hand = (kind == "column" and name == "search") or (
        kind == "index" and name == "ix_trax_segments_search"
    )
    apart = kind == "table" and name is not None and name.startswith(("segments_search", "v1_"))
    return not by_hand and not apart
