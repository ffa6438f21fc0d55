/** Versions of a transcript and what people changed, as the service gives them. */

import { answered } from "../api/client";
import { takeEarly } from "../api/early";
import type { Transcript } from "./document/types";
import type { Place } from "./place";

export interface Read {
  readonly transcript: Transcript;
  readonly etag: string;
}

/** The newest version of a transcript, or another one. */
export async function readTranscript(place: Place, version?: number): Promise<Read> {
  const query = version ? `?version=${version}` : "";
  const path = `${place.document}${query}`;
  const response = (await takeEarly(path)) ?? (await answered(path));
  return { transcript: await response.json(), etag: response.headers.get("ETag") ?? "" };
}

export interface Author {
  readonly id: string;
  readonly name: string;
  /** Whether they came by a link: the name is as they gave it. */
  readonly guest?: boolean;
}

export interface Change {
  readonly version: number;
  readonly kind: string;
  /** RFC 3339. */
  readonly at: string;
  readonly author: Author;
  /** All who made it: several where they wrote together. */
  readonly authors: readonly Author[];
  readonly name: string | null;
  readonly counts: Readonly<Record<string, number>> | null;
}

/** What people changed, the newest first. */
export async function readChanges(id: string): Promise<Change[]> {
  const path = `/v1/transcripts/${encodeURIComponent(id)}/revisions?limit=100`;
  const response = await answered(path);
  return (await response.json()).items;
}

/** The change that undo takes back next: those that were taken back already are passed over. */
export function lastStanding(changes: readonly Change[]): Change | undefined {
  let undone = 0;
  for (const each of changes) {
    if (each.kind === "undo") undone += 1;
    else if (undone > 0) undone -= 1;
    else return each;
  }
  return undefined;
}
