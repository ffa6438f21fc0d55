"""Install: an adapter that was judged good is kept where recognition finds it."""

import json
from datetime import UTC, datetime
from pathlib import Path

from trax.adapters.card import AdapterCard, Judgement
from trax.adapters.choosing import typical_passages
from trax.adapters.gathering import Gathered
from trax.adapters.lora import scaling
from trax.adapters.shelf import fingerprint_of
from trax.progress import Progress, note
from trax.stages.adapt_options import AdaptOptions
from trax.stages.files import written
from trax.stages.taught import forget_taught
from trax.stages.train import MATRICES, TRAINING, stored_examples
from trax.work.graph import Stage
from trax.work.values import Job, Outputs, StageResult, StageWork
from trax.work.workspace import Workspace


def _prepare(
    workspace: Workspace,
    job: Job[AdaptOptions],
    *,
    examples: StageResult,
    adapter: StageResult,
    judgement: StageResult,
) -> StageWork:
    """Install a trained adapter, unless the judgement refuses it. Of a former one nothing is left
    if it had learnt from something that is to be forgotten.

    Output: ``card.json``.
    """
    matrices = adapter.outputs[MATRICES]

    def make(folder: Path, _progress: Progress) -> Outputs:
        data = workspace.objects.local_path(matrices).read_bytes()
        card = _card(workspace, job.options, examples, adapter, judgement, data)
        owned = {"account": job.request.account, "folder_id": job.request.folder_id}
        card = card.model_copy(update=owned)
        refusals = card.judgement.refusals if card.judgement else ()
        if refusals:
            note(f"install: the adapter is not installed: {'; '.join(refusals)}")
        else:
            card = workspace.shelf.put(card, data)
            if job.options.without:
                workspace.shelf.forget_former(card)
                workspace.engines.forget_adapter(card)
                for sha256 in job.options.without:
                    forget_taught(workspace, sha256)
        text = card.model_dump_json(indent=1).encode()
        return {"card.json": written(folder / "card.json", text)}

    return StageWork(
        inputs={
            "adapter": adapter.digest,
            "judgement": judgement.digest,
            "name": job.options.name,
            "description": job.options.description,
            "licence": job.options.licence,
            "installed": _installed(workspace, job.options.name),
        },
        make=make,
    )


INSTALL = Stage(
    name="install",
    version=2,
    summary="Keep the adapter where recognition finds it, if it is worth it.",
    prepare=_prepare,
)


def _installed(workspace: Workspace, name: str) -> list[str]:
    """What is there under that name: once it was removed, it is installed again."""
    cards = workspace.shelf.all()
    return sorted(card.base + card.fingerprint for card in cards if card.name == name)


def _card(
    workspace: Workspace,
    options: AdaptOptions,
    examples: StageResult,
    adapter: StageResult,
    judgement: StageResult,
    matrices: bytes,
) -> AdapterCard:
    def text(result: StageResult, name: str) -> bytes:
        return workspace.objects.local_path(result.outputs[name]).read_bytes()

    model = workspace.engines.learner(options.base).model
    gathered = Gathered.model_validate_json(text(examples, "gathered.json"))
    spoken = stored_examples(workspace, examples)
    learnt = spoken.chosen("train", general=False)
    general = spoken.chosen("train", general=True)
    texts = [each.text for each in learnt]
    judged = Judgement.model_validate_json(text(judgement, "judgement.json"))
    return AdapterCard(
        name=options.name,
        base=model.name,
        base_revision=model.revision,
        fingerprint=fingerprint_of(matrices),
        description=options.description,
        passages=tuple(typical_passages(texts, workspace.engines.embedder())),
        language=options.language,
        licence=options.licence,
        recordings=gathered.recordings | {each.digest: each.source for each in general},
        seconds=round(sum(each.duration for each in learnt), 1),
        scaling=scaling(options.recipe) * judged.strength,
        size_bytes=len(matrices),
        recipe=options.recipe,
        losses=tuple(json.loads(text(adapter, TRAINING))["losses"]),
        judgement=judged,
        created_at=datetime.now(UTC),
    )
