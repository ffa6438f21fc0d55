// Changes on their way to the service: kept in the browser until it has them.

import { ApiError, problem, Unreachable } from "../api/client";
import type { Operation, Transcript } from "./document/types";

export interface Read {
  readonly transcript: Transcript;
  readonly etag: string;
}

/** The newest version of a transcript, or another one. */
export async function readTranscript(id: string, version?: number): Promise<Read> {
  const query = version ? `?version=${version}` : "";
  const response = await answered(`/v1/transcripts/${encodeURIComponent(id)}${query}`);
  return { transcript: await response.json(), etag: response.headers.get("ETag") ?? "" };
}

/** What the service answers; throws ApiError for a problem, Unreachable for silence. */
export async function answered(path: string, init?: RequestInit): Promise<Response> {
  const response = await fetch(path, init).catch((cause: unknown) => {
    throw new Unreachable("the service does not answer", { cause });
  });
  if (!response.ok) throw problem(response, await response.json().catch(() => null));
  return response;
}

export interface Change {
  readonly version: number;
  readonly kind: string;
  readonly author: { readonly name: string };
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

interface Kept {
  readonly etag: string;
  readonly operations: readonly Operation[];
}

const DELAY_MS = 600;
const RETRY_MS = 4000;
const MOST = 5000;
const SHORT = 60_000;

export type State = "saved" | "waiting" | "saving" | "away" | "refused";

export class Saver {
  state = $state<State>("saved");
  detail = $state("");
  private queue: Operation[] = [];
  private timer = 0;
  private sending: Promise<void> | null = null;

  constructor(
    private readonly id: string,
    private etag: string,
    private readonly changedElsewhere: (pending: Operation[]) => Promise<void>,
  ) {}

  /** What an earlier page could not send. */
  left(): Kept | null {
    try {
      return JSON.parse(localStorage.getItem(this.key) ?? "null");
    } catch {
      return null;
    }
  }

  get pending(): readonly Operation[] {
    return this.queue;
  }

  get isPending(): boolean {
    return this.queue.length > 0 || this.sending !== null;
  }

  add(operations: readonly Operation[]): void {
    if (!operations.length) return;
    this.queue.push(...operations);
    this.keep();
    this.state = "waiting";
    this.later(DELAY_MS);
  }

  /** Begin again on another version, with what is still to be sent. */
  begin(etag: string, pending: readonly Operation[]): void {
    this.etag = etag;
    this.queue = [...pending];
    this.keep();
    if (pending.length) this.later(0);
    else this.state = "saved";
  }

  /** Take back what was saved before this page was opened; false if there is nothing. */
  async takeBack(): Promise<boolean> {
    await this.flush();
    if (this.isPending) return false;
    const change = lastStanding(await readChanges(this.id));
    if (!change) return false;
    const path = `/v1/transcripts/${encodeURIComponent(this.id)}/revisions/${change.version}/undo`;
    await answered(path, { method: "POST", headers: { "If-Match": this.etag } });
    return true;
  }

  async flush(): Promise<void> {
    window.clearTimeout(this.timer);
    // More than one may wait for the same sending: each looks again.
    while (this.sending) await this.sending;
    if (!this.queue.length) return;
    this.sending = this.send(this.queue.length).finally(() => {
      this.sending = null;
    });
    await this.sending;
  }

  private later(milliseconds: number): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.flush(), milliseconds);
  }

  private async send(count: number): Promise<void> {
    this.state = "saving";
    const operations = this.queue.slice(0, Math.min(count, MOST));
    const body = JSON.stringify({ operations });
    try {
      const response = await answered(`/v1/transcripts/${encodeURIComponent(this.id)}/revisions`, {
        method: "POST",
        headers: { "Content-Type": "application/json", "If-Match": this.etag },
        body,
        // What is sent while the page closes arrives all the same, if it is short.
        keepalive: new Blob([body]).size < SHORT,
      });
      this.etag = response.headers.get("ETag") ?? this.etag;
      this.queue = this.queue.slice(operations.length);
      this.keep();
      this.state = this.queue.length ? "waiting" : "saved";
      if (this.queue.length) this.later(DELAY_MS);
    } catch (error) {
      await this.failed(error).catch((again: unknown) => this.notSent(again));
    }
  }

  private async failed(error: unknown): Promise<void> {
    if (error instanceof ApiError && error.status === 412) {
      await this.changedElsewhere(this.queue);
    } else this.notSent(error);
  }

  private notSent(error: unknown): void {
    if (error instanceof Unreachable || (error instanceof ApiError && error.transient)) {
      this.state = "away";
      this.later(RETRY_MS);
    } else {
      this.state = "refused";
      this.detail = error instanceof Error ? error.message : String(error);
    }
  }

  private keep(): void {
    const kept: Kept = { etag: this.etag, operations: this.queue };
    try {
      if (this.queue.length) localStorage.setItem(this.key, JSON.stringify(kept));
      else localStorage.removeItem(this.key);
    } catch {
      // The browser's store is full: what is changed is sent all the same.
    }
  }

  private get key(): string {
    return `trax.unsaved.${this.id}`;
  }
}
