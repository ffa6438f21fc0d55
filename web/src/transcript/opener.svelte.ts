// Puts a transcript on the desk: its last version at once, and the text that all share when that is there.

import { untrack } from "svelte";
import { reason } from "../api/client";
import { Desk } from "./desk.svelte";
import { t } from "./messages";
import type { Place } from "./place";
import { Saver } from "./saving.svelte";
import type { Company } from "./together/company";
import { Unsaved } from "./unsaved";
import type { Read } from "./versions";

/** How long nobody waits for the shared text before the last version is shown to be read. */
const PATIENCE_MS = 700;

/** A version of a transcript, and where it is for whoever reads it. */
export interface Found {
  readonly place: Place;
  readonly read: Read;
}

interface Opening {
  isLeft: boolean;
}

export class Opener {
  desk = $state.raw<Desk | null>(null);
  /** Counts how often it is to be opened anew, because the shared text is another now. */
  again = $state(0);
  /** Whether that was because less may be done with it. */
  private isLessened = false;
  private opening: Opening = { isLeft: true };

  /** Open a transcript by what is known of its place; throws what *find* throws. */
  async open(asked: Place, find: () => Promise<Found>): Promise<void> {
    const opening = { isLeft: false };
    this.opening = opening;
    await Saver.handOver(asked.id);
    const joining = asked.isJoined ? this.joined(asked, opening) : Promise.resolve(null);
    try {
      const late = new Promise<"late">((resolve) => setTimeout(() => resolve("late"), PATIENCE_MS));
      const { place, read } = await find();
      const isLate = (await Promise.race([joining, late])) === "late";
      if (isLate && !opening.isLeft) {
        this.desk = new Desk(place, read, new Unsaved(asked.id, place.reader));
        this.desk.isJoining = place.role !== "viewer";
      }
      const company = await joining;
      const unsaved = await new Unsaved(asked.id, place.reader).open();
      if (opening.isLeft) {
        company?.room.close();
        await unsaved.close();
      } else this.put({ place, read }, unsaved, company);
    } catch (error) {
      joining.then((company) => company?.room.close()).catch(() => undefined);
      if (opening.isLeft) return;
      if (!this.desk) throw error;
      this.desk.isJoining = false;
      this.desk.shut(reason(error));
    }
  }

  leave(): void {
    this.opening.isLeft = true;
    const left = untrack(() => this.desk);
    this.desk = null;
    void left?.close();
  }

  private put({ place, read }: Found, unsaved: Unsaved, company: Company | null): void {
    if (this.desk) this.desk.join(read, unsaved, company);
    else this.desk = new Desk(place, read, unsaved, company);
    if (!company && place.hasRemarks) void this.desk.readRemarks().catch(() => undefined);
    if (this.isLessened) this.desk.shut(t("rightTaken"));
    this.isLessened = false;
  }

  /** Whoever else has it open; what is needed for that is loaded beside the text. */
  private async joined(place: Place, opening: Opening): Promise<Company | null> {
    const { join } = await import("./together/company");
    return join(place, (now) => {
      if (opening.isLeft) return;
      if (now) {
        this.isLessened = now.role !== "editor" && (this.desk?.mayEdit ?? false);
        this.again += 1;
      } else this.desk?.shut(this.desk.company?.room.problem || t("rightTaken"));
    });
  }
}
