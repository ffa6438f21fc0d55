/** Random edits for tests. */

import type { EditorState, TransactionSpec } from "@codemirror/state";
import fc from "fast-check";
import { marksBetween } from "./marks";
import { type Shape, sample } from "./sample";
import { type Host, Session } from "./session";

export class Plain implements Host {
  constructor(public state: EditorState) {}

  dispatch(...specs: TransactionSpec[]): void {
    this.state = this.state.update(...specs).state;
  }
}

export type Step =
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
export const shape: fc.Arbitrary<Shape> = fc.array(
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

let counter = 0;
export const counted = (): string => `new${counter++}`;

export function edited(shape: Shape, steps: readonly Step[]) {
  const base = sample(shape);
  const session = new Session(base, counted);
  const host = new Plain(session.begin());
  for (const each of steps) act(session, host, each);
  session.settle(host);
  return { base, session, host };
}

export const edits = fc.array(step, { minLength: 1, maxLength: 14 });
