"""Options that do not go together are refused, in one sentence."""

import pytest

EXCLUSIVE = [
    ("show latest --versions --stages", "--versions and --stages"),
    ("show latest --versions --conversation", "--versions and --conversation"),
    ("show latest --versions --blame", "--versions and --blame"),
    ("show latest --stages --conversation", "--stages and --conversation"),
    ("show latest --stages --blame", "--stages and --blame"),
    ("show latest --conversation --blame", "--conversation and --blame"),
    ("show latest --version 1 --versions", "--version and --versions"),
    ("show latest --version 1 --stages", "--version and --stages"),
    ("show latest --tag budget", "TRANSCRIPT and --tag"),
    ("show --tag budget --version 1", "--version and --tag"),
    ("show --tag budget --stages", "--stages and --tag"),
    ("live a.wav --microphone", "FILE_OR_URL and --microphone"),
    ("live a.wav --device hw:1", "FILE_OR_URL and --device"),
    ("live --microphone --speed 2", "--microphone and --speed"),
    ("live http://127.0.0.1:9/a.m3u8 --speed 2", "FILE_OR_URL and --speed"),
    ("live a.wav --captions-only --plan fast", "--captions-only and --plan"),
    ("live a.wav --captions-only --format srt", "--captions-only and --format"),
    ("live a.wav --captions-only --out there", "--captions-only and --out"),
    ("live --left-over --discard aa", "--left-over and --discard"),
    ("live a.wav --left-over", "--left-over and FILE_OR_URL"),
    ("live --microphone --left-over", "--left-over and --microphone"),
    ("live a.wav --discard aa", "--discard and FILE_OR_URL"),
    ("live --discard aa --language de", "--discard and --language"),
    ("live --discard aa --no-speakers", "--discard and --no-speakers"),
    ("bench --json --out page.md", "--json and --out"),
    ("report --json --out page.md", "--json and --out"),
    ("top --once --every 5", "--once and --every"),
]
NEEDED = [
    ("show --version 1", "--version needs TRANSCRIPT"),
    ("show --versions", "--versions needs TRANSCRIPT"),
    ("show --stages", "--stages needs TRANSCRIPT"),
    ("show --conversation", "--conversation needs TRANSCRIPT"),
    ("show --blame", "--blame needs TRANSCRIPT"),
    ("live --device hw:1", "--device needs --microphone"),
    ("report --targets --out page.html", "--targets are written as Markdown"),
]
TOGETHER = [
    "show",
    "show --tag budget --tag plans",
    "live --left-over",
    "report --json --days 1",
    "top --once --json",
]


class TestGiven:
    @pytest.mark.parametrize(("line", "pair"), EXCLUSIVE, ids=lambda each: each)
    def test_pairs_are_refused_before_anything_is_done(self, line, pair, trax, home):
        """Nothing is opened, nothing is begun."""
        result = trax(*line.split())
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr == f"error: {pair} exclude each other\n"
        assert not home.exists()

    @pytest.mark.parametrize(("line", "sentence"), NEEDED, ids=lambda each: each)
    def test_what_means_nothing_alone_is_refused(self, line, sentence, trax, home):
        """Rather than ignored."""
        result = trax(*line.split())
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.startswith(f"error: {sentence}")
        assert result.stderr.count("\n") == 1
        assert not home.exists()

    @pytest.mark.parametrize("line", TOGETHER)
    def test_what_goes_together_is_not_refused(self, line, trax):
        """Values that a command has of itself count as not given."""
        assert trax(*line.split()).exit_code == 0
