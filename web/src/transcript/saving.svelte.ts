// Changes on their way to the service, which the browser keeps until it has them.

import { userHere } from "../account/session.svelte";
import { ApiError, answered, reason, Unreachable, visiting } from "../api/client";
import type { Operation } from "./document/types";
import { t } from "./messages";
import type { Unsaved } from "./unsaved";
import { lastStanding, readChanges } from "./versions";

const DELAY_MS = 600;
const RETRY_MS = 4000;
const MOST = 5000;
const SHORT = 60_000;

export type State = "saved" | "waiting" | "saving" | "away" | "refused";

/** Whoever sees to it that changes are kept. */
export interface Keeper {
  readonly state: State;
  readonly detail: string;
  /** Counts versions that were made of what was changed here. */
  readonly versions: number;
  readonly pending: readonly Operation[];
  readonly isPending: boolean;
  add(operations: readonly Operation[]): void;
  begin(etag: string, pending: readonly Operation[]): void;
  flush(): Promise<void>;
  /** The ETag of a version that has all changes; throws if some of them cannot be saved. */
  whole(): Promise<string>;
  leave(): Promise<void>;
  takeBack(): Promise<boolean>;
}

export class Saver implements Keeper {
  state = $state<State>("saved");
  detail = $state("");
  versions = $state(0);
  private queue: Operation[] = [];
  private timer = 0;
  private sending: Promise<void> | null = null;
  private isLeft = false;
  private isStopped = false;
  /** Whoever has opened the page makes its changes, whatever is open when they are sent. */
  private readonly by = visiting();
  /** Savers of pages that were left before all was sent. */
  private static readonly behind = new Map<string, Saver>();

  constructor(
    private readonly id: string,
    private etag: string,
    private readonly changedElsewhere: (pending: Operation[]) => Promise<void>,
    private readonly unsaved: Unsaved,
  ) {}

  /** Leave what is still being sent after its page was left to a page that is about to open. */
  static async handOver(id: string): Promise<void> {
    await Saver.behind.get(id)?.stop();
  }

  /** The page is left: go on until all is sent, or the transcript is opened again. */
  async leave(): Promise<void> {
    this.isLeft = true;
    Saver.behind.set(this.id, this);
    await this.flush();
    if (!this.queue.length) await this.stop();
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

  async whole(): Promise<string> {
    await this.flush();
    if (this.isPending) throw new Unreachable("changes are not saved yet");
    return this.etag;
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
    if (this.isLeft && !this.queue.length) await this.stop();
  }

  private async stop(): Promise<void> {
    this.isStopped = true;
    window.clearTimeout(this.timer);
    while (this.sending) await this.sending;
    if (Saver.behind.get(this.id) === this) Saver.behind.delete(this.id);
    await this.unsaved.close();
  }

  private later(milliseconds: number): void {
    window.clearTimeout(this.timer);
    if (this.isStopped) return;
    this.timer = window.setTimeout(() => void this.flush(), milliseconds);
  }

  /** Whether what is sent now is sent as whoever made it. */
  private get isOurs(): boolean {
    return this.by !== "" || userHere() === this.unsaved.reader;
  }

  private async send(count: number): Promise<void> {
    if (!this.isOurs) {
      this.state = "refused";
      this.detail = t("otherUser");
      return;
    }
    this.state = "saving";
    const operations = this.queue.slice(0, Math.min(count, MOST));
    const body = JSON.stringify({ operations });
    try {
      const path = `/v1/transcripts/${encodeURIComponent(this.id)}/revisions`;
      const asked: RequestInit = {
        method: "POST",
        headers: { "Content-Type": "application/json", "If-Match": this.etag },
        body,
        // What is sent while the page closes arrives all the same, if it is short.
        keepalive: new Blob([body]).size < SHORT,
      };
      const response = await answered(path, asked, this.by);
      this.etag = response.headers.get("ETag") ?? this.etag;
      this.queue = this.queue.slice(operations.length);
      this.keep();
      this.versions += 1;
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
      this.detail = reason(error);
    }
  }

  private keep(): void {
    this.unsaved.keep(this.queue);
  }
}
