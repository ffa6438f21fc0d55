"""Who may read with which adapter: everybody, or those who see what its owner shares."""

from collections.abc import Callable, Iterable

from trax.adapters.card import AdapterCard
from trax.store import Database, Sight
from trax.store.sight import Role, role_of

Sees = Callable[[AdapterCard], bool]
"""Whether somebody may read with an adapter."""


def everybody(_card: AdapterCard) -> bool:
    """Every adapter may be read with, by whoever is on this machine."""
    return True


def role_with(database: Database, sight: Sight, card: AdapterCard) -> Role | None:
    """What somebody may do with an adapter: read with what is nobody's; ``None``: they do not see
    it.
    """
    if sight.is_whole:
        return "owner"
    if not card.account:
        return "viewer"
    with database.reading() as session:
        return role_of(session, sight, card.account, card.folder_id)


def seen_cards(database: Database, sight: Sight, cards: Iterable[AdapterCard]) -> list[AdapterCard]:
    """Those of *cards* that somebody sees."""
    return [card for card in cards if role_with(database, sight, card) is not None]


def sees(database: Database, account: str) -> Sees:
    """Tells which adapters jobs of *account* may be read with; of nobody's, all.

    What its owner may see as an administrator is left out: nothing takes it unasked.
    """
    if not account:
        return everybody
    sight = Sight(account)
    return lambda card: role_with(database, sight, card) is not None
