"""What a language model may do to real transcripts, and what it costs: ``python -m
benchmarks.enhance``.

The English clips and conversations are recognised by two plans. Then a server process on loopback
is asked: one that knows what was said (the most that the guards let through), one that invents,
drops and reorders, and, where its packages are installed, a real model of 135 million parameters.
An hour is made of the same readings, every sentence with a word of its own before it, so that none
is asked once for several.

Tokens are counted with Whisper's multilingual tokenizer (51,865 entries; DeepSeek's has more, so
texts have fewer tokens there). Prices are DeepSeek's list prices at peak hours; at all other hours
it takes half.
"""

import json
import random
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rapidfuzz.distance import Levenshtein

from benchmarks.corpus import clips, conversations
from benchmarks.report import Row, write
from trax.asr import RecognitionOptions
from trax.audio import StoredAudio, decode_to_flac
from trax.compose import build_workspace
from trax.engines import model_finder
from trax.enhance.chat import ChatModel
from trax.enhance.context import EnhancementContext
from trax.enhance.dispatch import Dispatcher
from trax.enhance.edits import EditRules, edit_sentence
from trax.enhance.guards import SURE
from trax.enhance.providers import PROVIDERS
from trax.enhance.recognition import enhance_recognition
from trax.enhance.sentences import sentence_ranges
from trax.enhance.spending import Account, Budget
from trax.errors import MissingPart
from trax.merge import spelling
from trax.models import Kind
from trax.scoring.words import word_error_rate
from trax.servers import ChatConfig
from trax.settings import load_settings
from trax.store import Database
from trax.testing.servers import ChatServer, LlamaServer
from trax.transcript import Recognition, Segment, Word, joined_text
from trax.work.workspace import Workspace

_PEAK = PROVIDERS["deepseek"].price
_HOUR = 3600.0
_NUMBERS = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth"]


@dataclass(frozen=True, slots=True)
class Heard:
    """A recording as a plan hears it, and what was said."""

    recognition: Recognition
    duration: float
    reference: str


def main() -> None:
    """Recognise, ask, score."""
    settings = load_settings()
    workspace = build_workspace(settings)
    rows: list[Row] = []
    for plan in ("fast", "balanced"):
        heard = list(_heard(workspace, plan))
        known = {key: value for each in heard for key, value in _lines(each).items()}
        tokenizer = (
            model_finder(settings).find("base", Kind.RECOGNITION).folder() / "tokenizer.json"
        )
        with tempfile.TemporaryDirectory() as folder:
            server = ChatServer(Path(folder), known, "--tokenizer", str(tokenizer))
            try:
                rows.append(_row(plan, "as recognised", heard, heard))
                rows += [
                    _asked(plan, script, server.url, heard)
                    for script in ("oracle", "vandal", "malicious")
                ]
                rows.append(_hour(plan, heard, folder, tokenizer))
            finally:
                server.stop()
        rows.append(_random_words(plan, heard))
        if plan == "balanced":
            rows += _real(plan, heard)
    notes = [
        "Task: correct. `hour`: an hour of speech with the model that knows, every sentence "
        "with a word of its own.",
        "Tokens by Whisper's multilingual tokenizer, DeepSeek's list prices of November 2026 "
        "at peak and other hours.",
        "`random words`: each doubtful word alone, to become a random word of the corpus.",
    ]
    write("enhance", rows, notes)


def _heard(workspace: Workspace, plan: str) -> Iterator[Heard]:
    """Every recording as *plan* hears it."""
    options = RecognitionOptions.model_validate({"plan": plan, "language": "en"})
    engine = workspace.engines.recogniser(options)
    with tempfile.TemporaryDirectory() as folder:
        for item in [*clips("en"), *conversations()]:
            flac = Path(folder) / "audio.flac"
            decode_to_flac(item.audio, flac, workspace.limits)
            audio = StoredAudio.open(flac)
            said = item.text or _said(item.reference)
            yield Heard(engine.recognise(audio, options, lambda _share: None), audio.duration, said)


def _said(reference: Path) -> str:
    parts = sorted(json.loads(reference.read_text()), key=lambda part: float(part["start_time"]))
    return " ".join(part["words"] for part in parts)


def _words(recognition: Recognition) -> list[Word]:
    return [word for segment in recognition.segments for word in segment.words]


def _lines(heard: Heard) -> dict[str, str]:
    """Each sentence with what was said in its place, by an alignment of all words."""
    words, said = _words(heard.recognition), heard.reference.split()
    here: list[list[str]] = [[] for _ in words]
    spelled = [spelling(word.text) for word in words], [spelling(word) for word in said]
    for step in Levenshtein.opcodes(*spelled):
        if step.tag == "insert":
            here[max(0, step.src_start - 1)] += said[step.dest_start : step.dest_end]
            continue
        for at, to in zip(
            range(step.src_start, step.src_end), range(step.dest_start, step.dest_end), strict=False
        ):
            here[at].append(said[to])
    return {
        joined_text(words[i] for i in piece): " ".join(text for i in piece for text in here[i])
        for piece in sentence_ranges(words)
    }


def _asked(plan: str, script: str, url: str, heard: Sequence[Heard]) -> Row:
    """One script on every recording."""
    model = ChatModel(_priced(url, script))
    return _row(plan, script, heard, [_improved(model, each) for each in heard])


