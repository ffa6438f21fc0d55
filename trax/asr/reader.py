"""Decodes regions of one recording with one pass's model."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from trax.asr.assignment import AssignedPass
from trax.asr.echo import Runs, without_echo
from trax.asr.engine import Decoding, LeftOut, no_progress
from trax.asr.evidence import WordHypothesis, with_evidence
from trax.asr.plan import RecognitionOptions
from trax.asr.regions import Region
from trax.asr.speech import SpeechSection
from trax.audio import Waveform
from trax.progress import Heard, Progress, report
from trax.transcript import Removed, Segment, Span


@dataclass(frozen=True, slots=True)
class SpeechReader:
    """Decodes speech, and decodes it again without prompt and hotwords if they seem echoed.

    Attributes:
        assigned: the pass and its model.
        speech: the recording's sections, mono at 16 kHz.
        options: where prompt and hotwords come from.
        runs: runs of words that may be an echo of them.
        echoes: echoes removed so far, in the recording's time; grows while reading.
        left_out: what models had no room for so far; grows while reading.
    """

    assigned: AssignedPass
    speech: Sequence[SpeechSection]
    options: RecognitionOptions
    runs: Runs = frozenset()
    echoes: list[Removed] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)

    def read_windows(
        self,
        regions: Sequence[Region],
        progress: Progress,
    ) -> Iterator[list[WordHypothesis]]:
        """Decode each of several windows in one language on its own."""
        waveforms = [self._audio(region) for region in regions]
        options = self._decoding(regions[0].language)

        def on_read(at: int, segments: Sequence[Segment]) -> None:
            self._tell(regions[at], segments)

        decoded = self.assigned.decoder.decode(waveforms, options, progress, on_read)
        for region, waveform, segments in zip(regions, waveforms, decoded, strict=True):
            words = list(self._with_evidence(segments, region))
            unprompted = partial(self._window_unprompted, region, waveform)
            yield self._without_echo(region, words, unprompted)

    def read_stretch(
        self,
        stretch: Region,
        progress: Progress,
    ) -> list[WordHypothesis]:
        """Decode minutes of speech in context."""
        waveform = self._audio(stretch)

        def decode(options: Decoding, progress: Progress) -> list[WordHypothesis]:
            segments = self.assigned.decoder.decode_stretch(waveform, options, progress)
            return list(self._with_evidence(segments, stretch))

        words = decode(self._decoding(stretch.language), progress)
        unprompted = partial(decode, self._unprompted(stretch.language), no_progress)
        return self._without_echo(stretch, words, unprompted)

    def _tell(self, region: Region, segments: Sequence[Segment]) -> None:
        """Report what was read in a region for the first time."""
        text = " ".join(segment.text for segment in segments)
        if text and not region.words:
            span: Span = self.speech[region.section].placed(region.span)
            report(Heard(span.start, span.end, text))

    def _audio(self, region: Region) -> Waveform:
        return self.speech[region.section].audio.read(region.span)

    def _window_unprompted(self, region: Region, waveform: Waveform) -> list[WordHypothesis]:
        options = self._unprompted(region.language)
        (segments,) = self.assigned.decoder.decode([waveform], options, no_progress)
        return list(self._with_evidence(segments, region))

    def _with_evidence(
        self, segments: Sequence[Segment], region: Region
    ) -> Iterator[WordHypothesis]:
        return with_evidence(segments, region.span, self.assigned.decoder.name)

    def _without_echo(
        self,
        region: Region,
        words: list[WordHypothesis],
        decode_unprompted: Callable[[], list[WordHypothesis]],
    ) -> list[WordHypothesis]:
        kept, echoes = without_echo(words, self.runs, decode_unprompted)
        section = self.speech[region.section]
        self.echoes.extend(section.report(each) for each in echoes)
        return kept

    def _decoding(self, language: str) -> Decoding:
        hotwords = ", ".join(self.options.hotwords)
        unprompted = self._unprompted(language)
        if not hotwords and not self.options.prompt:
            return unprompted
        options = replace(unprompted, prompt=self.options.prompt, hotwords=hotwords)
        self.left_out.append(self.assigned.decoder.left_out(options))
        return options

    def _unprompted(self, language: str) -> Decoding:
        settings = self.assigned.settings
        return Decoding(
            language=language,
            beam_size=settings.beam_size,
            batch_size=settings.batch_size,
            choices=self.assigned.gives_choices,
        )
