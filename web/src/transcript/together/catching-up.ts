/** Which lines of a shared text say something else than the version that the page has read. */

import type { EditorState } from "@codemirror/state";
import type { Model } from "../document/model";
import type { Segment } from "../document/types";
import { marksBetween, textOf, type Unsettled } from "../editor/marks";

type SpeakerOf = (state: EditorState, line: number) => string | null;

export function changedLines(state: EditorState, model: Model, speakerOf: SpeakerOf): Unsettled[] {
  const known = new Map(versionLines(model.segments).map((line, at) => [line, at]));
  const found: Unsettled[] = [];
  let last = -1;
  lineKeys(state, speakerOf).forEach((key, index) => {
    const line = state.doc.line(index + 1);
    const at = known.get(key);
    const isNext = at === last + 1;
    if (at !== undefined && at > last) last = at;
    if (!isNext) add(found, { from: line.from, to: line.to, isOthers: true });
  });
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

/** What the lines of a text say: their speakers, their words and their letters. */
export function lineKeys(state: EditorState, speakerOf: SpeakerOf): string[] {
  const keys: string[] = [];
  for (let number = 1; number <= state.doc.lines; number++) {
    const { from, to, text } = state.doc.line(number);
    const places = marksBetween(state, from, to).map((mark) => `${mark.id}@${mark.from - from}`);
    keys.push(`${speakerOf(state, number)} ${places} ${text}`);
  }
  return keys;
}

export function versionLines(segments: readonly Segment[]): string[] {
  return segments
    .filter((segment) => segment.words.length)
    .map((segment) => {
      const { text, marks } = textOf([segment]);
      return `${segment.speaker} ${marks.map(({ id, from }) => `${id}@${from}`)} ${text}`;
    });
}
