// The documents of one transcript, kept alike with those of everybody else who has it open.

import {
  Awareness,
  applyAwarenessUpdate,
  encodeAwarenessUpdate,
  removeAwarenessStates,
} from "y-protocols/awareness";
import * as Y from "yjs";
import { ApiError, reason, Unreachable } from "../../api/client";
import type { Place } from "../place";
import type { Draft, Drafts } from "./drafts";
import { type Opening, openDocument, socketOf } from "./opening";
import type { AllRemarks } from "./remarks.svelte";
import { answering, asking, isEmpty, type Message, read, showing, telling } from "./wire";

const META = "meta";
const KEEP_MS = 150;
const FIRST_RETRY_MS = 400;
const LAST_RETRY_MS = 8000;
const FORBIDDEN = [401, 403, 404];

/** `joined` with the service; `away` from it for now; `closed` for good. */
export type Standing = "joining" | "joined" | "away" | "closed";

/** What the service says besides. */
export type Notice =
  | {
      readonly type: "saved";
      readonly version: number;
      readonly times: readonly [string, number, number][];
      /** What is deleted with its sound: start and end. */
      readonly silenced: readonly [number, number][];
    }
  | ({ readonly type: "comments" } & AllRemarks)
  | { readonly type: "refused"; readonly room: string };

interface Unsent extends Draft {
  /** Which message of this connection held it; undefined while none did. */
  number?: number | undefined;
}

export class Room {
  standing = $state<Standing>("joining");
  /** How many changes the service has not stored yet. */
  waiting = $state(0);
  /** Why it is closed, in words. */
  problem = $state("");
  readonly docs = new Map<string, Y.Doc>();
  readonly awareness: Awareness;
  /** Resolves once everything is there for the first time. */
  readonly ready: Promise<void>;
  private isReady = () => {};
  private socket: WebSocket | null = null;
  private readonly sent = new Map<string, number>();
  private readonly synced = new Set<string>();
  private unsent: Unsent[] = [];
  private retry = 0;
  private tries = 0;
  private keeping = 0;

  constructor(
    readonly place: Place,
    public opening: Opening,
    private readonly drafts: Drafts,
    private readonly noticed: (notice: Notice) => void,
    /** The document was replaced by another, or what may be done with it changed. */
    private readonly changed: (opening: Opening | null) => void,
  ) {
    this.ready = new Promise((resolve) => {
      this.isReady = resolve;
    });
    for (const name of [...opening.parts, META]) this.docs.set(name, this.document(name));
    this.awareness = new Awareness(this.meta);
    this.awareness.on("update", this.shown);
    window.addEventListener("online", this.again);
    window.addEventListener("pagehide", this.keepNow);
    this.connect();
  }

  get meta(): Y.Doc {
    return this.docs.get(META) as Y.Doc;
  }

  get texts(): Y.Text[] {
    return this.opening.parts.map((name) => (this.docs.get(name) as Y.Doc).getText("text"));
  }

  close(): void {
    window.removeEventListener("online", this.again);
    window.removeEventListener("pagehide", this.keepNow);
    this.awareness.setLocalState(null);
    this.end("");
    this.keepNow();
    this.awareness.destroy();
    for (const doc of this.docs.values()) doc.destroy();
  }

  /** Come again, as whoever this is now. */
  renew(): void {
    this.socket?.close();
  }

  private document(name: string): Y.Doc {
    const doc = new Y.Doc();
    doc.on("update", (update: Uint8Array, origin: unknown) => {
      if (origin !== this) this.changedHere({ room: name, update });
    });
    return doc;
  }

  private changedHere(change: Unsent): void {
    this.unsent.push(change);
    if (this.socket?.readyState === WebSocket.OPEN) {
      change.number = this.count(change.room);
      this.socket.send(telling(change.room, change.update));
    }
    this.counted();
  }

  private connect(): void {
    window.clearTimeout(this.retry);
    this.retry = 0;
    const socket = new WebSocket(socketOf(this.place, this.opening.document));
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    socket.onopen = () => this.joined(socket);
    socket.onmessage = ({ data }: MessageEvent<ArrayBuffer | string>) => {
      if (typeof data === "string") this.told(JSON.parse(data));
      else this.heard(read(data));
    };
    socket.onclose = ({ code }) => this.left(socket, code);
  }

  private joined(socket: WebSocket): void {
    this.sent.clear();
    this.synced.clear();
    for (const each of this.unsent) each.number = undefined;
    for (const [name, doc] of this.docs) socket.send(asking(name, Y.encodeStateVector(doc)));
    this.present();
  }

  /** Others heard that this page went, under its next number: it comes again with a higher one. */
  private present(): void {
    for (let again = 0; again < 2; again++) {
      this.awareness.setLocalState(this.awareness.getLocalState());
    }
  }