def _priced(url: str, model: str) -> ChatConfig:
    """A server of ours, as dear as DeepSeek at peak hours."""
    return ChatConfig(
        base_url=url,
        model=model,
        price_prompt=_PEAK.prompt,
        price_cached=_PEAK.cached,
        price_completion=_PEAK.completion,
    )


def _improved(model: ChatModel, heard: Heard) -> Heard:
    with tempfile.TemporaryDirectory() as folder:
        workspace = replace(
            build_workspace(load_settings()), database=Database(f"sqlite:///{folder}/trax.db")
        )
        account = Account(workspace.spending, Budget(), model.price, "job")
        context = EnhancementContext(dispatcher=Dispatcher(model, account, workspace.answers))
        better = enhance_recognition(heard.recognition, ["correct"], context, lambda _share: None)
        workspace.database.close()
    return replace(heard, recognition=better)


def _row(plan: str, system: str, before: Sequence[Heard], after: Sequence[Heard]) -> Row:
    rates = [
        word_error_rate(each.reference, joined_text(_words(each.recognition))) for each in after
    ]
    work = [
        each.recognition.enhancement for each in after if each.recognition.enhancement is not None
    ]
    minutes = sum(each.duration for each in after) / 60
    changed = sum(
        [spelling(word.text) for word in _words(a.recognition)]
        != [spelling(word.text) for word in _words(b.recognition)]
        for a, b in zip(before, after, strict=True)
    )
    requests = sum(each.usage.requests for each in work)
    return {
        "plan": plan,
        "model": system,
        "minutes": minutes,
        "words": sum(rate.length for rate in rates),
        "WER %": 100 * sum(rate.errors for rate in rates) / sum(rate.length for rate in rates),
        "recordings with other words": changed,
        "edits made": sum(len(each.made) for each in work),
        "refused": sum(len(each.refused) for each in work),
        "unfinished": sum(len(each.unfinished) for each in work),
        "requests a minute": requests / minutes,
        "tokens sent": sum(each.usage.prompt_tokens for each in work),
        "of which cached": sum(each.usage.cached_tokens for each in work),
        "received": sum(each.usage.completion_tokens for each in work),
        "US cents": 100 * sum(each.usage.cost for each in work),
        "off-peak": 50 * sum(each.usage.cost for each in work),
    }


def _spelled(heard: Heard) -> list[str]:
    return [spelling(word.text) for word in _words(heard.recognition)]


def _hour(plan: str, heard: Sequence[Heard], folder: str, tokenizer: Path) -> Row:
    """An hour of speech as one transcript, with the model that knows."""
    segments: list[Segment] = []
    said: list[str] = []
    at = 0.0
    for number in _NUMBERS:
        for each in heard:
            if at + each.duration > _HOUR:
                continue
            segments += [
                _marked(segment, number).shifted(at) for segment in each.recognition.segments
            ]
            said.append(each.reference)
            at += each.duration
    whole = Heard(replace(heard[0].recognition, segments=tuple(segments)), at, " ".join(said))
    known = {}
    lines = {key: value for each in heard for key, value in _lines(each).items()}
    for piece in sentence_ranges(_words(whole.recognition)):
        text = joined_text(_words(whole.recognition)[i] for i in piece)
        mark, _, rest = text.partition(" ")
        known[text] = f"{mark} {lines[rest]}" if rest in lines else text
    server = ChatServer(Path(folder) / "hour", known, "--tokenizer", str(tokenizer))
    try:
        after = _improved(ChatModel(_priced(server.url, "oracle")), whole)
    finally:
        server.stop()
    row = _row(plan, "hour", [whole], [after])
    return row | {"WER %": "", "recordings with other words": ""}


def _marked(segment: Segment, mark: str) -> Segment:
    """The segment with a word before each of its sentences that no other copy has."""
    words: list[Word] = []
    for piece in sentence_ranges(segment.words):
        first = segment.words[piece.start]
        words += [
            replace(first, text=mark, end=first.start, confidence=1.0),
            *(segment.words[i] for i in piece),
        ]
    return replace(segment, words=tuple(words))


def _random_words(plan: str, heard: Sequence[Heard]) -> Row:
    """How often a random word of the corpus may stand in the place of a doubtful one."""
    chance = random.Random(1)
    vocabulary = sorted(
        {spelling(word) for each in heard for word in each.reference.split()} - {""}
    )
    made: Counter[str] = Counter()
    for each in heard:
        for word in _words(each.recognition):
            if word.confidence is not None and word.confidence < SURE:
                wanted = chance.choice(vocabulary)
                _, edits = edit_sentence([word], wanted, EditRules(task="correct"))
                made.update(
                    edit.rejected or "made"
                    for edit in edits
                    if spelling(edit.before) != spelling(wanted)
                )
    return {
        "plan": plan,
        "model": "random words",
        "edits made": made["made"],
        "refused": made.total() - made["made"],
    }


def _real(plan: str, heard: Sequence[Heard]) -> Iterator[Row]:
    """SmolLM2-135M, on the conversations."""
    try:
        server = LlamaServer()
    except MissingPart as error:
        print(error)
        return
    try:
        some = heard[-2:]
        model = ChatModel(
            ChatConfig(base_url=server.url, model="smollm2", timeout=600.0, concurrency=1)
        )
        yield _row(plan, "as recognised, conversations", some, some)
        yield _row(
            plan, "SmolLM2-135M, conversations", some, [_improved(model, each) for each in some]
        )
    finally:
        server.stop()


if __name__ == "__main__":
    main()
