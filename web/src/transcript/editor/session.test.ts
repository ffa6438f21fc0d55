import type { EditorState, TransactionSpec } from "@codemirror/state";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Model } from "../document/model";
import { joinedText, type Operation, type Transcript, type Word } from "../document/types";
import { marksBetween, textOf } from "./marks";
import { type Shape, sample } from "./sample";
import { type Host, Session } from "./session";

class Plain implements Host {
  constructor(public state: EditorState) {}

  dispatch(...specs: TransactionSpec[]): void {
    this.state = this.state.update(...specs).state;
  }
}

type Step =
  | { do: "type"; at: number; text: string }
  | { do: "delete"; at: number; length: number }
  | { do: "replace"; at: number; length: number; text: string }
  | { do: "relabel"; at: number; length: number; speaker: number }
  | { do: "undo" | "redo" | "settle" };

const place = fc.double({ min: 0, max: 1, noNaN: true });
const text = fc.oneof(
  fc.constantFrom(
    " ",
    "\n",
    "a",
    "x ",
    " y",
    "ab cd",
    "\n\n",
    "z\nz",
    "s",
    "-",
    "東京",
    "。",
    "  ",
  ),
  fc.string({ unit: fc.constantFrom("a", "b", " ", "\n", "é", "中"), maxLength: 6 }),
);
const length = fc.oneof({ weight: 4, arbitrary: fc.nat(3) }, { weight: 1, arbitrary: fc.nat(40) });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant("type" as const), at: place, text }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("delete" as const), at: place, length }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("replace" as const), at: place, length, text }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("relabel" as const),
      at: place,
      length,
      speaker: fc.nat(2),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("undo" as const, "redo" as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("settle" as const) }) },
);
const shape: fc.Arbitrary<Shape> = fc.array(
  fc.record({
    speaker: fc.nat(2),
    words: fc.array(
      fc.record({
        text: fc.constantFrom(
          "a",
          "be",
          "cat",
          "Dora,",
          "東",
          "京都",
          "-five",
          "New York",
          "don't",
        ),
        joined: fc.boolean(),
        gap: fc.constantFrom(0, 0.1, 0.7),
        long: fc.constantFrom(0, 0.2, 0.5),
      }),
      { minLength: 1, maxLength: 6 },
    ),
  }),
  { minLength: 1, maxLength: 6 },
);

function act(session: Session, host: Host, each: Step): void {
  const { doc } = host.state;
  switch (each.do) {
    case "undo":
      session.undo(host);
      return;
    case "redo":
      session.redo(host);
      return;
    case "settle":
      session.settle(host);
      return;
    case "relabel":
      relabel(session, host, each);
      return;
    default: {
      const from = Math.floor(each.at * doc.length);
      const to = Math.min(doc.length, from + ("length" in each ? each.length : 0));
      host.dispatch({ changes: { from, to, insert: "text" in each ? each.text : "" } });
    }
  }
}

function relabel(session: Session, host: Host, each: Extract<Step, { do: "relabel" }>): void {
  session.settle(host);
  const from = Math.floor(each.at * host.state.doc.length);
  const words = marksBetween(host.state, from, from + each.length).map((mark) => mark.id);
  if (words.length)
    session.assign(host, words, session.model.speakers[each.speaker]?.label ?? null);
}

const lineTexts = (state: EditorState): string[] =>
  state.doc.toString().split("\n").map(squeezed).filter(Boolean);

const squeezed = (line: string): string => line.trim().replace(/[\s]+/g, " ");

const modelTexts = (transcript: Transcript): string[] =>
  transcript.segments.map((segment) => squeezed(joinedText(segment.words)));

const allWords = (transcript: Transcript): Word[] => transcript.segments.flatMap((s) => s.words);

let counter = 0;
const counted = (): string => `new${counter++}`;

function edited(shape: Shape, steps: readonly Step[]) {
  const base = sample(shape);
  const session = new Session(base, counted);
  const host = new Plain(session.begin());
  for (const each of steps) act(session, host, each);
  session.settle(host);
  return { base, session, host };
}

const runs = Number(import.meta.env.VITE_EDITS ?? 200);
const check = (property: fc.IRawProperty<unknown>, numRuns = runs) =>
  fc.assert(property as never, { numRuns });
const edits = fc.array(step, { minLength: 1, maxLength: 14 });

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
