// What is done to a shared transcript is stored as it is done: this says how far that is.

import { answered, reason, Unreachable } from "../../api/client";
import type { Operation } from "../document/types";
import type { Keeper, State } from "../saving.svelte";
import { readChanges } from "../versions";
import { saveDocument } from "./opening";
import type { Room } from "./room.svelte";

const LOOK_MS = 20;
const PATIENCE_MS = 2000;

export class RoomKeeper implements Keeper {
  /** Counts versions that were made. */
  versions = $state(0);
  detail = $state("");
  readonly pending: readonly Operation[] = [];
  private isChanged = $state(false);

  constructor(private readonly room: Room) {}

  get state(): State {
    const { standing, waiting } = this.room;
    if (standing === "closed") return waiting ? "refused" : "saved";
    if (standing === "away") return "away";
    return waiting ? "saving" : "saved";
  }

  get isPending(): boolean {
    return this.isChanged || this.room.waiting > 0;
  }

  add(operations: readonly Operation[]): void {
    if (operations.length) this.isChanged = true;
  }

  /** The service made a version. */
  saved(): void {
    this.isChanged = this.room.waiting > 0;
    this.versions += 1;
  }

  begin(): void {}

  /** Have a version made of it now, for whoever reads versions: exports and the history. */
  async flush(): Promise<void> {
    if (!this.isChanged || this.room.standing !== "joined") return;
    if (this.room.opening.role !== "editor") return;
    if (this.room.waiting) await this.stored();
    try {
      await saveDocument(this.room.place);
      this.detail = "";
      this.saved();
    } catch (error) {
      this.detail = reason(error);
    }
  }

  /** What was typed last goes another way than the request for a version, and may be later. */
  private async stored(): Promise<void> {
    const latest = performance.now() + PATIENCE_MS;
    while (this.room.waiting && performance.now() < latest)
      await new Promise((done) => setTimeout(done, LOOK_MS));
  }

  /** Others may change it at any time: whatever is newest has what was done here. */
  async whole(): Promise<string> {
    await this.flush();
    if (this.isPending) throw new Unreachable("changes are not saved yet");
    return "*";
  }

  async leave(): Promise<void> {
    this.room.close();
  }

  /** Take back the last version, if it is one's own: the service edits the document. */
  async takeBack(): Promise<boolean> {
    await this.flush();
    const [last] = await readChanges(this.room.place.id);
    if (!last || last.kind === "undo" || last.author.id !== this.room.opening.me.id) return false;
    const path = `/v1/transcripts/${encodeURIComponent(this.room.place.id)}/revisions/${last.version}/undo`;
    await answered(path, { method: "POST", headers: { "If-Match": "*" } });
    return true;
  }
}
