/** What pages and the service say over the socket: the room's name before a message of y-protocols. */

import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { messageYjsSyncStep1, messageYjsSyncStep2, messageYjsUpdate } from "y-protocols/sync";

export type Message =
  | { readonly kind: "step1"; readonly room: string; readonly state: Uint8Array }
  | {
      readonly kind: "update";
      readonly room: string;
      readonly update: Uint8Array;
      readonly isAll: boolean;
    }
  | { readonly kind: "people"; readonly room: string; readonly states: Uint8Array }
  | { readonly kind: "stored"; readonly room: string; readonly count: number };

const SYNC = 0;
const PEOPLE = 1;
const STORED = 5;

function message(
  room: string,
  kinds: readonly number[],
  content: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const encoder = encoding.createEncoder();
  encoding.writeVarString(encoder, room);
  for (const kind of kinds) encoding.writeVarUint(encoder, kind);
  encoding.writeVarUint8Array(encoder, content);
  return encoding.toUint8Array(encoder) as Uint8Array<ArrayBuffer>;
}

/** Ask for what is not in *state*. */
export const asking = (room: string, state: Uint8Array) =>
  message(room, [SYNC, messageYjsSyncStep1], state);

/** Answer what was asked for. */
export const answering = (room: string, update: Uint8Array) =>
  message(room, [SYNC, messageYjsSyncStep2], update);

export const telling = (room: string, update: Uint8Array) =>
  message(room, [SYNC, messageYjsUpdate], update);

export const showing = (room: string, states: Uint8Array) => message(room, [PEOPLE], states);

/** Whether an update holds nothing at all. */
export const isEmpty = (update: Uint8Array): boolean =>
  update.length === 2 && update[0] === 0 && update[1] === 0;

/** Null for messages of a kind that is not known here. */
export function read(data: ArrayBuffer): Message | null {
  const decoder = decoding.createDecoder(new Uint8Array(data));
  const room = decoding.readVarString(decoder);
  const kind = decoding.readVarUint(decoder);
  if (kind === STORED) return { kind: "stored", room, count: decoding.readVarUint(decoder) };
  if (kind === PEOPLE) return { kind: "people", room, states: decoding.readVarUint8Array(decoder) };
  if (kind !== SYNC) return null;
  const step = decoding.readVarUint(decoder);
  const content = decoding.readVarUint8Array(decoder);
  if (step === messageYjsSyncStep1) return { kind: "step1", room, state: content };
  return { kind: "update", room, update: content, isAll: step === messageYjsSyncStep2 };
}
