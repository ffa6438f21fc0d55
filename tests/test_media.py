"""Recordings as browsers are given them: whole, in parts, as a copy, and as peaks."""

import asyncio
import struct
import threading
from functools import partial
from pathlib import Path

import av
import numpy as np
import pytest
from anyio import to_thread

from trax.audio import StoredAudio
from trax.audio.browsers import media_of
from trax.audio.peaks import write_peaks
from trax.errors import NotReady
from trax.pipelines.transcribe import identify, transcribe
from trax.service import media
from trax.service.media import Player
from trax.service.originals import find_original
from trax.service.preparing import Preparations, PreparationState
from trax.service.recordings import upload
from trax.stages.options import TranscribeOptions
from trax.store import Database, Sight
from trax.testing import CONTAINERS, ScriptedEngines, encode, tone, write_audio
from trax.testing.web_server import serving
from trax.work.workspace import Workspace


@pytest.fixture
def workspace(store, tmp_path):
    """With every kind of object store there is."""
    return Workspace(
        objects=store,
        database=Database(f"sqlite:///{tmp_path / 'trax.db'}"),
        engines=ScriptedEngines(),
    )


@pytest.fixture
def client(workspace, home):
    with serving(workspace) as opened:
        yield opened


def published(workspace, file: Path) -> str:
    """The id of the transcript of an upload."""
    source = upload(workspace, file, file.name)
    return transcribe(workspace, source, TranscribeOptions()).transcript_id


def playable(folder: Path) -> Path:
    return write_audio(folder / "call.wav", tone(3.0))


def unplayable(folder: Path) -> Path:
    return encode(folder / "call.wma", tone(3.0))


class TestParts:
    def test_a_recording_that_browsers_play_is_sent_as_it_is(self, client, workspace, tmp_path):
        """Its own bytes, under an ETag that is its digest."""
        file = playable(tmp_path)
        answer = client.get(f"/v1/transcripts/{published(workspace, file)}/audio")
        assert (answer.status_code, answer.content) == (200, file.read_bytes())
        assert answer.headers["content-type"] == "audio/wav"
        assert answer.headers["accept-ranges"] == "bytes"

    def test_any_part_can_be_had(self, client, workspace, tmp_path):
        """From the beginning, from the middle, from the end; past the end there is nothing."""
        file = playable(tmp_path)
        data = file.read_bytes()
        url = f"/v1/transcripts/{published(workspace, file)}/audio"
        size = len(data)
        for asked, first, past in (
            ("bytes=0-9", 0, 10),
            ("bytes=1000-1999", 1000, 2000),
            (f"bytes={size - 5}-", size - 5, size),
            ("bytes=-7", size - 7, size),
            (f"bytes=0-{size * 2}", 0, size),
        ):
            answer = client.get(url, headers={"Range": asked})
            assert (answer.status_code, answer.content) == (206, data[first:past]), asked
            assert answer.headers["content-range"] == f"bytes {first}-{past - 1}/{size}"
        refused = client.get(url, headers={"Range": f"bytes={len(data)}-"})
        assert refused.status_code == 416
        assert refused.headers["content-range"] == f"bytes */{len(data)}"

    def test_a_part_is_only_sent_to_go_on_with_the_same_bytes(self, client, workspace, tmp_path):
        """`If-Range` of other bytes gets everything; `If-None-Match` of these gets nothing."""
        url = f"/v1/transcripts/{published(workspace, playable(tmp_path))}/audio"
        tag = client.head(url).headers["etag"]
        same = client.get(url, headers={"Range": "bytes=0-1", "If-Range": tag})
        other = client.get(url, headers={"Range": "bytes=0-1", "If-Range": '"other"'})
        assert (same.status_code, other.status_code) == (206, 200)
        assert client.get(url, headers={"If-None-Match": tag}).status_code == 304

    def test_its_size_can_be_asked_for_alone(self, client, workspace, tmp_path, monkeypatch):
        """HEAD: the same headers, and no byte is read."""
        file = playable(tmp_path)
        url = f"/v1/transcripts/{published(workspace, file)}/audio"
        assert client.get(url).is_success  # what kind it is is known
        unread = lambda *_: pytest.fail("it is read")  # noqa: E731
        monkeypatch.setattr(type(workspace.objects), "chunks", unread)
        answer = client.head(url)
        assert answer.headers["content-length"] == str(file.stat().st_size)
        assert answer.content == b""


