/** Text found and replaced. */

import { SearchCursor } from "@codemirror/search";
import type { EditorState, TransactionSpec } from "@codemirror/state";

export interface Hit {
  readonly from: number;
  readonly to: number;
}

const LARGEST = 10_000;

/** Where *sought* stands; *isExact* tells capitals apart. */
export function search(state: EditorState, sought: string, isExact: boolean): Hit[] {
  const fold = isExact ? undefined : (text: string) => text.toLocaleLowerCase();
  const cursor = new SearchCursor(state.doc, sought.trim(), 0, state.doc.length, fold);
  const hits: Hit[] = [];
  while (!cursor.next().done && hits.length < LARGEST) hits.push({ ...cursor.value });
  return hits;
}

/** All *hits* replaced, as one step. */
export const replacing = (hits: readonly Hit[], text: string): TransactionSpec => ({
  changes: hits.map(({ from, to }) => ({ from, to, insert: text })),
  userEvent: "input.replace",
});
