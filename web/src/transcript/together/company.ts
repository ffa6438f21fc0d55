/** Everybody who has a transcript open, and its text as they share it. */

import { ApiError, Unreachable } from "../../api/client";
import { randomId } from "../document/derive";
import type { Transcript } from "../document/types";
import type { Place } from "../place";
import { Drafts } from "./drafts";
import { RoomKeeper } from "./keeper.svelte";
import { type Opening, openDocument } from "./opening";
import { Presence } from "./presence.svelte";
import { Remarks } from "./remarks.svelte";
import { type Notice, Room } from "./room.svelte";
import { SharedSession } from "./session";
import type { Entry } from "./speakers";

const READY_MS = 8000;

export class Company {
  readonly room: Room;
  readonly keeper: RoomKeeper;
  readonly presence: Presence;
  readonly remarks: Remarks;
  private session: SharedSession | null = null;

  constructor(place: Place, opening: Opening, changed: (opening: Opening | null) => void) {
    const drafts = new Drafts(opening.me.id, opening.document);
    this.room = new Room(place, opening, drafts, (notice) => this.noticed(notice), changed);
    this.keeper = new RoomKeeper(this.room);
    this.presence = new Presence(this.room);
    this.remarks = new Remarks(place);
  }

  /** Put the shared text on the desk; *transcript* is a version that was made of it. */
  begin(transcript: Transcript, changedElsewhere: () => void): SharedSession {
    this.session?.close();
    const speakers = this.room.meta.getMap<Entry>("speakers");
    const shared = { texts: this.room.texts, speakers };
    this.session = new SharedSession(transcript, shared, changedElsewhere, randomId);
    return this.session;
  }

  private noticed(notice: Notice): void {
    if (notice.type === "comments") this.remarks.take(notice);
    if (notice.type !== "saved") return;
    const times = notice.times.map(([id, start, end]) => [id, { start, end }] as const);
    this.session?.retime(new Map(times));
    this.session?.hush(notice.silenced.map(([start, end]) => ({ start, end })));
    this.keeper.saved();
  }
}

/** Join whoever else has a transcript open; null where the service lets nobody join. */
export async function join(
  place: Place,
  changed: (opening: Opening | null) => void,
): Promise<Company | null> {
  const opening = await openDocument(place).catch((error: unknown) => {
    if (error instanceof ApiError || error instanceof Unreachable) return null;
    throw error;
  });
  if (!opening) return null;
  const company = new Company(place, opening, changed);
  const late = new Promise((resolve) => window.setTimeout(resolve, READY_MS));
  await Promise.race([company.room.ready, late]);
  if (company.room.standing === "joined") return company;
  company.room.close();
  return null;
}
