"""Add every requested kind of note to a transcript."""

from collections.abc import Sequence
from dataclasses import replace

from trax.enhance.acoustics import Acoustics
from trax.enhance.context import EnhancementContext
from trax.enhance.dispatch import share_of
from trax.enhance.notes import actions, chapters, names, summary, title
from trax.enhance.notes.parts import ask_parts, split_parts, unanswered_parts
from trax.enhance.notes.translation import add_translation
from trax.enhance.prompts import prompt_for
from trax.enhance.speakers import correct_speakers
from trax.progress import Progress
from trax.transcript import Notes, Transcript, not_looked_at

_KINDS = {
    "title": title.KIND,
    "summary": summary.KIND,
    "chapters": chapters.KIND,
    "actions": actions.KIND,
    "names": names.KIND,
}


def annotate_transcript(
    transcript: Transcript,
    tasks: Sequence[str],
    context: EnhancementContext,
    acoustics: Acoustics,
    target: str,
    progress: Progress,
) -> Transcript:
    """Add notes to a transcript, and move words between speakers as far as the sound allows.

    Args:
        transcript: merged.
        tasks: kinds of work; speakers are corrected before anything is written.
        context: what the questions share.
        acoustics: who probably speaks when, by the sound alone.
        target: code of the language to translate into.
        progress: receives the completed share.
    """
    fingerprints = {task: prompt_for(task).fingerprint for task in tasks}
    notes = Notes(model=context.dispatcher.model.fingerprint, tasks=fingerprints)
    ordered = sorted(tasks, key=lambda task: task != "speakers")
    for done, task in enumerate(ordered):
        share = share_of(progress, done, len(tasks))
        if task == "speakers":
            transcript, notes = correct_speakers(transcript, notes, context, acoustics, share)
        elif task == "translate":
            notes = add_translation(transcript, notes, context, target, share)
        else:
            notes = _add_note(transcript, notes, task, context, share)
    warnings = (*transcript.warnings, *not_looked_at(notes.unfinished))
    return replace(transcript, notes=notes, warnings=warnings)


def _add_note(
    transcript: Transcript,
    notes: Notes,
    task: str,
    context: EnhancementContext,
    progress: Progress,
) -> Notes:
    """Write one kind of note. A transcript longer than the model takes is read in parts."""
    kind = _KINDS[task]
    system = context.system_prompt(task, transcript.language)
    parts = list(split_parts(transcript, context))
    if task == "title":
        parts = parts[:1]
    outcome = ask_parts(parts, task, system, kind.form, context, progress)
    answers = outcome.answered
    usage = outcome.usage
    if task == "summary" and len(answers) > 1:
        answers, more = summary.condense(answers, system, context, progress)
        usage += more
    notes = replace(
        notes,
        unfinished=(*notes.unfinished, *unanswered_parts(transcript, task, outcome)),
        usage=notes.usage + usage,
    )
    if not answers:
        return notes
    return kind.write(transcript, answers, context, notes)