class TestCopies:
    def test_what_browsers_do_not_play_is_copied_once(
        self, client, workspace, tmp_path, monkeypatch
    ):
        """To AAC in MP4, which lasts as long; it is kept beside the recording's audio."""
        asked, ask = [], Preparations.ask

        def counted(self, key, make):
            asked.append(key)
            ask(self, key, make)

        monkeypatch.setattr(Preparations, "ask", counted)
        transcript = published(workspace, unplayable(tmp_path))
        before = client.get(f"/v1/transcripts/{transcript}/media").json()
        assert (before["plays"], before["copy"]["state"]) == ("copy", "absent")
        answer = client.get(f"/v1/transcripts/{transcript}/audio", params={"wait": 60})
        assert (answer.status_code, answer.headers["content-type"]) == (200, "audio/mp4")
        copy = tmp_path / "copy.m4a"
        copy.write_bytes(answer.content)
        with av.open(str(copy)) as container:
            assert container.streams.audio[0].codec_context.name == "aac"
            assert container.duration / av.time_base == pytest.approx(3.0, abs=0.1)
        assert answer.content.index(b"moov") < answer.content.index(b"mdat")
        again = client.get(f"/v1/transcripts/{transcript}/audio")
        assert again.headers["etag"] == answer.headers["etag"]
        assert len(asked) == 1
        assert client.get(f"/v1/transcripts/{transcript}/media").json()["copy"]["state"] == "ready"

    def test_a_copy_that_is_not_made_yet_says_so(self, client, workspace, tmp_path):
        """503, and when to ask again; it is made meanwhile."""
        transcript = published(workspace, unplayable(tmp_path))
        url = f"/v1/transcripts/{transcript}/audio"
        answer = client.get(url, params={"wait": 0})
        if answer.status_code != 200:
            assert answer.status_code == 503
            assert answer.json()["type"] == "urn:trax:error:not-ready"
            assert answer.headers["retry-after"]
        assert client.get(url, params={"wait": 60}).status_code == 200

    def test_a_copy_can_be_asked_for_beforehand(self, client, workspace, tmp_path):
        """With the peaks, so that a page finds both."""
        transcript = published(workspace, unplayable(tmp_path))
        assert client.post(f"/v1/transcripts/{transcript}/media").status_code == 202
        client.get(f"/v1/transcripts/{transcript}/peaks", params={"wait": 60})
        found = client.get(f"/v1/transcripts/{transcript}/media").json()
        assert (found["copy"]["state"], found["peaks"]["state"]) == ("ready", "ready")

    def test_a_copy_of_what_plays_is_made_if_asked_for(self, client, workspace, tmp_path):
        """Whoever listens over a slow line needs less than a WAV."""
        url = f"/v1/transcripts/{published(workspace, playable(tmp_path))}/audio"
        answer = client.get(url, params={"format": "browser", "wait": 60})
        assert (answer.status_code, answer.headers["content-type"]) == (200, "audio/mp4")

    def test_the_recording_can_be_had_in_any_case(self, client, workspace, tmp_path):
        """As bytes that no browser shows, if it is none that it plays."""
        file = unplayable(tmp_path)
        url = f"/v1/transcripts/{published(workspace, file)}/audio"
        answer = client.get(url, params={"format": "original"})
        assert answer.content == file.read_bytes()
        assert answer.headers["content-type"] == "application/octet-stream"

    def test_a_recording_that_has_gone_is_played_from_what_was_recognised(
        self, client, workspace, tmp_path
    ):
        """The decoded audio is kept longer than the upload."""
        transcript = published(workspace, playable(tmp_path))
        for found in list(workspace.objects.list("uploads/")):
            workspace.objects.delete(found.key)
        media = client.get(f"/v1/transcripts/{transcript}/media").json()
        assert (media["original"], media["plays"]) == (None, "copy")
        url = f"/v1/transcripts/{transcript}/audio"
        assert client.get(url, params={"wait": 60}).status_code == 200
        gone = client.get(url, params={"format": "original"})
        assert (gone.status_code, "no longer kept" in gone.json()["detail"]) == (404, True)

    def test_what_others_have_is_not_played(self, workspace, tmp_path):
        """Once one's own is gone, although it is the same."""
        mine, theirs = playable(tmp_path), write_audio(tmp_path / "theirs.wav", tone(3.0))
        for file, account in ((mine, "me"), (theirs, "them")):
            job = identify(workspace, file, TranscribeOptions(), account=account)
            workspace.queue.put(job.request)
        recording = workspace.recordings.get(job.request.recording_sha256, Sight("me"))
        assert find_original(workspace, recording).source == str(mine)
        mine.unlink()
        assert find_original(workspace, recording) is None
        everything = workspace.recordings.get(recording.sha256)
        assert find_original(workspace, everything).source == str(theirs)

    def test_whoever_waits_holds_no_thread(self, workspace, tmp_path, monkeypatch):
        """However many wait, others are answered: there are forty threads for all."""
        file = unplayable(tmp_path)
        workspace.queue.put(identify(workspace, file, TranscribeOptions()).request)
        recording = workspace.recordings.newest()[0]
        let_go = threading.Event()
        monkeypatch.setattr(media, "make_copy", lambda *_: let_go.wait(60))
        player = Player(workspace, Preparations())

        async def wait_in_crowd() -> bool:
            to_thread.current_default_thread_limiter().total_tokens = 2
            sound = partial(player.sound, recording, "browser", 30.0)
            crowd = [asyncio.create_task(sound()) for _ in range(10)]
            while player.state(recording).copy.state is not PreparationState.PREPARING:
                await asyncio.sleep(0.01)
            answered = await asyncio.wait_for(to_thread.run_sync(lambda: True), 10)
            let_go.set()
            outcomes = await asyncio.gather(*crowd, return_exceptions=True)
            assert {type(each) for each in outcomes} == {NotReady}  # nothing was written
            return answered

        assert asyncio.run(wait_in_crowd())

    def test_nothing_left_is_a_sentence(self, client, workspace, tmp_path):
        """Neither recording nor audio."""
        transcript = published(workspace, playable(tmp_path))
        for found in [*workspace.objects.list("uploads/"), *workspace.objects.list("recordings/")]:
            workspace.objects.delete(found.key)
        answer = client.get(f"/v1/transcripts/{transcript}/audio", params={"wait": 60})
        assert (answer.status_code, "no longer kept" in answer.json()["detail"]) == (404, True)


