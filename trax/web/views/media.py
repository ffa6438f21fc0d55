"""What there is to be played, as JSON."""

from pydantic import ConfigDict, Field

from trax.audio.browsers import Kind
from trax.service.media import MediaState
from trax.service.preparing import Preparation, PreparationState
from trax.store import RecordingRecord
from trax.web.views.base import View


class OriginalView(View):
    """The recording itself."""

    media_type: str = Field(description="As what it is sent.")
    plays: bool = Field(description="Whether browsers play it as it is.")
    size_bytes: int


class PreparationView(View):
    """Something that is made once, in the background."""

    state: PreparationState = Field(
        description="`absent` until somebody asks for it, `preparing`, `ready`, or `failed`."
    )
    share: float = Field(description="How much of it is done, 0 to 1.")
    detail: str = Field(description="Why it could not be made; empty otherwise.")

    @classmethod
    def of(cls, preparation: Preparation) -> "PreparationView":
        """The view of *preparation*."""
        detail = str(preparation.error) if preparation.error else ""
        return cls(state=preparation.state, share=round(preparation.share, 3), detail=detail)


class MediaView(View):
    """What there is of a recording to be played and drawn."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "recording": "3b1f…",
                "name": "interview.mov",
                "duration": 3612.4,
                "kind": "video",
                "plays": "copy",
                "original": {
                    "media_type": "application/octet-stream",
                    "plays": False,
                    "size_bytes": 812345678,
                },
                "copy": {"state": "preparing", "share": 0.4, "detail": ""},
                "peaks": {"state": "ready", "share": 1.0, "detail": ""},
            }
        }
    )

    recording: str = Field(description="SHA-256 of its bytes, hex.")
    name: str
    duration: float | None = Field(description="Seconds.")
    kind: Kind = Field(
        description="`video` if the recording has a picture; it is shown where `plays` is "
        "`original`."
    )
    plays: str = Field(
        description="`original` or `copy`: what `/audio` answers with, without `format`."
    )
    original: OriginalView | None = Field(description="Null if it is no longer kept.")
    copy_: PreparationView = Field(
        serialization_alias="copy", description="The copy for browsers: AAC in MP4, mono."
    )
    peaks: PreparationView = Field(description="Those with 20 points for each second.")

    @classmethod
    def of(cls, recording: RecordingRecord, state: MediaState) -> "MediaView":
        """The view of *state*."""
        original = None
        if state.original is not None:
            original = OriginalView(
                media_type=state.original.media_type,
                plays=state.original.plays,
                size_bytes=state.original_bytes,
            )
        return cls(
            recording=recording.sha256,
            name=recording.name,
            duration=recording.duration,
            kind=state.original.kind if state.original else "audio",
            plays="original" if state.plays_original else "copy",
            original=original,
            copy_=PreparationView.of(state.copy),
            peaks=PreparationView.of(state.peaks),
        )