  private heard(message: Message | null): void {
    if (!message) return;
    const doc = this.docs.get(message.room);
    if (!doc) return;
    switch (message.kind) {
      case "step1":
        this.answer(message.room, doc, message.state);
        break;
      case "update":
        Y.applyUpdate(doc, message.update, this);
        if (message.isAll) this.isSynced(message.room);
        break;
      case "people":
        applyAwarenessUpdate(this.awareness, message.states, this);
        break;
      case "stored":
        this.stored(message.room, message.count);
    }
  }

  private answer(room: string, doc: Y.Doc, state: Uint8Array): void {
    // Whoever may not write is refused, even if all that they have is what others deleted.
    if (this.opening.role !== "editor") return;
    const missing = Y.encodeStateAsUpdate(doc, state);
    const waiting = this.unsent.filter((each) => each.room === room && each.number === undefined);
    if (isEmpty(missing)) {
      this.unsent = this.unsent.filter((each) => !waiting.includes(each));
    } else {
      const number = this.count(room);
      for (const each of waiting) each.number = number;
      this.socket?.send(answering(room, missing));
    }
    this.counted();
  }

  private isSynced(room: string): void {
    this.synced.add(room);
    if (this.synced.size < this.docs.size || this.standing === "joined") return;
    this.tries = 0;
    this.standing = "joined";
    void this.takeDrafts().then(this.isReady);
  }

  /** What was typed before and never stored is typed now. */
  private async takeDrafts(): Promise<void> {
    if (this.opening.role !== "editor") return;
    const left = await this.drafts.left().catch(() => []);
    for (const { room, update } of left) {
      const doc = this.docs.get(room);
      if (doc) Y.applyUpdate(doc, update, "drafts");
    }
    if (left.length && !this.unsent.length) this.keepSoon();
  }

  private stored(room: string, count: number): void {
    this.unsent = this.unsent.filter(
      (each) => each.room !== room || (each.number ?? Number.POSITIVE_INFINITY) > count,
    );
    this.counted();
  }

  private told(notice: Notice): void {
    if (notice.type === "refused") void this.reopen();
    else this.noticed(notice);
  }

  private left(socket: WebSocket, code: number): void {
    if (this.socket !== socket) return;
    this.socket = null;
    const others = [...this.awareness.getStates().keys()].filter(
      (id) => id !== this.awareness.clientID,
    );
    removeAwarenessStates(this.awareness, others, this);
    this.standing = "away";
    const isAsked = code === 1008 || code === 4409;
    if (isAsked) void this.reopen();
    else this.later();
  }

  private later(): void {
    const wait = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.tries++);
    window.clearTimeout(this.retry);
    this.retry = window.setTimeout(() => void this.reopen(), wait * (0.75 + Math.random() / 2));
  }

  private readonly again = (): void => {
    if (this.retry) void this.reopen();
  };

  /** Ask the service whether the document is still there, and for whom; then join again. */
  private async reopen(): Promise<void> {
    window.clearTimeout(this.retry);
    this.retry = 0;
    try {
      const opening = await openDocument(this.place);
      if (this.standing === "closed") return;
      if (opening.document !== this.opening.document || opening.role !== this.opening.role) {
        this.end("");
        this.changed(opening);
      } else this.connect();
    } catch (error) {
      if (this.standing === "closed") return;
      if (error instanceof ApiError && FORBIDDEN.includes(error.status)) {
        this.end(reason(error));
        this.changed(null);
      } else if (error instanceof ApiError || error instanceof Unreachable) this.later();
      else throw error;
    }
  }

  private end(problem: string): void {
    window.clearTimeout(this.retry);
    this.standing = "closed";
    this.problem = problem;
    const { socket } = this;
    this.socket = null;
    socket?.close();
  }

  private count(room: string): number {
    const number = (this.sent.get(room) ?? 0) + 1;
    this.sent.set(room, number);
    return number;
  }

  private counted(): void {
    this.waiting = this.unsent.length;
    this.keepSoon();
  }

  private keepSoon(): void {
    if (!this.keeping) this.keeping = window.setTimeout(this.keepNow, KEEP_MS);
  }

  private readonly keepNow = (): void => {
    window.clearTimeout(this.keeping);
    this.keeping = 0;
    const drafts: Draft[] = [];
    for (const room of this.docs.keys()) {
      const all = this.unsent.filter((each) => each.room === room);
      if (all.length) drafts.push({ room, update: Y.mergeUpdates(all.map((each) => each.update)) });
    }
    // Where the browser keeps nothing, what is typed is sent all the same.
    this.drafts.keep(drafts).catch(() => {});
  };

  private readonly shown = (_changes: unknown, origin: unknown): void => {
    if (origin === "local") this.show([this.awareness.clientID]);
  };

  private show(clients: number[]): void {
    if (this.socket?.readyState !== WebSocket.OPEN) return;
    this.socket.send(showing(META, encodeAwarenessUpdate(this.awareness, clients)));
  }
}
