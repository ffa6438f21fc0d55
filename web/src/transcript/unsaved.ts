/**
 * Changes that the service does not have yet, kept by the browser: a record for each open page.
 * They are of whoever made them: nobody else who signs in on this browser sees or sends them.
 */

import { randomId } from "./document/derive";
import type { Operation } from "./document/types";

interface Kept {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly operations: readonly Operation[];
}

/** Browsers have locks on https and on this machine alone. */
const locks = (): LockManager | undefined => navigator.locks;

export class Unsaved {
  /** What pages that are gone did not send, the oldest first. */
  readonly left: Operation[] = [];
  private readonly start: string;
  private readonly key: string;
  private letGo = () => {};
  private held: Promise<unknown> | undefined;

  constructor(
    id: string,
    readonly reader: string,
  ) {
    this.start = `trax.unsaved/${encodeURIComponent(reader)}/${encodeURIComponent(id)}/`;
    this.key = `${this.start}${randomId()}`;
  }

  /** Say that this page is there, and take over from those that are not. */
  async open(): Promise<this> {
    const untilLeft = new Promise<void>((resolve) => {
      this.letGo = resolve;
    });
    this.held = locks()?.request(this.key, () => untilLeft);
    for (const key of recordsFrom(this.start)) await ifNobodys(key, () => this.take(key));
    return this;
  }

  /** Keep what is to be sent instead of what was kept before. */
  keep(operations: readonly Operation[]): void {
    const kept: Kept = { at: Date.now(), operations };
    try {
      if (operations.length) localStorage.setItem(this.key, JSON.stringify(kept));
      else localStorage.removeItem(this.key);
    } catch {
      // The browser's store is full: what is changed is sent all the same.
    }
  }

  /** The page is left: whoever opens the transcript next takes over. */
  async close(): Promise<void> {
    this.letGo();
    await this.held;
  }

  private take(key: string): void {
    const kept = read(key);
    if (!kept) return;
    this.left.push(...kept.operations);
    this.keep(this.left);
    // A full store has kept nothing: the record stays where it is until there is room.
    if (read(this.key)) localStorage.removeItem(key);
  }
}

/** The keys of records, the oldest first. */
function recordsFrom(start: string): string[] {
  const found = Object.keys(localStorage).filter((key) => key.startsWith(start));
  return found.sort((a, b) => (read(a)?.at ?? 0) - (read(b)?.at ?? 0));
}

function read(key: string): Kept | null {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null");
  } catch {
    return null;
  }
}

/** Without locks nobody knows who is still there: then every record is taken. */
async function ifNobodys(key: string, act: () => void): Promise<void> {
  const known = locks();
  if (!known) act();
  else await known.request(key, { ifAvailable: true }, (lock) => lock && act());
}
