/** Capitals: none, the first, all, and from the beginning again. */

import type { EditorView } from "@codemirror/view";
import { marksBetween } from "./marks";

/** Change the case of the selection, or of the word that the caret is in. */
export function changeCase(view: EditorView): void {
  const { main } = view.state.selection;
  const word = marksBetween(view.state, main.from, main.to)[0];
  const { from, to } = main.empty && word ? word : main;
  const text = view.state.sliceDoc(from, to);
  const insert = nextCase(text);
  if (insert === text) return;
  view.dispatch({ changes: { from, to, insert }, userEvent: "input.case" });
}

export function nextCase(text: string): string {
  const lower = text.toLocaleLowerCase();
  const upper = text.toLocaleUpperCase();
  const first = lower.replace(/\p{L}/u, (letter) => letter.toLocaleUpperCase());
  if (text === lower) return first;
  return text === first && first !== upper ? upper : lower;
}
