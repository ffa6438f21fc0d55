"""Adapters: made from people's recordings, listed, judged again, passed on, removed."""

import io
import json
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from trax.adapters.card import RESERVED, AdapterCard, Judgement, checked_name
from trax.adapters.gate import GateOptions
from trax.adapters.gathering import all_judged, gather
from trax.adapters.hearing import merged_decoder
from trax.adapters.judging import Judged, judge
from trax.adapters.lora import lora_config
from trax.adapters.seeing import role_with, seen_cards
from trax.adapters.shelf import fingerprint_of, from_safetensors
from trax.adapters.sources import spoken_texts
from trax.adapters.whisper_torch import check_training_packages
from trax.asr.engine import portion
from trax.errors import AccessDenied, InvalidDocument, InvalidOption, NotFound
from trax.export.files import write_file
from trax.pipelines.adapt import Adapted, adapt
from trax.progress import Progress
from trax.stages.adapt_options import AdaptOptions
from trax.stages.taught import forget_weights
from trax.store import Sight
from trax.store.audit import add_entry
from trax.store.objects import check_key
from trax.store.sight import EVERYTHING
from trax.work.workspace import Workspace

_CARD = "card.json"
_MATRICES = "adapter_model.safetensors"
_CONFIG = "adapter_config.json"
_LARGEST = 256 << 20  # bytes of an adapter
_UNREADABLE = (
    OSError,
    EOFError,
    KeyError,
    RuntimeError,  # it has a password, or is packed in a way that is not known
    ValidationError,
    zipfile.BadZipFile,
    zlib.error,
)


def make(workspace: Workspace, options: AdaptOptions) -> Adapted:
    """Make an adapter, and install it if it is worth it.

    Raises:
        MissingPart: what trains is not installed.
        InvalidOption: somebody else's adapter is called so.
        TraxError: what went wrong; what was done is kept.
    """
    check_training_packages()
    workspace.shelf.check_free(options.name, account="")
    return adapt(workspace, options)


def made_again(workspace: Workspace, options: AdaptOptions, card: AdapterCard) -> Adapted:
    """Make an adapter anew in place of the one that *card* is of, which stays if the new one is not
    installed.

    Raises as `make` does.
    """
    check_training_packages()
    return adapt(workspace, options, card.account, card.folder_id)


def card_of(workspace: Workspace, name: str, base: str = "") -> AdapterCard:
    """The card of an adapter.

    Args:
        base: the model that it is for; may be left out if there is one of that name alone.

    Raises:
        NotFound: there is none.
        InvalidOption: there are several of that name.
    """
    cards = workspace.shelf.named(name)
    fitting = [card for card in cards if base in ("", card.base)]
    bases = ", ".join(card.base for card in cards)
    if not fitting:
        raise NotFound("adapter", f"{name} for {base}", f"there is one for {bases}")
    if len(fitting) > 1:
        raise InvalidOption(f"there are adapters called {name} for {bases}: say which base")
    return fitting[0]


def check_adapter(workspace: Workspace, sight: Sight, name: str) -> None:
    """Refuse the adapter called *name* for somebody who does not see it.

    Raises:
        NotFound: there is none that they see.
    """
    if name not in RESERVED:
        seen_named(workspace, sight, name)


def seen_named(workspace: Workspace, sight: Sight, name: str) -> list[AdapterCard]:
    """The adapters of that name that somebody sees, one for each base.

    Raises:
        NotFound: there is none.
    """
    found = seen_cards(workspace.database, sight, workspace.shelf.named(name))
    if not found:
        raise NotFound("adapter", name)
    return found


def learnt_from(card: AdapterCard, reference: str) -> str:
    """The SHA-256 of a recording that an adapter has learnt from.

    Args:
        reference: it, or its beginning.

    Raises:
        InvalidOption: the adapter has not learnt from it, or several begin so.
    """
    found = [sha256 for sha256 in card.recordings if sha256.startswith(reference.lower())]
    if len(found) != 1:
        known = "several recordings" if found else "no recording"
        raise InvalidOption(f"{card.name} has learnt from {known} whose SHA-256 begins {reference}")
    return found[0]


