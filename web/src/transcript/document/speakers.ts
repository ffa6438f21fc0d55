/** Who speaks: words given to others; speakers named, added and removed. */

import type { Layout } from "./layout";
import { cut, frameOf, labelOf } from "./pieces";
import { type Label, Misfit, type Operation, type Segment, type Speaker } from "./types";

export function relabel(layout: Layout, labels: readonly Label[]): void {
  const wanted = checkedLabels(layout, labels);
  for (const number of touched(layout, wanted).reverse()) {
    layout.splice(number, 1, cut(layout.piece(number), wanted));
  }
}

export function rename(layout: Layout, label: string, name: string | null): void {
  if (name !== null && !name.trim()) throw new Misfit("a speaker's name is not empty");
  const at = layout.speakerAt(label);
  layout.speakers = layout.speakers.with(at, { ...(layout.speakers[at] as Speaker), name });
}

export function addSpeaker(layout: Layout, speaker: Speaker, at: number | null): void {
  if (!speaker.label || layout.speakers.some((each) => each.label === speaker.label)) {
    throw new Misfit(`a new speaker needs a label of their own, not ${speaker.label}`);
  }
  layout.speakers = layout.speakers.toSpliced(at ?? layout.speakers.length, 0, speaker);
}

export function removeSpeaker(layout: Layout, label: string): void {
  const at = layout.speakerAt(label);
  const speaks = layout.segments.some((each) => each.words.some((word) => word.speaker === label));
  if (speaks || layout.source.turns.some((turn) => turn.speaker === label)) {
    throw new Misfit(`speaker ${label} has words or turns and stays`);
  }
  layout.speakers = layout.speakers.toSpliced(at, 1);
}

export function undoingRelabel(layout: Layout, labels: readonly Label[]): Operation {
  const wanted = checkedLabels(layout, labels);
  const back: Label[] = [];
  const joins: Operation[] = [];
  for (const number of touched(layout, wanted)) {
    const piece = layout.piece(number);
    for (const word of piece.segment.words) if (wanted.has(word.id)) back.push(labelOf(word));
    for (const each of cut(piece, wanted).slice(1)) {
      joins.push({ kind: "join", word: each.segment.words[0]?.id ?? "", frame: frameOf(piece) });
    }
  }
  const relabel: Operation = { kind: "relabel", labels: back };
  return joins.length ? { kind: "together", operations: [relabel, ...joins] } : relabel;
}

function checkedLabels(layout: Layout, labels: readonly Label[]): Map<string, Label> {
  if (!labels.length) throw new Misfit("an operation needs at least one word");
  for (const label of labels) {
    if (!layout.has(label.word)) throw new Misfit(`no word ${label.word}`);
    if (label.speaker !== null) layout.speakerAt(label.speaker);
  }
  return new Map(labels.map((label) => [label.word, label]));
}

function touched(layout: Layout, labels: ReadonlyMap<string, Label>): number[] {
  const segments = new Set([...labels.keys()].map((id) => layout.segmentOf(id) as Segment));
  const numbers: number[] = [];
  layout.segments.forEach((segment, number) => {
    if (segments.has(segment)) numbers.push(number);
  });
  return numbers;
}
