/** What keys do to lines: a line is a segment, so breaks and joins take the spaces with them. */

import { EditorSelection, type Extension, Prec, type StateCommand } from "@codemirror/state";
import { keymap } from "@codemirror/view";
import { isSpace } from "../document/tokens";

/** Break the line; spaces around the break go. */
const breakLine: StateCommand = ({ state, dispatch }) => {
  const changes = state.changeByRange((range) => {
    const { doc } = state;
    let { from, to } = range;
    while (from > doc.lineAt(range.from).from && isSpace(doc.sliceString(from - 1, from))) from--;
    while (to < doc.lineAt(range.to).to && isSpace(doc.sliceString(to, to + 1))) to++;
    return { changes: { from, to, insert: "\n" }, range: EditorSelection.cursor(from + 1) };
  });
  dispatch(state.update(changes, { scrollIntoView: true, userEvent: "input" }));
  return true;
};

/** Join the line to the one before it; words stay apart. */
const joinBackward: StateCommand = ({ state, dispatch }) => {
  const { main } = state.selection;
  const line = state.doc.lineAt(main.head);
  if (!main.empty || main.head !== line.from || line.number === 1) return false;
  return join(line.from - 1, { state, dispatch });
};

const joinForward: StateCommand = ({ state, dispatch }) => {
  const { main } = state.selection;
  const line = state.doc.lineAt(main.head);
  const isLast = line.number === state.doc.lines;
  if (!main.empty || main.head !== line.to || isLast) return false;
  return join(line.to, { state, dispatch });
};

function join(at: number, { state, dispatch }: Parameters<StateCommand>[0]): boolean {
  const { doc } = state;
  const isBeside = (text: string) => text !== "" && !isSpace(text);
  const before = doc.sliceString(Math.max(0, at - 1), at);
  const after = doc.sliceString(at + 1, at + 2);
  const isSpaced = isBeside(before) && isBeside(after) && !UNSPACED.test(before + after);
  const insert = isSpaced ? " " : "";
  const changes = { from: at, to: at + 1, insert };
  const selection = EditorSelection.cursor(at + insert.length);
  dispatch(state.update({ changes, selection, scrollIntoView: true, userEvent: "delete" }));
  return true;
}

const UNSPACED = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]+$/u;

export const writing = (): Extension =>
  Prec.high(
    keymap.of([
      { key: "Enter", run: breakLine, shift: breakLine },
      { key: "Backspace", run: joinBackward },
      { key: "Delete", run: joinForward },
    ]),
  );
