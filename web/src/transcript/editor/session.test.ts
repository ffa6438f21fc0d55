import type { EditorState } from "@codemirror/state";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Model } from "../document/model";
import { joinedText, type Operation, type Transcript, type Word } from "../document/types";
import { textOf } from "./marks";
import { counted, edited, edits, Plain, shape } from "./random";
import { sample } from "./sample";
import { Session } from "./session";

const lineTexts = (state: EditorState): string[] =>
  state.doc.toString().split("\n").map(squeezed).filter(Boolean);

const squeezed = (line: string): string => line.trim().replace(/[\s]+/g, " ");

const modelTexts = (transcript: Transcript): string[] =>
  transcript.segments.map((segment) => squeezed(joinedText(segment.words)));

const allWords = (transcript: Transcript): Word[] => transcript.segments.flatMap((s) => s.words);

const asked = import.meta.env.VITE_EDITS;
const runs = Number(asked ?? 200);
// The same edits each time, unless more are asked for: those are new ones.
const seed = asked === undefined ? { seed: 1 } : {};
const check = (property: fc.IRawProperty<unknown>, numRuns = runs) =>
  fc.assert(property as never, { numRuns, ...seed });

describe("random edits", { timeout: 300_000 }, () => {
  it("leave a transcript that says what the text says", () => {
    check(
      fc.property(shape, edits, (form, steps) => {
        const { session, host } = edited(form, steps);
        expect(modelTexts(session.model.snapshot())).toEqual(lineTexts(host.state));
      }),
    );
  });

  it("leave words that nobody touched exactly as they were", () => {
    check(
      fc.property(shape, edits, (form, steps) => {
        const { base, session } = edited(form, steps);
        const before = new Map(allWords(base).map((word) => [word.id, word]));
        for (const word of allWords(session.model.snapshot())) {
          const former = before.get(word.id);
          if (!former || former.text !== word.text) continue;
          const { start, end, confidence } = word;
          expect({ start, end, confidence }).toEqual({
            start: former.start,
            end: former.end,
            confidence: former.confidence,
          });
        }
      }),
    );
  });

  it("keep every word outside of the lines that were touched", () => {
    check(
      fc.property(shape, edits, (form, steps) => {
        const base = sample([...form, ...form, ...form]);
        const session = new Session(base, counted);
        const host = new Plain(session.begin());
        const third = host.state.doc.lines / 3;
        const low = host.state.doc.line(third).to;
        for (const each of steps) {
          if (!("at" in each) || each.do === "relabel") continue;
          const high = low + Math.max(0, host.state.doc.length - 2 * low);
          const from = low + 1 + Math.floor(each.at * Math.max(0, high - low - 2));
          const to = Math.min(
            from + ("length" in each ? each.length : 0),
            Math.max(from, high - 2),
          );
          host.dispatch({ changes: { from, to, insert: "text" in each ? each.text : "" } });
        }
        session.settle(host);
        const after = session.model.snapshot().segments;
        const count = form.length;
        expect(after.slice(0, count - 1)).toEqual(base.segments.slice(0, count - 1));
      }),
    );
  });

  it("keep times in order, words within their segment, and one speaker a segment", () => {
    check(
      fc.property(shape, edits, (form, steps) => {
        const { session } = edited(form, steps);
        const ids = new Set<string>();
        for (const segment of session.model.segments) {
          for (const word of segment.words) {
            expect(ids.has(word.id)).toBe(false);
            ids.add(word.id);
            expect(word.speaker).toBe(segment.speaker);
            expect(
              segment.start <= word.start && word.start <= word.end && word.end <= segment.end,
            ).toBe(true);
          }
        }
      }),
    );
  });

  it("are the same when their operations are applied to the first version", () => {
    check(
      fc.property(shape, edits, (form, steps) => {
        const { base, session } = edited(form, steps);
        const again = new Model(base);
        for (const operation of session.taken()) again.apply(operation);
        expect(again.snapshot()).toEqual(session.model.snapshot());
      }),
    );
  });

  it("are undone to the first version, word by word", () => {
    const typed = edits.map((steps) => steps.filter((each) => each.do !== "relabel"));
    check(
      fc.property(shape, typed, (form, steps) => {
        const { base, session, host } = edited(form, steps);
        while (session.undo(host));
        const now = session.model.snapshot();
        expect(now.segments.map((each) => each.words)).toEqual(
          base.segments.map((each) => each.words),
        );
        expect(host.state.doc.toString()).toEqual(textOf(base.segments).text);
      }),
    );
  });

  it("are undone by the inverses of their operations", () => {
    check(
      fc.property(shape, edits, (form, steps) => {
        const { base, session } = edited(form, steps);
        const again = new Model(base);
        const back: Operation[] = session.taken().map((operation) => again.applied(operation));
        for (const operation of back.reverse()) again.apply(operation);
        expect(again.snapshot()).toEqual(base);
      }),
    );
  });
});

describe("undo of what was typed before a cut word was named", () => {
  it("leaves no line that the text lacks", () => {
    const words = ["-five", "cat"].map((text) => ({ text, joined: false, gap: 0, long: 0 }));
    const session = new Session(sample([{ speaker: 0, words }]), counted);
    const host = new Plain(session.begin());
    host.dispatch({ changes: { from: 1, insert: "\n" } });
    host.dispatch({ changes: { from: 0, insert: "a" } });
    session.undo(host);
    expect(lineTexts(host.state)).toEqual(["-", "five cat"]);
    expect(modelTexts(session.model.snapshot())).toEqual(["-", "five cat"]);
  });
});

describe("lines typed around lines without words", () => {
  it("are all kept", () => {
    const words = [{ text: "don't", joined: false, gap: 0, long: 0 }];
    const session = new Session(sample([{ speaker: 0, words }]), counted);
    const host = new Plain(session.begin());
    host.dispatch({ changes: { from: 0, insert: "\n\n" } });
    session.settle(host);
    host.dispatch({ changes: { from: 2, insert: " " } });
    host.dispatch({ changes: { from: 0, insert: "a" } });
    session.settle(host);
    expect(modelTexts(session.model.snapshot())).toEqual(["a", "don't"]);
  });
});

it("a first word that touched the one before keeps what is said of its speaker when it moves", () => {
  const words = [true, false].map((joined) => ({ text: "a", joined, gap: 0.5, long: 0 }));
  const base = sample([{ speaker: 0, words }]);
  const session = new Session(base, counted);
  const host = new Plain(session.begin());
  host.dispatch({ changes: { from: 0, insert: "a " } });
  host.dispatch({ changes: { from: 3, to: 4 } });
  session.settle(host);
  while (session.undo(host));
  expect(session.model.snapshot().segments[0]?.words).toEqual(base.segments[0]?.words);
});
