// What was changed on its way to the service, and the versions that come back from there.

import { ApiError, answered, reason, Unreachable } from "../api/client";
import type { Desk } from "./desk.svelte";
import type { Model } from "./document/model";
import { isSame } from "./document/silences";
import { flattened, Misfit, type Operation } from "./document/types";
import { type Keeper, Saver } from "./saving.svelte";
import type { Unsaved } from "./unsaved";
import { type Read, readTranscript } from "./versions";

export class Keeping {
  readonly saver: Keeper;
  private isUndoing = false;

  constructor(
    private readonly desk: Desk,
    etag: string,
    unsaved: Unsaved,
    shared?: Keeper,
  ) {
    this.saver = shared ?? new Saver(desk.id, etag, (pending) => this.rebase(pending), unsaved);
    if (shared) void this.hand(unsaved, etag);
    // Whoever may only read now keeps what they did not save for when they may change it again.
    else if (unsaved.left.length && desk.mayEdit) this.resume(unsaved.left, etag);
  }

  /** What was not saved before people edited together is a change of its own: the service puts it in. */
  private async hand(unsaved: Unsaved, etag: string): Promise<void> {
    const { left } = unsaved;
    if (left.length && this.desk.mayEdit) {
      const asked: RequestInit = {
        method: "POST",
        headers: { "Content-Type": "application/json", "If-Match": etag },
        body: JSON.stringify({ operations: left }),
      };
      const isDone = await answered(
        `/v1/transcripts/${encodeURIComponent(this.desk.id)}/revisions`,
        asked,
      ).then(
        () => true,
        () => false,
      );
      if (isDone) unsaved.keep([]);
    }
    await unsaved.close();
  }

  /** Take back what was saved before the page was opened: the service knows how. */
  async undoEarlier(): Promise<void> {
    if (this.isUndoing) return;
    this.isUndoing = true;
    try {
      const isDone = await this.saver.takeBack();
      if (isDone) await this.undone();
    } catch (error) {
      if (!(error instanceof ApiError || error instanceof Unreachable)) throw error;
      this.desk.told = { kind: "stays", reason: reason(error) };
    } finally {
      this.isUndoing = false;
    }
  }

  /** A shared text is edited by the service itself; what is silenced is not in it. */
  private async undone(): Promise<void> {
    const { company, model, place } = this.desk;
    const read = await readTranscript(place);
    const silenced = read.transcript.silenced ?? [];
    if (!company || !isSame(silenced, model.silenced)) this.reopen(read);
  }

  /** Have the service change what is saved, and put the version that comes of it on the desk. */
  async change(ask: (etag: string) => Promise<unknown>): Promise<void> {
    this.desk.settle();
    await ask(await this.saver.whole());
    this.reopen(await readTranscript(this.desk.place));
  }

  /** Have the service do what a shared text does not hold; what goes wrong is told. */
  async ask(operations: readonly Operation[]): Promise<void> {
    const path = `/v1/transcripts/${encodeURIComponent(this.desk.id)}/revisions`;
    const body = JSON.stringify({ operations });
    const headers = { "Content-Type": "application/json" };
    const asked = this.change((etag) =>
      answered(path, { method: "POST", headers: { ...headers, "If-Match": etag }, body }),
    );
    await asked.catch((error: unknown) => {
      this.desk.told = { kind: "stays", reason: reason(error) };
    });
  }

  /** Show anew what the service has, such as another name of a voice. */
  async reread(): Promise<void> {
    await this.change(async () => {});
  }

  /** Put another version on the desk, at the same place of the text. */
  private reopen(read: Read): void {
    const top = this.desk.view?.scrollDOM.scrollTop ?? 0;
    this.desk.settle();
    this.putOn(read, [...this.saver.pending]);
    requestAnimationFrame(() => this.desk.view?.scrollDOM.scrollTo({ top }));
  }

  /** Somebody else saved a version meanwhile: what is not saved goes on top of theirs. */
  private async rebase(pending: Operation[]): Promise<void> {
    const read = await readTranscript(this.desk.place);
    this.desk.settle();
    const lost = this.putOn(read, [...pending, ...this.desk.session.taken()]);
    this.desk.told = { kind: "merged", lost };
  }

  /** Put a version on the desk with what is not saved on top; how much of it does not fit. */
  private putOn({ transcript, etag }: Read, unsaved: readonly Operation[]): number {
    this.desk.begin(transcript);
    const lost = this.resume(unsaved, etag);
    this.desk.begun();
    return lost;
  }

  /** Do again what was not saved; how much of it does not fit any more. */
  private resume(operations: readonly Operation[], etag: string): number {
    const parts = operations.flatMap(flattened);
    const fitting = parts.filter((each) => fits(this.desk.model, each));
    this.saver.begin(etag, fitting);
    return parts.length - fitting.length;
  }
}

/** Apply an operation, if it can be. */
function fits(model: Model, operation: Operation): boolean {
  try {
    model.apply(operation);
    return true;
  } catch (error) {
    if (error instanceof Misfit) return false;
    throw error;
  }
}
