"""Voices of recordings replaced: what edges ask for, and what they get."""

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile

from pydantic import TypeAdapter, ValidationError

from trax.audio import StoredAudio, check_file
from trax.audio.decode import decode_to_flac
from trax.audio.provenance import replaced_voices
from trax.errors import (
    InvalidDocument,
    InvalidOption,
    MissingPart,
    MissingRooms,
    ModelUnavailable,
)
from trax.export.files import replacing, write_file
from trax.orchestration.flows import flow_entrypoint, run_flow
from trax.pipelines.revoice import REVOICE, RevoiceResult, revoice
from trax.service.borrowed import has_forgotten_voice
from trax.service.checks import checked
from trax.service.recordings import upload
from trax.service.submission import is_flow
from trax.settings import Settings
from trax.stages.options import TranscribeOptions
from trax.stages.replacement import ANONYMOUS, Replacement, RevoiceOptions
from trax.store import ObjectRef
from trax.store.objects import file_digest
from trax.transcript import format_clock
from trax.voice.marking import surest_mark
from trax.voice.selection import Selection
from trax.work.recordings import located
from trax.work.workspace import Workspace

IS_MARKED = 0.6
"""How sure the detector must be of some speech in a file: of unmarked speech it is up to 0.46, of
marked speech with music 6 dB below it at least 0.75.
"""

_ALSO = {".aif": ".aiff", ".mov": ".mp4", ".m4v": ".mp4"}
_SUFFIXES = {".wav", ".flac", ".aiff", ".mp4", ".mkv", *_ALSO}


def run_revoicing(
    workspace: Workspace,
    settings: Settings,
    source: str,
    options: RevoiceOptions,
    redo_from: str | None = None,
) -> RevoiceResult:
    """Replace voices in the recording at *source* as the settings say: in plain Python, or as a
    flow.

    Args:
        redo_from: a stage; its kept result, and those of the stages after it, are not used.

    Raises:
        TraxError: what went wrong; finished stages are kept.
        MissingRooms: the settings ask for a flow, and no flows are installed.
    """
    place = located(source)
    entrypoint = flow_entrypoint(settings.rooms, REVOICE.name)
    if settings.runner == "prefect" and entrypoint is None:
        raise MissingRooms("flows are to run, but none are installed")
    if entrypoint is None or not is_flow(settings):
        return revoice(workspace, place, options, redo_from)
    parameters = {"recording": place, "options": options, "redo_from": redo_from}
    result: RevoiceResult = run_flow(entrypoint, parameters, settings.prefect_home)
    return result


def replacement(
    workspace: Workspace, speaker: str, voice: str, consent: str, person: str = ""
) -> Replacement:
    """A speaker's new voice: a stock voice, or a recording of somebody, which is kept.

    Args:
        voice: a stock voice's name, a mix of some, or the path of a recording.
        consent: how the person in that recording agreed.
        person: whose voice it is.

    Raises:
        NotFound: there is no such voice.
        InvalidOption: the person in the recording did not agree, the mix makes no sense, or there
            is a consent or a person for a stock voice.
        UnreadableAudio: the recording cannot be read.
    """
    path = Path(voice)
    if path.is_file():
        asked = {"speaker": speaker, "reference": str(path), "consent": consent, "person": person}
        checked(Replacement, asked)
        asked["reference"] = upload(workspace, path, path.name)
        return checked(Replacement, asked)
    if voice != ANONYMOUS:
        workspace.engines.voices.synthesiser().check(voice)
    stock = {"speaker": speaker, "voice": voice, "consent": consent, "person": person}
    return checked(Replacement, stock)


