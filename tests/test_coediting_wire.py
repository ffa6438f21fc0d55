"""Messages about shared documents that make no sense."""

import json

import pytest

from trax.web.coediting import wire
from trax.web.coediting.wire import Presence


def said(client: int, clock: int, state: str) -> bytes:
    """A message of one client's presence."""
    head = wire._number(1) + wire._number(client) + wire._number(clock)
    return head + wire._sized(state.encode())


@pytest.mark.parametrize(
    ("client", "clock", "state"),
    [(1, 1, '{"x": NaN}'), (1, 1, '{"x": 1e999}'), (2**53, 1, "{}"), (1, 2**53 - 1, "{}")],
)
def test_what_no_page_could_read_is_passed_on_to_none(client, clock, state):
    """It would end the others' connections."""
    with pytest.raises(ValueError, match=r"JSON|number"):
        wire.presences(said(client, clock, state))


def test_half_a_character_is_passed_on_as_it_came():
    """As JSON has it: what is no text in UTF-8 harms nobody."""
    (found,) = wire.presences(said(1, 1, r'{"x": "\ud800"}'))
    message = wire.awareness("meta", [found])
    (again,) = wire.presences(wire.parsed(message).data)
    assert again == Presence(1, 1, json.loads(r'{"x": "\ud800"}'))
