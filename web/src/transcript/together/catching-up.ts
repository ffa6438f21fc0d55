/** Which lines of a shared text say something else than the version that the page has read. */

import type { EditorState } from "@codemirror/state";
import type { Model } from "../document/model";
import { marksBetween, textOf, type Unsettled } from "../editor/marks";

type SpeakerOf = (state: EditorState, line: number) => string | null;

export function changedLines(state: EditorState, model: Model, speakerOf: SpeakerOf): Unsettled[] {
  const known = new Map(versionLines(model).map((line, at) => [line, at]));
  const found: Unsettled[] = [];
  let last = -1;
  let speaker: string | null = null;
  for (let number = 1; number <= state.doc.lines; number++) {
    const line = state.doc.line(number);
    speaker = speakerOf(state, number);
    const marks = marksBetween(state, line.from, line.to);
    const places = marks.map(({ id, from }) => `${id}@${from - line.from}`);
    const at = known.get(`${speaker} ${places} ${line.text}`);
    const isNext = at === last + 1;
    if (at !== undefined && at > last) last = at;
    if (!isNext) add(found, { from: line.from, to: line.to, isOthers: true });
  }
  const isCut = last + 1 < known.size;
  const end = state.doc.line(state.doc.lines);
  if (isCut) add(found, { from: end.from, to: end.to, isOthers: true });
  return found;
}

function add(found: Unsettled[], region: Unsettled): void {
  const before = found.at(-1);
  if (before && region.from <= before.to + 1)
    found[found.length - 1] = { ...before, to: region.to };
  else found.push(region);
}

function versionLines(model: Model): string[] {
  return model.segments
    .filter((segment) => segment.words.length)
    .map((segment) => {
      const { text, marks } = textOf([segment]);
      return `${segment.speaker} ${marks.map(({ id, from }) => `${id}@${from}`)} ${text}`;
    });
}
