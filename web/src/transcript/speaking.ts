/** Decisions about speakers. */

import type { Desk } from "./desk.svelte";
import { type Label, type Operation, type Segment, SURE } from "./document/types";

/** Somebody new becomes a speaker; gives their label. */
export function addSpeaker(desk: Desk, name: string | null = null): string {
  const taken = new Set(desk.model.speakers.map((each) => each.label));
  let number = desk.model.speakers.length;
  let label = "";
  do label = `SPEAKER_${String(number++).padStart(2, "0")}`;
  while (taken.has(label));
  desk.perform({ kind: "add_speaker", speaker: { label, speech: 0, name, voice: null }, at: null });
  return label;
}

export function rename(desk: Desk, label: string, name: string): void {
  const now = desk.model.speakers.find((each) => each.label === label)?.name ?? null;
  const wanted = name.trim() || null;
  if (wanted !== now) desk.perform({ kind: "rename", speaker: label, name: wanted });
}

/** All words of *from* become *to*'s, in one step. */
export function merge(desk: Desk, from: string, to: string): void {
  const labels: Label[] = [];
  for (const segment of desk.model.segments) {
    for (const word of segment.words) {
      if (word.speaker !== from) continue;
      labels.push({ word: word.id, speaker: to, doubts: [], confidence: SURE });
    }
  }
  if (!labels.length) return;
  const operations: Operation[] = [{ kind: "relabel", labels }];
  if (!desk.transcript.turns.some((turn) => turn.speaker === from)) {
    operations.push({ kind: "remove_speaker", speaker: from });
  }
  desk.perform({ kind: "together", operations });
}

export interface Voice {
  readonly label: string;
  readonly seconds: number;
  readonly turns: number;
  /** Their longest segments. */
  readonly samples: readonly Segment[];
}

/** How much everybody says. */
export function voicesOf(desk: Desk): Voice[] {
  const found = new Map<string, { seconds: number; turns: number; segments: Segment[] }>();
  for (const { label } of desk.model.speakers) {
    found.set(label, { seconds: 0, turns: 0, segments: [] });
  }
  let last: string | null = null;
  for (const segment of desk.model.segments) {
    const voice = segment.speaker === null ? undefined : found.get(segment.speaker);
    if (voice) {
      voice.seconds += segment.end - segment.start;
      voice.turns += segment.speaker === last ? 0 : 1;
      voice.segments.push(segment);
    }
    last = segment.speaker;
  }
  return [...found].map(([label, { seconds, turns, segments }]) => {
    const byLength = [...segments].sort((a, b) => b.end - b.start - (a.end - a.start));
    return { label, seconds, turns, samples: byLength.slice(0, 3) };
  });
}
