import { expect, test, vi } from "vitest";
import type { Desk } from "../desk.svelte";
import { Model } from "../document/model";
import type { Operation, Transcript, Word } from "../document/types";
import { sample } from "../editor/sample";
import { readingsOf, survey } from "./queue";
import { Review } from "./review.svelte";

const SURE = 0.999;

/** A desk without a page, which notes what is played. */
function deskOf(confidences: readonly number[]) {
  const words = confidences.map((_, at) => ({ text: `w${at}`, joined: false, gap: 3, long: 0.4 }));
  const read = sample(words.map((word) => ({ speaker: 0, words: [word] })));
  const segments = read.segments.map((segment, at) => ({
    ...segment,
    words: segment.words.map((word) => ({
      ...word,
      confidence: confidences[at] ?? null,
      speaker_confidence: null,
    })),
  }));
  let surveyed = $state(1);
  const played: number[] = [];
  const model = new Model({ ...read, segments });
  const desk = {
    model,
    suggestions: [],
    transcript: model.source,
    get surveyed() {
      return surveyed;
    },
    survey: () => {
      surveyed += 1;
    },
    sight: { show: () => {} },
    mode: "read",
    player: {
      time: 0,
      playPassage: (start: number, _end: number, ended: () => void) => {
        played.push(start);
        ended();
      },
    },
    accept: (accepted: readonly Word[]) => {
      for (const { id, text } of accepted) {
        const operation: Operation = { kind: "replace", word: id, text, confidence: SURE };
        model.apply(operation);
      }
    },
  };
  return { desk: desk as unknown as Desk, played };
}

test("what is decided counts down, and the next place is played", () => {
  const { desk, played } = deskOf([0.3, 0.4, 0.3, 0.4, 0.3, 0.4, 0.3, 0.4]);
  const review = new Review(desk);
  const planned = review.places.length;
  expect(planned).toBeGreaterThan(2);
  review.step(1);
  review.accept();
  expect(review.places).toHaveLength(planned - 1);
  review.pass();
  expect(review.places).toHaveLength(planned - 2);
  expect(review.done).toBe(2);
  expect(played).toHaveLength(3);
  expect(played).toEqual(played.toSorted((a, b) => a - b));
});

test("places that nobody objects to go by, and are accepted with the next decision", () => {
  vi.useFakeTimers();
  const { desk, played } = deskOf([0.3, 0.4, 0.3, 0.4, 0.3, 0.4, 0.3, 0.4]);
  const review = new Review(desk);
  const planned = review.places;
  review.listen();
  vi.advanceTimersToNextTimer();
  vi.advanceTimersToNextTimer();
  expect(played).toHaveLength(3);
  expect(review.done).toBe(2);
  const confidence = (at: number) => desk.model.word(planned[at]?.words[0]?.id ?? "")?.confidence;
  expect(confidence(0)).toBeLessThan(0.5);
  review.accept();
  expect([0, 1, 2].map(confidence)).toEqual([SURE, SURE, SURE]);
  vi.useRealTimers();
});

test("what went by too soon is opened again, and is decided on its own", () => {
  vi.useFakeTimers();
  const { desk } = deskOf([0.3, 0.4, 0.3, 0.4, 0.3, 0.4, 0.3, 0.4]);
  const review = new Review(desk);
  const planned = review.places;
  review.listen();
  vi.advanceTimersToNextTimer();
  review.step(-1);
  expect(review.place?.key).toBe(planned[0]?.key);
  expect(review.places).toHaveLength(planned.length);
  expect(review.through.heard).toEqual([]);
  vi.useRealTimers();
});

test("what somebody changed meanwhile is not accepted as it was heard", () => {
  vi.useFakeTimers();
  const { desk } = deskOf([0.3, 0.4, 0.3, 0.4, 0.3, 0.4, 0.3, 0.4]);
  const review = new Review(desk);
  const word = review.places[0]?.words[0]?.id ?? "";
  review.listen();
  vi.advanceTimersToNextTimer();
  desk.model.apply({ kind: "replace", word, text: "other", confidence: 0.9 });
  review.accept();
  expect(desk.model.word(word)?.text).toBe("other");
  vi.useRealTimers();
});

test("a review ends", () => {
  const { desk } = deskOf([0.3, 0.4, 0.3, 0.4, 0.3, 0.4]);
  const review = new Review(desk);
  review.step(1);
  for (let left = review.places.length; left > 0; left--) review.accept();
  expect(review.places).toHaveLength(0);
  expect(review.place).toBeUndefined();
});

test("what other passes read is offered, the likeliest first, for the words of the place alone", () => {
  const { desk } = deskOf([0.3]);
  const [segment] = desk.model.segments;
  const alternatives = [
    { text: "ward", source: "small", confidence: 0.2 },
    { text: "word zero", source: "base", confidence: 0.6 },
    { text: "W0,", source: "base", confidence: 0.9 },
    { text: "", source: "tiny", confidence: 0.1 },
    { text: "warden", source: "tiny", confidence: 0.05 },
  ];
  const words = segment?.words.map((word) => ({ ...word, alternatives })) ?? [];
  const read = { ...desk.model.source, segments: [{ ...segment, words }] } as Transcript;
  const place = survey(new Model(read)).places[0];
  expect(readingsOf(place?.words ?? [], []).map(({ text, source }) => [text, source])).toEqual([
    ["word zero", "base"],
    ["ward", "small"],
    ["", "tiny"],
  ]);
});
