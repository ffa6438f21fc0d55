/** Where a transcript is, and what whoever reads it may do. */

import { userHere } from "../account/session.svelte";

export type Role = "viewer" | "editor" | "owner";

export interface Place {
  readonly id: string;
  readonly role: Role;
  /** Who reads it, as the service calls them: the id of a user, or which link was opened. */
  readonly reader: string;
  /** Before what can be asked of it: `/audio`, `/peaks`, `/exports/…`. */
  readonly base: string;
  readonly document: string;
  readonly hasSound: boolean;
  /** Whether its text is the one that all share who have it open. */
  readonly isJoined: boolean;
  /** Whether comments on it are shown, and may be made. */
  readonly hasRemarks: boolean;
  /** Whether it was opened by a link: earlier versions and other languages are not shown then. */
  readonly isShared: boolean;
  /** The address of a page that plays it from a time on. */
  readonly linkAt: (start: number) => string;
}

export function ownPlace(id: string, role: Role): Place {
  const base = `/v1/transcripts/${encodeURIComponent(id)}`;
  const page = `${location.origin}/t/${encodeURIComponent(id)}`;
  return {
    id,
    role,
    reader: userHere(),
    base,
    document: base,
    hasSound: true,
    isJoined: true,
    hasRemarks: role !== "viewer",
    isShared: false,
    linkAt: (start) => `${page}#t=${rounded(start)}`,
  };
}

const rounded = (start: number): number => Math.round(100 * start) / 100;

/** The time that the part of an address behind `#` names. */
export function timeIn(hash: string): number | null {
  const time = /[#&]t=(\d+(?:\.\d+)?)$/.exec(hash)?.[1];
  return time === undefined ? null : Number(time);
}

interface Link {
  readonly id: string;
  readonly transcript_id: string;
  readonly permission: string;
  readonly passage: object | null;
}

/** What a link shows; *secret* opens it. */
export function sharedPlace(link: Link, secret: string): Place {
  const base = `/v1/shared/${encodeURIComponent(link.id)}`;
  return {
    id: link.transcript_id,
    reader: `link ${link.id}`,
    role: link.permission === "edit" ? "editor" : "viewer",
    base,
    document: `${base}/transcript`,
    hasSound: link.passage === null,
    isJoined: link.passage === null && link.permission !== "view",
    hasRemarks: link.permission !== "view",
    isShared: true,
    linkAt: (start) => `${location.origin}/shared#${secret}&t=${rounded(start)}`,
  };
}