class TestPictures:
    def test_a_video_is_sent_as_one_in_parts(self, client, workspace, tmp_path):
        """With its picture, for a page to show; what browsers do not play is heard alone."""
        file = film(tmp_path / "talk.mp4", "libx264")
        url = f"/v1/transcripts/{published(workspace, file)}"
        told = client.get(f"{url}/media").json()
        assert (told["kind"], told["plays"]) == ("video", "original")
        part = client.get(f"{url}/audio", headers={"Range": "bytes=10-99"})
        assert (part.status_code, part.headers["Content-Type"]) == (206, "video/mp4")
        assert part.content == file.read_bytes()[10:100]
        other = published(workspace, film(tmp_path / "old.mp4", "mpeg4"))
        told = client.get(f"/v1/transcripts/{other}/media").json()
        assert (told["kind"], told["plays"]) == ("video", "copy")
        heard = client.get(f"/v1/transcripts/{other}/audio", params={"wait": 60})
        assert heard.headers["Content-Type"] == "audio/mp4"


class TestPeaks:
    def test_peaks_are_audiowaveforms(self, client, workspace, tmp_path):
        """A header of 24 bytes, then lowest and highest of every twentieth of a second."""
        url = f"/v1/transcripts/{published(workspace, playable(tmp_path))}/peaks"
        answer = client.get(url, params={"wait": 60})
        assert answer.status_code == 200, answer.text
        version, flags, rate, step, length, channels = struct.unpack("<iIiiII", answer.content[:24])
        assert (version, flags, rate, step, length, channels) == (2, 1, 16_000, 800, 60, 1)
        points = np.frombuffer(answer.content[24:], dtype=np.int8).reshape(-1, 2)
        assert len(points) == length
        assert abs(int(points[30].max()) - round(0.3 * 127)) <= 1
        assert abs(int(points[30].min()) + round(0.3 * 127)) <= 1

    def test_peaks_are_json_for_whoever_asks(self, client, workspace, tmp_path):
        """The same points."""
        url = f"/v1/transcripts/{published(workspace, playable(tmp_path))}/peaks"
        binary = client.get(url, params={"wait": 60, "per_second": 100}).content
        told = client.get(url, params={"per_second": 100}, headers={"Accept": "application/json"})
        assert told.json()["data"] == np.frombuffer(binary[24:], dtype=np.int8).tolist()
        assert told.json()["length"] == 300

    def test_a_recording_has_them_too(self, client, workspace, tmp_path):
        """By its digest, whichever transcripts there are."""
        published(workspace, playable(tmp_path))
        digest = workspace.recordings.newest()[0].sha256
        assert client.get(f"/v1/recordings/{digest}/peaks", params={"wait": 60}).is_success
        assert client.get(f"/v1/recordings/{digest[:12]}/audio").is_success
        assert client.get("/v1/recordings/nobody/audio").status_code == 404

    def test_no_number_of_seconds_is_lost(self, tmp_path):
        """A last point that is not whole counts, and nothing wraps around at full scale."""
        loud = write_audio(tmp_path / "loud.wav", tone(1.02, level=1.0))
        write_peaks(StoredAudio.open(loud), tmp_path / "peaks", 20, lambda _share: None)
        data = (tmp_path / "peaks").read_bytes()
        assert struct.unpack_from("<I", data, 16) == (21,)
        assert len(data) == 24 + 2 * 21
        assert {127, -127} <= set(np.frombuffer(data[24:], dtype=np.int8).tolist())


