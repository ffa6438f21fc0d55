"""Text from right to left, and text without spaces, edited in a real Chromium."""

from dataclasses import replace

import httpx
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from test_editing import button, chord, is_saved, opened, press, words_of

from trax.export import FORMATS
from trax.testing import transcript
from trax.testing.browser import complaints, missing_browser, show_as
from trax.testing.engine_server import scripted_workspace
from trax.testing.servers import WebServer
from trax.testing.waiting import wait_until
from trax.transcript import Segment, Turn, Word, identified

pytestmark = [
    pytest.mark.server,
    pytest.mark.xdist_group("interface"),
    pytest.mark.skipif(bool(missing_browser()), reason=missing_browser() or "there is a browser"),
]

SAID = {
    "ja": (("今日", "は", "晴れ", "です", "。"), ("東京", "に", "行き", "ます")),
    "ar": (("صباح", "الخير", "للجميع"), ("كيف", "حالك", "اليوم؟")),
}
TYPED = {"ja": "とても", "ar": "جدا"}
OTHER = {"ja": "大阪", "ar": "أين"}
IDS = {"ja": "aaaaaaaaaaaa", "ar": "bbbbbbbbbbbb"}

PLACE = """
const {view} = trax.desk;
const line = view.state.doc.line(arguments[0]);
view.dispatch({selection: {anchor: line.from + arguments[1]}});
view.focus();
"""
LINES = "return trax.desk.view.state.doc.toString().split('\\n')"


def spoken(language: str):
    """Two people, a line each; a word a second."""
    is_joined = language == "ja"
    segments, second = [], 0.0
    for label, texts in zip(("SPEAKER_00", "SPEAKER_01"), SAID[language], strict=True):
        words = []
        for at, text in enumerate(texts):
            joined = is_joined and at > 0
            words.append(Word(second, second + 0.8, text, 0.9, label, joined=joined))
            second += 1.0
        segments.append(Segment(words[0].start, words[-1].end, tuple(words), label))
    turns = tuple(Turn(each.start, each.end, each.speaker) for each in segments)
    base = transcript()
    made = replace(
        base,
        id=IDS[language],
        language=language,
        segments=tuple(segments),
        turns=turns,
        exclusive_turns=turns,
        recording=replace(base.recording, duration=second),
    )
    return identified(made)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    home = tmp_path_factory.mktemp("scripts")
    repository = scripted_workspace(home).repository
    for language in SAID:
        repository.save(spoken(language), None)
    started = WebServer(home, "--jobs", "1")
    yield started
    started.stop()


def lines(chrome) -> list[str]:
    return chrome.execute_script(LINES)


def saved(server, language: str) -> dict:
    return httpx.get(f"{server.url}/v1/transcripts/{IDS[language]}", timeout=60).json()


@pytest.mark.parametrize("language", SAID)
def test_it_is_typed_split_replaced_and_undone(chrome, server, language):
    """Words that nobody touched keep their times; every export is made; undo restores it all.
    There is no sound, which the browser complains of.
    """
    show_as(chrome)
    opened(chrome, f"{server.url}/t/{IDS[language]}")
    complaints(chrome)
    before = saved(server, language)
    first, second = lines(chrome)
    typed, word = TYPED[language], SAID[language][0][0]
    direction = "return getComputedStyle(document.querySelector('.cm-line')).direction"
    wanted = "ltr" if language == "ja" else "rtl"
    assert chrome.execute_script(direction) == wanted
    button(chrome, "Edit").click()
    space = "" if language == "ja" else " "
    chrome.execute_script(PLACE, 1, len(word))
    press(chrome, space + typed)
    wait_until(lambda: lines(chrome)[0] == word + space + typed + first[len(word) :])
    wait_until(lambda: is_saved(chrome) and typed in str(saved(server, language)["segments"]))
    kept_as_it_was(before, saved(server, language), set())
    middle = len(SAID[language][1][0])
    chrome.execute_script(PLACE, 2, middle)
    press(chrome, Keys.ENTER)
    wait_until(lambda: len(saved(server, language)["segments"]) == 3)
    kept_as_it_was(before, saved(server, language), set())
    chord(chrome, Keys.CONTROL, "f")
    press(chrome, SAID[language][1][0])
    button(chrome, "Replace").click()
    field = chrome.find_element(By.CSS_SELECTOR, "search [aria-label='Replace with']")
    field.send_keys(OTHER[language])
    chrome.find_element(By.CSS_SELECTOR, "search .row + .row button").click()
    wait_until(lambda: lines(chrome)[1] == OTHER[language])
    wait_until(lambda: OTHER[language] in str(saved(server, language)["segments"]))
    after = saved(server, language)
    kept_as_it_was(before, after, {SAID[language][1][0]})
    replaced = after["segments"][1]["words"][0]
    assert replaced["start"] == before["segments"][1]["words"][0]["start"]
    for name in FORMATS:
        answer = httpx.get(
            f"{server.url}/v1/transcripts/{IDS[language]}/exports/{name}", timeout=60
        )
        assert answer.status_code == 200
        if name in ("txt", "srt", "vtt", "md"):
            assert typed in answer.text.replace("\n", space)
    chrome.execute_script(PLACE, 1, 0)
    for _ in range(3):
        chord(chrome, Keys.CONTROL, "z")
    wait_until(lambda: lines(chrome) == [first, second])
    wait_until(lambda: saved(server, language)["segments"] == before["segments"])
    assert [each for each in complaints(chrome) if not each.endswith("404 (Not Found)")] == []


def kept_as_it_was(before: dict, after: dict, touched: set[str]) -> None:
    """Whatever was not touched has its time and confidence; all words are in order."""
    now = {word["id"]: word for word in words_of(after)}
    for word in words_of(before):
        if word["text"] not in touched:
            assert now[word["id"]] == word
    starts = [word["start"] for word in words_of(after)]
    assert starts == sorted(starts)
