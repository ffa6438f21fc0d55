/** Words taken out of the text: lines that have no others go with them. */

import type { ChangeSpec, EditorState, Line } from "@codemirror/state";
import type { Mark } from "../document/tokens";
import { isSpace } from "../document/tokens";
import { marksBetween } from "./marks";

/** What takes the words between two places out, those that *isGone* names. */
export function withoutWords(
  state: EditorState,
  from: number,
  to: number,
  isGone: (id: string) => boolean,
): ChangeSpec[] {
  const { doc } = state;
  const changes: ChangeSpec[] = [];
  const last = doc.lineAt(to).number;
  for (let number = doc.lineAt(from).number; number <= last; number++) {
    const line = doc.line(number);
    const marks = marksBetween(state, line.from, line.to);
    const gone = marks.filter(({ id }) => isGone(id));
    if (!gone.length) continue;
    const isWhole = gone.length === marks.length;
    changes.push(isWhole ? whole(line, doc.lines) : part(line, gone));
  }
  return changes;
}

/** A line with the break behind it, or before it if it is the last. */
const whole = (line: Line, lines: number): ChangeSpec =>
  line.number < lines
    ? { from: line.from, to: line.to + 1 }
    : { from: Math.max(0, line.from - 1), to: line.to };

/** Words with a space beside them. */
function part(line: Line, gone: readonly Mark[]): ChangeSpec {
  const from = Math.min(...gone.map((mark) => mark.from));
  const to = Math.max(...gone.map((mark) => mark.to));
  const isSpaceAt = (at: number) => isSpace(line.text.charAt(at - line.from));
  if (from > line.from && isSpaceAt(from - 1)) return { from: from - 1, to };
  return { from, to: to < line.to && isSpaceAt(to) ? to + 1 : to };
}