class TestBrowsers:
    @pytest.mark.parametrize("suffix", sorted(CONTAINERS))
    def test_what_plays_everywhere_is_known_by_its_content(self, suffix, tmp_path):
        """Whatever its name says."""
        file = encode(tmp_path / f"x.{suffix}", tone(1.0))
        with file.open("rb") as opened:
            found = media_of(opened, file.stat().st_size)
        plays = suffix in ("wav", "mp3", "m4a", "flac", "ogg", "opus", "webm", "mp4")
        assert (found.kind, found.plays) == ("audio", plays)

    def test_a_picture_is_shown_and_a_cover_is_none(self, tmp_path):
        """Only H.264 and its like, which every browser has."""
        for codec, plays in (("libx264", True), ("mpeg4", False)):
            file = film(tmp_path / f"{codec}.mp4", codec)
            with file.open("rb") as opened:
                found = media_of(opened, file.stat().st_size)
            assert (found.kind, found.plays) == ("video", plays)

    def test_no_file_is_a_defect(self, tmp_path):
        """Bytes of any kind are just not played."""
        for data in (b"", b"\0" * 5000, b"RIFF" + b"\xff" * 500, b"<html></html>"):
            file = tmp_path / "x"
            file.write_bytes(data)
            with file.open("rb") as opened:
                assert not media_of(opened, len(data)).plays


def film(path: Path, codec: str) -> Path:
    """A second of grey with a tone."""
    with av.open(str(path), "w") as container:
        picture = container.add_stream(codec, rate=10)
        picture.width, picture.height, picture.pix_fmt = 64, 64, "yuv420p"
        sound = container.add_stream("aac", rate=16_000)
        sound.codec_context.layout = "mono"
        grey = av.VideoFrame.from_ndarray(np.full((64, 64, 3), 128, dtype=np.uint8), "rgb24")
        for at in range(10):
            grey.pts = at
            container.mux(picture.encode(grey))
        container.mux(picture.encode(None))
        samples = av.AudioFrame.from_ndarray(tone(1.0)[None, :], "fltp", "mono")
        samples.sample_rate = 16_000
        container.mux(sound.encode(samples))
        container.mux(sound.encode(None))
    return path
