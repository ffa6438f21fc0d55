/// <reference types="node" />
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { touched } from "./blame";
import { checkCues, readCues } from "./cues";
import { Model } from "./document/model";
import { displayName, type Operation, type Segment } from "./document/types";
import { nextCase } from "./editor/casing";
import { sample } from "./editor/sample";
import { differences } from "./history";
import { bindings, COMMANDS, keyName } from "./keys";
import { readPeaks, reduced } from "./player/peaks";
import { htmlOf, markdownOf } from "./quoting";
import { curve, halving, outlook, readingsOf, scaleOf, survey } from "./review/queue";
import { type Change, lastStanding } from "./versions";

const word = (text: string) => ({ text, joined: false, gap: 0.1, long: 0.3 });
const talk = () =>
  sample([
    { speaker: 0, words: ["one", "two", "three"].map(word) },
    { speaker: 1, words: ["four", "five"].map(word) },
  ]);

describe("review", () => {
  it("lists doubtful words that stand together as one place", () => {
    const found = survey(new Model(talk()));
    expect(found.places.map((each) => each.words.length)).toEqual([3, 2]);
    expect(found.words).toBe(5);
  });

  it("says what putting all right brings, in terms of the whole transcript's expected errors", () => {
    const found = survey(new Model(talk()));
    const scale = scaleOf(found, 0.1);
    expect(outlook(found, [], scale).rate).toBeCloseTo(0.1);
    expect(outlook(found, found.places, scale).after).toBeCloseTo(0);
    expect(halving(found)).toBeGreaterThan(0);
    const rates = curve(found, scale).map((step) => step.rate);
    expect(rates).toEqual([...rates].sort((a, b) => b - a));
  });
});

describe("the queue", () => {
  it("has the places and readings of the service's", () => {
    const known = JSON.parse(readFileSync(resolve("../tests/data/review.json"), "utf8"));
    const speaking = (segment: Segment): Segment => ({
      ...segment,
      words: segment.words.map((word) => ({ ...word, joined: false })),
    });
    const read = { ...talk(), segments: known.segments.map(speaking) };
    const found = survey(new Model(read)).places.map(({ kind, level, words }) => ({
      kind,
      level,
      words: words.map((word) => word.id),
      readings: kind === "words" ? readingsOf(words, []).map((each) => each.text) : [],
    }));
    expect(found).toEqual(known.places);
  });
});

describe("history", () => {
  it("shows words that were replaced, put in and given to somebody else", () => {
    const before = talk();
    const model = new Model(before);
    model.apply({ kind: "replace", word: "w0.1", text: "too", confidence: 1 });
    model.apply({
      kind: "relabel",
      labels: [{ word: "w1.0", speaker: "SPEAKER_02", doubts: [], confidence: 1 }],
    });
    model.apply({ kind: "delete", words: ["w1.1"], span: null });
    const found = differences(before, model.snapshot(), (of, label) =>
      displayName(of.speakers, label),
    );
    expect(found.map(({ kind, before, after }) => [kind, before, after])).toEqual([
      ["text", "two", "too"],
      ["speaker", "Speaker 2", "Speaker 3"],
      ["text", "five", ""],
    ]);
  });

  it("knows which change touched a word, and what it made of it", () => {
    const done: Operation[] = [
      { kind: "replace", word: "a", text: "hello", confidence: 1 },
      { kind: "delete", words: ["b"], span: null },
    ];
    expect(touched(done, new Set(["a"]))).toBe("hello");
    expect(touched(done, new Set(["b"]))).toBeNull();
    expect(touched([{ kind: "together", operations: done }], new Set(["c"]))).toBeUndefined();
  });

  it("passes over changes that were taken back already", () => {
    const kinds = ["undo", "undo", "edit", "edit", "names", "edit"];
    const changes = kinds.map((kind, at) => ({ kind, version: 9 - at }) as Change);
    expect(lastStanding(changes)?.version).toBe(5);
    expect(lastStanding(changes.slice(0, 4))).toBeUndefined();
  });
});

describe("subtitles", () => {
  it("are checked for speed, length and number of lines", () => {
    const text = `WEBVTT

00:01.000 --> 00:02.000
${"fast ".repeat(8)}

2
00:00:05,000 --> 00:00:15,000
<v Anna>fine

3
00:00:20,000 --> 00:00:40,000
${"long ".repeat(12)}
b
c
`;
    const cues = readCues(text);
    expect(cues.map((cue) => [cue.start, cue.end])).toEqual([
      [1, 2],
      [5, 15],
      [20, 40],
    ]);
    expect(checkCues(cues).map((each) => each.kind)).toEqual([
      "tooFast",
      "tooLong",
      "tooManyLines",
    ]);
  });
});

describe("keys", () => {
  it("stand for one command each", () => {
    for (const mode of ["read", "edit"] as const) {
      const all = COMMANDS.flatMap((each) => each[mode].split(" ").filter(Boolean));
      expect(new Set(all).size).toBe(all.length);
    }
  });

  it("are named by what is printed on them", () => {
    const press = (init: KeyboardEventInit) => keyName(new KeyboardEvent("keydown", init));
    expect(press({ key: " ", code: "Space" })).toBe("Space");
    expect(press({ key: "!", code: "Digit1", shiftKey: true })).toBe("Shift-1");
    expect(press({ key: "?", code: "Slash", shiftKey: true })).toBe("?");
    expect(press({ key: "∫", code: "KeyB", altKey: true })).toBe("Alt-b");
    expect(
      bindings("read").get(press({ key: "Z", code: "KeyZ", ctrlKey: true, shiftKey: true })),
    ).toBe("redo");
  });
});

describe("a quote", () => {
  it("is formatted text and Markdown, with a link, and nothing said becomes markup", () => {
    const quote = { text: "a < b", speaker: "A & B", start: 65, link: "https://x/t#t=65" };
    expect(htmlOf(quote)).toBe(
      '<blockquote>a &lt; b<br>— A &amp; B, <a href="https://x/t#t=65">1:05</a></blockquote>',
    );
    expect(markdownOf(quote)).toContain("> — A & B, [1:05](https://x/t#t=65)");
  });
});

describe("capitals", () => {
  it("go round: none, the first, all", () => {
    expect(["the cat", "The cat", "THE CAT"].map(nextCase)).toEqual([
      "The cat",
      "THE CAT",
      "the cat",
    ]);
    expect(nextCase("i")).toBe("I");
    expect(nextCase("I")).toBe("i");
  });
});

describe("peaks", () => {
  it("are read from audiowaveform's format, and drawn by their loudest", () => {
    const data = new ArrayBuffer(24 + 6);
    const view = new DataView(data);
    view.setInt32(0, 2, true);
    view.setInt32(8, 16_000, true);
    view.setInt32(12, 800, true);
    new Int8Array(data, 24).set([-10, 5, -127, 20, 0, 64]);
    const peaks = readPeaks(data);
    expect(peaks.step).toBe(0.05);
    expect([...peaks.points].map((each) => Math.round(each * 127))).toEqual([10, 127, 64]);
    expect(reduced(peaks.points, 1)[0]).toBe(1);
    expect(() => readPeaks(new ArrayBuffer(8))).toThrow();
  });
});