def judged_again(
    workspace: Workspace,
    card: AdapterCard,
    sources: list[Path],
    general: list[Path],
    progress: Progress,
) -> Judgement:
    """An adapter judged on other recordings; none of them is learnt from, so that all count.

    Raises:
        InvalidOption: there is nothing to judge by, or the adapter has learnt from one of them.
    """
    learner = workspace.engines.learner(card.base)
    domain = [text for source in sources for text in spoken_texts(source)]
    others = [text for source in general for text in spoken_texts(source)]
    spoken, found = gather(
        domain,
        others,
        learner.decoder,
        card.language,
        workspace.limits,
        portion(progress, 0, 0.4),
        all_judged,
    )
    known = sorted(found.recordings[each] for each in found.recordings.keys() & card.recordings)
    if known:
        raise InvalidOption(f"the adapter has learnt from {known[0]}: judge it by others")
    if not spoken.chosen("judge", general=False):
        raise InvalidOption("there is nothing to judge by: no recording has a text that fits")
    matrices = workspace.shelf.matrices(card)
    with merged_decoder(learner.model, learner.placement, matrices, card.scaling) as adapted:
        judged = Judged(
            learner.decoder,
            adapted,
            spoken,
            found.terms,
            learner.calibration,
        )
        gate = GateOptions(least_examples=0, least_judged=2)
        return judge(judged, gate, portion(progress, 0.4, 1.0))


def remove(
    workspace: Workspace, name: str, base: str = "", sight: Sight = EVERYTHING
) -> list[AdapterCard]:
    """Remove the adapters of that name, or the one for *base*, and what was made of them here.

    Raises:
        NotFound: there is none that is seen.
        AccessDenied: it is another person's, or everybody's.
    """
    cards = seen_named(workspace, sight, name)
    if base:
        cards = [card for card in cards if card.base == base]
    if not cards:
        raise NotFound("adapter", f"{name} for {base}")
    if any(role_with(workspace.database, sight, card) != "owner" for card in cards):
        raise AccessDenied("you may not remove this adapter")
    for card in cards:
        with workspace.database.writing() as session:
            add_entry(session, "adapter.removed", f"{card.name} for {card.base}")
        workspace.shelf.remove(card)
        workspace.engines.forget_adapter(card)
        forget_weights(workspace, card.fingerprint)
    return cards


def export(workspace: Workspace, card: AdapterCard, target: Path) -> None:
    """Write an adapter into a ZIP file, in the form that peft reads, with its card.

    Raises:
        StoreError: the file cannot be written.
    """
    packed = io.BytesIO()
    passed_on = card.model_copy(update={"account": "", "folder_id": None})
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_CARD, passed_on.model_dump_json(indent=1))
        config = lora_config(card.recipe) | {"lora_alpha": card.scaling * card.recipe.rank}
        archive.writestr(_CONFIG, json.dumps(config, indent=1))
        archive.writestr(_MATRICES, workspace.shelf.matrices(card))
    write_file(target, packed.getvalue())


def imported(workspace: Workspace, source: Path, name: str = "") -> AdapterCard:
    """Install an adapter that `export` wrote.

    Args:
        name: what it is called here; its own name if empty.

    Raises:
        InvalidDocument: the file is no adapter, or is damaged.
        InvalidOption: somebody else's adapter is called so.
    """
    try:
        with zipfile.ZipFile(source) as archive:
            card = AdapterCard.model_validate_json(_member(archive, _CARD))
            matrices = _member(archive, _MATRICES)
    except _UNREADABLE as error:
        raise InvalidDocument(str(source), "it is no exported adapter") from error
    if fingerprint_of(matrices) != card.fingerprint:
        raise InvalidDocument(str(source), "the adapter in it is damaged")
    from_safetensors(matrices)
    try:
        check_key(card.base)
    except ValueError as error:
        raise InvalidDocument(str(source), "the adapter in it is for no model") from error
    changed = {"name": checked_name(name or card.name), "account": "", "folder_id": None}
    named = card.model_copy(update=changed)
    installed = workspace.shelf.put(named, matrices)
    with workspace.database.writing() as session:
        add_entry(session, "adapter.imported", f"{named.name} for {named.base}")
    return installed


def saw(workspace: Workspace, recording_sha256: str) -> Iterator[AdapterCard]:
    """The adapters that have learnt from a recording: they are to be made again without it."""
    for card in workspace.shelf.all():
        if recording_sha256 in card.recordings:
            yield card


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    info = archive.getinfo(name)
    if info.file_size > _LARGEST:
        raise zipfile.BadZipFile(f"{name} is too large")
    return archive.read(info)
