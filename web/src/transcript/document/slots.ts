/** Words of edited lines matched with the words that a transcript has. */

import type { Archive } from "./archive";
import type { Model } from "./model";
import type { Token } from "./tokens";
import { display, type Word } from "./types";

/** A word that a line is to have. */
export interface Slot {
  readonly token: Token;
  readonly line: number;
  /** Whether it is the first of its line. */
  readonly isFirst: boolean;
  /** The transcript's word that it is; null for one that is to be put in. */
  kept: string | null;
  id: string;
}

/** What becomes of each token: a known word in its order stays, all others are put in. */
export function slotsOf(
  model: Model,
  archive: Archive,
  base: readonly Word[],
  lines: readonly (readonly Token[])[],
  newId: () => string,
): Slot[] {
  const order = new Map(base.map((word, at) => [word.id, at]));
  const taken = new Set<string>();
  const slots: Slot[] = [];
  let last = -1;
  const idFor = ({ id }: Token): string => {
    if (id === null || taken.has(id)) return newId();
    if (!archive.word(id) && !archive.isAdmitted(id)) return newId();
    const isElsewhere = model.has(id) && !order.has(id);
    return isElsewhere || model.isRemoved(id) ? newId() : id;
  };
  lines.forEach((tokens, line) => {
    tokens.forEach((token, place) => {
      const at = order.get(token.id ?? "") ?? -1;
      const isFirst = place === 0;
      const joined = isFirst ? archive.isJoined(token.id ?? "") : token.joined;
      const isKept = at > last && joined === base[at]?.joined;
      if (isKept) last = at;
      const id = isKept && token.id !== null ? token.id : idFor(token);
      taken.add(id);
      slots.push({ token, line, isFirst, kept: isKept ? id : null, id });
    });
  });
  return slots;
}

/** New words that stand where words of one segment went are these words, corrected. */
export function pairUp(model: Model, base: readonly Word[], slots: readonly Slot[]): void {
  const order = new Map(base.map((word, at) => [word.id, at]));
  const used = new Set(slots.map((slot) => slot.id));
  let from = 0;
  let added: Slot[] = [];
  const close = (until: number) => {
    const gone = base.slice(from, until).filter((word) => !used.has(word.id));
    if (areOneLine(added) && areOneSegment(model, gone)) pair(gone, added);
    added = [];
    from = until + 1;
  };
  for (const slot of slots) {
    if (slot.kept !== null) close(order.get(slot.kept) ?? from);
    else if (slot.token.id === null && slot.token.within === undefined) added.push(slot);
  }
  close(base.length);
}

/** A word as the sound gave it, if it reads so again. */
export function heardAs(model: Model, { id, token }: Slot): Word | undefined {
  const word = model.heard(id);
  return word && display(word.text) === token.text ? word : undefined;
}

/**
 * Words that read as they were heard stand at the sound's times. Those that stand in the way of one
 * that comes back are put in anew, beside it.
 */
export function giveWay(model: Model, line: readonly Slot[]): void {
  const heard = line.map((slot) => heardAs(model, slot));
  line.forEach((slot, at) => {
    const now = model.word(slot.kept ?? "");
    const own = heard[at];
    if (own && now && (own.start !== now.start || own.end !== now.end)) slot.kept = null;
  });
  const back = line.map(({ kept }, at) => (kept === null ? heard[at] : undefined));
  line.forEach((slot, at) => {
    const now = model.word(slot.kept ?? "");
    if (!now || heard[at]) return;
    const isLate = back.slice(at + 1).some((each) => each && each.start < now.start);
    const isEarly = back.slice(0, at).some((each) => each && each.start > now.start);
    if (isLate || isEarly) slot.kept = null;
  });
}

function pair(gone: readonly Word[], added: readonly Slot[]): void {
  for (let at = 0; at < Math.min(gone.length, added.length); at++) {
    const slot = added[at];
    const word = gone[at];
    if (!slot || !word || slot.token.joined !== word.joined) return;
    slot.kept = word.id;
    slot.id = word.id;
  }
}

const areOneLine = (slots: readonly Slot[]): boolean =>
  slots.length > 0 && slots.every((slot) => slot.line === slots[0]?.line);

const areOneSegment = (model: Model, words: readonly Word[]): boolean =>
  new Set(words.map((word) => model.segmentOf(word.id))).size === 1;
