"""Folders, groups and links on the command line, as the API has them."""

import json

import pytest

from trax.compose import open_database, open_transcripts
from trax.service import users
from trax.service.tokens import token_digest
from trax.settings import load_settings
from trax.store import FolderRepository, LinkRepository, UserRepository
from trax.testing.samples import transcript


@pytest.fixture
def database(home):
    return open_database(load_settings())


@pytest.fixture
def anna(database):
    return users.add(UserRepository(database), "anna", "")


@pytest.fixture
def document(home):
    made = transcript()
    open_transcripts(load_settings()).save(made)
    return made


def listed(trax, *arguments) -> list[dict]:
    return json.loads(trax(*arguments, "--json").stdout)


def said(result) -> tuple[int, str]:
    """The exit code, and the one sentence that says why."""
    return result.exit_code, result.stderr


def test_groups_are_made_changed_and_removed(trax, anna):
    """A group consists of those that were named last."""
    assert trax("groups", "set", "newsroom", "anna").stdout == "group newsroom: anna\n"
    assert "newsroom" in trax("groups").stdout
    assert listed(trax, "groups", "list")[0]["members"] == ["anna"]
    assert trax("groups", "set", "newsroom").stdout == "group newsroom: nobody\n"
    code, error = said(trax("groups", "set", "newsroom", "ben"))
    assert (code, "no user 'ben'" in error) == (2, True)
    assert trax("groups", "remove", "newsroom").exit_code == 0
    code, error = said(trax("groups", "remove", "newsroom"))
    assert (code, "`trax groups` lists" in error) == (2, True)


def test_folders_are_shared_with_those_who_were_named_last(trax, anna):
    """As viewers, unless they are to be editors."""
    folder = trax("folders", "create", "Council  meetings").stdout.strip()
    trax("groups", "set", "newsroom", "anna")
    users = ("--user", "anna=editor", "--group", "newsroom")
    shown = trax("folders", "share", folder, *users).stdout
    assert "group newsroom (viewer), user anna (editor)" in shown
    assert "user anna (editor)" in trax("folders").stdout
    (found,) = listed(trax, "folders")
    assert (found["name"], len(found["grants"])) == ("Council meetings", 2)
    assert "with nobody" in trax("folders", "share", folder).stdout
    code, error = said(trax("folders", "share", folder, "--user", "anna=owner"))
    assert (code, "a role is viewer or editor" in error) == (2, True)


def test_folders_are_renamed_and_removed(trax, home):
    """By their ids; a wrong one is told where the right ones are."""
    folder = trax("folders", "create", "a").stdout.strip()
    assert trax("folders", "rename", folder, "b").exit_code == 0
    assert listed(trax, "folders")[0]["name"] == "b"
    assert trax("folders", "remove", folder).exit_code == 0
    assert "no folders yet" in trax("folders").stdout
    code, error = said(trax("folders", "rename", folder, "c"))
    assert (code, "`trax folders` lists" in error) == (2, True)


def test_a_transcript_is_put_in_a_folder_and_given_away(trax, database, anna, document):
    """Whoever gets it has it in no folder."""
    kept = FolderRepository(database)
    folder = trax("folders", "create", "shared").stdout.strip()
    assert folder in trax("folders", "move", "latest", folder).stdout
    assert "no folder" in trax("folders", "move", document.id[:6]).stdout
    assert trax("folders", "move", "latest", "none").exit_code == 2
    assert trax("folders", "give", "latest", "anna").exit_code == 0
    assert kept.account_of(document.id) == anna.id


def test_a_link_is_shown_once_listed_and_revoked(trax, database, document):
    """Its secret alone on standard output, and nowhere again."""
    passage = ("--start", "1", "--end", "4", "--permission", "comment")
    made = trax("links", "create", "latest", *passage)
    secret = made.stdout.strip()
    assert secret not in made.stderr
    (link,) = listed(trax, "links", "list", "latest")
    assert (link["start"], link["end"], link["permission"]) == (1.0, 4.0, "comment")
    assert LinkRepository(database).find(token_digest(secret)).id == link["id"]
    shown = trax("links", "list", "latest").stdout
    assert ("0:01 to 0:04" in shown, secret in shown) == (True, False)
    assert trax("links", "revoke", "latest", link["id"]).exit_code == 0
    assert "revoked" in trax("links", "list", "latest").stdout
    code, error = said(trax("links", "revoke", "latest", "none"))
    assert (code, "`trax links list" in error) == (2, True)


def test_a_link_may_ask_for_a_password_which_is_never_shown(trax, document, monkeypatch):
    """Not even its digest."""
    from typer.testing import CliRunner

    from trax.cli import app

    asked = ["links", "create", "latest", "--days", "0", "--password-stdin"]
    assert CliRunner().invoke(app, asked, input="correct horse battery\n").exit_code == 0
    (link,) = listed(trax, "links", "list", "latest")
    assert (link["has_password"], link["expires_at"], "password" in link) == (True, None, False)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--permission", "own"], "view, comment, edit"),
        (["--start", "3"], "give --end"),
        (["--start", "3", "--end", "2"], "ends after it starts"),
        (["--permission", "edit", "--end", "2"], "edit whole transcripts"),
    ],
)
def test_what_makes_no_link_is_refused(trax, document, options, reason):
    """In one sentence that says what would."""
    code, error = said(trax("links", "create", "latest", *options))
    assert (code, reason in error) == (2, True)


def test_a_time_that_no_calendar_has_is_refused(trax, document):
    """With a sentence."""
    code, error = said(trax("links", "create", "latest", "--days", "1e12"))
    assert (code, "36500 days" in error) == (2, True)
    assert trax("webhooks", "rotate", "any", "--hours", "1e300").exit_code == 2
