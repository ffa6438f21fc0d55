"""How a conversation went."""

from pydantic import Field

from trax.merge.conversation import Share, conversation
from trax.transcript import Transcript
from trax.web.views.base import View


class ShareView(View):
    """How one speaker took part."""

    speaker: str | None = Field(description="Label.")
    shown: str = Field(description="What people are shown.")
    talk: float = Field(description="Seconds, short pauses included.")
    low: float | None = Field(
        description="Nine times in ten they talk longer than this; null where no engine said."
    )
    high: float | None = Field(description="And shorter than this.")
    share: float = Field(description="Of everybody's talk.")
    certain: float | None = Field(
        description="Seconds of talk that probably are theirs, by speaker confidence."
    )
    turns: int = Field(description="How often the floor passed to them.")
    words: int
    words_per_minute: float = Field(description="Of talk.")
    questions: int = Field(description="Sentences that end with a question mark.")
    interrupts: int = Field(description="How often they took the floor from others.")
    interrupted: int = Field(description="How often others did from them.")

    @classmethod
    def of(cls, share: Share, transcript: Transcript) -> "ShareView":
        """The view of *share*."""
        sure = share.sure
        return cls(
            speaker=share.speaker,
            shown=transcript.display_name(share.speaker),
            talk=round(share.talk, 3),
            low=round(sure.low, 3) if sure else None,
            high=round(sure.high, 3) if sure else None,
            share=round(share.share, 4),
            certain=round(sure.right, 3) if sure else None,
            turns=share.turns,
            words=share.words,
            words_per_minute=round(share.words_per_minute, 1),
            questions=share.questions,
            interrupts=share.interrupts,
            interrupted=share.interrupted,
        )


class ConversationView(View):
    """How a conversation went."""

    version: int
    duration: float = Field(description="Of the recording, in seconds.")
    silence: float = Field(description="Seconds in which nobody speaks.")
    overlap: float = Field(description="Seconds in which several speak.")
    speakers: list[ShareView] = Field(description="Those who talk most first.")

    @classmethod
    def of(cls, transcript: Transcript, version: int) -> "ConversationView":
        """The view of *transcript*."""
        found = conversation(transcript)
        return cls(
            version=version,
            duration=found.duration,
            silence=round(found.silence, 3),
            overlap=round(found.overlap, 3),
            speakers=[ShareView.of(share, transcript) for share in found.speakers],
        )
