/** Versions of a transcript: what differs, and one put back in the place of another. */

import type { Desk } from "./desk.svelte";
import type { Segment, Transcript, Word } from "./document/types";

export interface Difference {
  readonly start: number;
  readonly before: string;
  readonly after: string;
  readonly kind: "text" | "speaker";
}

interface Placed {
  readonly word: Word;
  readonly name: string;
}

/** What changed from one version to the other, by the ids of words. */
export function differences(
  old: Transcript,
  now: Transcript,
  nameOf: (transcript: Transcript, label: string | null) => string,
): Difference[] {
  const before = placed(old, nameOf);
  const after = placed(now, nameOf);
  const kept = new Set(after.map((each) => each.word.id));
  const known = new Map(before.map((each) => [each.word.id, each]));
  const found: Difference[] = [];
  let gone: Placed[] = [];
  let added: Placed[] = [];
  let at = 0;
  const close = () => {
    if (gone.length || added.length) found.push(textDifference(gone, added));
    gone = [];
    added = [];
  };
  const takeGone = (until: string | null) => {
    for (; at < before.length && before[at]?.word.id !== until; at++) {
      const each = before[at];
      if (each && !kept.has(each.word.id)) gone.push(each);
    }
    at++;
  };
  for (const each of after) {
    const former = known.get(each.word.id);
    if (!former) {
      added.push(each);
      continue;
    }
    takeGone(each.word.id);
    if (former.word.text !== each.word.text) {
      gone.push(former);
      added.push(each);
    } else {
      close();
      note(found, former, each);
    }
  }
  takeGone(null);
  close();
  return found;
}

function note(found: Difference[], former: Placed, now: Placed): void {
  if (former.name === now.name) return;
  const last = found.at(-1);
  const { start } = now.word;
  if (last?.kind === "speaker" && last.before === former.name && last.after === now.name) return;
  found.push({ kind: "speaker", start, before: former.name, after: now.name });
}

function textDifference(gone: readonly Placed[], added: readonly Placed[]): Difference {
  const start = (added[0] ?? gone[0])?.word.start ?? 0;
  const text = (words: readonly Placed[]) => words.map((each) => each.word.text).join(" ");
  return { kind: "text", start, before: text(gone), after: text(added) };
}

function placed(
  transcript: Transcript,
  nameOf: (transcript: Transcript, label: string | null) => string,
): Placed[] {
  const names = new Map<string | null, string>();
  const name = (label: string | null) => {
    if (!names.has(label)) names.set(label, nameOf(transcript, label));
    return names.get(label) ?? "";
  };
  return transcript.segments.flatMap((segment: Segment) =>
    segment.words.map((word) => ({ word, name: name(word.speaker) })),
  );
}

/** Make the transcript on the desk say what an earlier version said. */
export function restoreVersion(desk: Desk, old: Transcript): void {
  desk.becomeLike(old);
  desk.told = { kind: "restored" };
}
