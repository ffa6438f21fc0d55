/** What was typed, in stretches that can be told to the transcript one by one. */

import type { EditorState } from "@codemirror/state";
import type { Model } from "../document/model";
import { marksBetween, type Unsettled, unsettled } from "./marks";

interface Stretch extends Unsettled {
  readonly words: ReadonlySet<string>;
}

/**
 * Whole lines that were typed in, in order. Those that share a word are one, and so are those that
 * have no settled word in between: each stands between words of the transcript.
 */
export function untold(state: EditorState, model: Model): Unsettled[] {
  const found: Stretch[] = [];
  for (const region of state.field(unsettled)) {
    let now = stretchOf(state, region);
    while (found.some((each) => isShared(each, now)) || isNext(state, model, found.at(-1), now)) {
      now = united(found.pop() ?? now, now);
    }
    found.push(now);
  }
  return found;
}

function stretchOf(state: EditorState, { from, to, isOthers }: Unsettled): Stretch {
  const { doc } = state;
  const start = doc.lineAt(Math.min(from, doc.length)).from;
  const end = doc.lineAt(Math.min(to, doc.length)).to;
  const words = new Set(marksBetween(state, start, end).map(({ id }) => id));
  return { from: start, to: end, isOthers, words };
}

const isShared = (one: Stretch, other: Stretch): boolean =>
  [...other.words].some((word) => one.words.has(word));

function isNext(
  state: EditorState,
  model: Model,
  one: Stretch | undefined,
  other: Stretch,
): boolean {
  if (!one) return false;
  if (other.from - one.to < 2) return true;
  return !marksBetween(state, one.to + 1, other.from - 1).some(({ id }) => model.has(id));
}

const united = (one: Stretch, other: Stretch): Stretch => ({
  from: one.from,
  to: other.to,
  isOthers: one.isOthers && other.isOthers,
  words: new Set([...one.words, ...other.words]),
});