def options_before(workspace: Workspace, source: Path) -> TranscribeOptions | None:
    """The options with which a recording was transcribed last; ``None`` if it never was.

    Raises:
        UnreadableAudio: there is no such file, or it cannot be read.
        LimitExceeded: it is larger than allowed.
    """
    check_file(source, workspace.limits)
    for job in workspace.jobs.of_recording(file_digest(source)):
        if job.transcript_id is not None:
            return TranscribeOptions.model_validate(job.options)
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An utterance in a file that people correct.

    Attributes:
        id: which utterance it is.
        text: what is to be said; the words stay as they are if it is empty.
    """

    id: str
    speaker: str
    start: str
    end: str
    text: str


_lines = TypeAdapter(list[Line])


def lines_of(selection: Selection) -> bytes:
    """The utterances of a selection as JSON, to be corrected and read by `texts_in`."""
    found = [
        Line(
            id=each.id,
            speaker=selection.names[each.speaker],
            start=format_clock(each.span.start, 2),
            end=format_clock(each.span.end, 2),
            text=each.text,
        )
        for each in selection.utterances
    ]
    return _lines.dump_json(found, indent=1) + b"\n"


def texts_in(path: Path) -> dict[str, str]:
    """The texts in a file that `lines_of` made, by utterance.

    Raises:
        InvalidDocument: it is something else, or cannot be read.
    """
    try:
        found = json.loads(path.read_bytes())
        return {line.id: line.text for line in _lines.validate_python(found)}
    except OSError as error:
        raise InvalidDocument(str(path), error.strerror or "it cannot be read") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise InvalidDocument(str(path), f"{where}: {first['msg']}") from error
    except ValueError as error:
        raise InvalidDocument(str(path), f"not JSON ({error})") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What is known of whether voices were replaced in a file.

    Attributes:
        facts: what the file says of itself; ``None`` if it says nothing.
        mark: how sure the detector is that its speech is synthetic, 0 to 1; ``None`` if there is
            no detector.
        without: why there is none.
        forgotten: whether a voice was forgotten since that is heard in it, as far as is known here.
    """

    facts: dict[str, str] | None
    mark: float | None
    without: str = ""
    forgotten: bool = False

    @property
    def is_ours(self) -> bool:
        """Whether Trax replaced voices in it, as far as can be told."""
        return self.facts is not None or (self.mark or 0.0) >= IS_MARKED


def origin_of(workspace: Workspace, path: Path) -> Origin:
    """Whether voices were replaced in the file at *path*.

    Raises:
        UnreadableAudio: there is no such file, or no audio can be decoded from it.
        LimitExceeded: it is larger than allowed.
    """
    check_file(path, workspace.limits)
    facts = replaced_voices(path)
    gone = has_forgotten_voice(workspace, (facts or {}).get("job", ""))
    try:
        return Origin(facts=facts, mark=_mark(workspace, path), forgotten=gone)
    except (MissingPart, ModelUnavailable) as error:
        return Origin(facts=facts, mark=None, without=str(error), forgotten=gone)


def _mark(workspace: Workspace, path: Path) -> float:
    """The surest that the detector is of any speech in a file."""
    detector = workspace.engines.voices.watermark()
    with tempfile.TemporaryDirectory(dir=workspace.objects.scratch, prefix="mark-") as folder:
        flac = Path(folder) / "audio.flac"
        decode_to_flac(path, flac, workspace.limits)
        return surest_mark(detector, StoredAudio.open(flac))


def target_of(source: Path, result: RevoiceResult) -> Path:
    """What the new file is called if nobody says, in the current folder."""
    return Path(f"{_stem(source)}{Path(made_file(result).key).suffix}")


def check_target(source: Path, target: Path | None, texts: Path | None) -> None:
    """Check that nothing is lost when the new file is written, before it is made.

    Args:
        target: the new file; ``None`` if nobody says.
        texts: a file with what is to be said.

    Raises:
        InvalidOption: it would be written over the recording or the texts, is a folder, or has the
            name of a format that a result does not have.
    """
    chosen = target or Path(f"{_stem(source)}.wav")
    if chosen.is_dir():
        raise InvalidOption(f"{chosen} is a folder; name the new file")
    report = _report_of(chosen)
    if chosen.resolve() == source.resolve():
        raise InvalidOption("the recording itself is not written over; name another file")
    if chosen == report:
        raise InvalidOption(f"{chosen} is where the report goes; name a file of sound")
    if texts is not None and report.resolve() == texts.resolve():
        raise InvalidOption(f"the report would be written over {texts}; name another file")
    if chosen.suffix.lower() not in _SUFFIXES:
        raise InvalidOption(
            f"{chosen.name}: the new recording is lossless; name it .wav, .flac or .aiff, "
            "or .mp4 or .mkv if it is a video"
        )


def _format(suffix: str) -> str:
    """The suffix of a format, whichever of its suffixes a name has."""
    return _ALSO.get(suffix.lower(), suffix.lower())


def _stem(source: Path) -> str:
    return f"{source.stem}.revoiced"


def _report_of(target: Path) -> Path:
    return target.with_suffix(".json")


def made_file(result: RevoiceResult) -> ObjectRef:
    """The new recording: a video if the old one is."""
    return result.video or result.audio


def copy_result(
    workspace: Workspace, result: RevoiceResult, report: bytes, target: Path
) -> list[Path]:
    """Copy the new recording to *target*, and write its report beside it; return both.

    Raises:
        InvalidOption: the new recording has another format than the name of *target* says.
        StoreError: a file cannot be written.
    """
    made = Path(made_file(result).key).suffix
    if _format(target.suffix) != made:
        raise InvalidOption(
            f"the new recording is made, but not as {target.suffix}: name it {target.stem}{made}"
        )
    with replacing(target) as partial:
        copyfile(workspace.objects.local_path(made_file(result)), partial)
    beside = _report_of(target)
    write_file(beside, report)
    return [target, beside]
