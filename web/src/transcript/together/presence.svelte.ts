// Who else has the transcript open: where they are in it, what they hear, and what they play for all.

import { EditorView } from "@codemirror/view";
import * as Y from "yjs";
import type { Desk } from "../desk.svelte";
import { type Caret, showCarets } from "./carets";
import { markedName } from "./guest.svelte";
import { Parts } from "./parts";
import type { Room } from "./room.svelte";

const PUBLISH_MS = 60;
const COLOURS = 8;
/** Seconds by which two players may differ. */
const APART = 0.4;
/** While somebody plays for all, milliseconds after which they say again where they are. */
const AGAIN_MS = 3000;

interface Place {
  readonly room: string;
  readonly at: unknown;
}

interface Playing {
  readonly time: number;
  readonly isPlaying: boolean;
  readonly rate: number;
}

interface State {
  readonly user?: { readonly id: string; readonly name: string; readonly guest?: boolean };
  readonly anchor?: Place | null;
  readonly head?: Place | null;
  readonly hears?: Playing | null;
  /** Whether what they hear is played for all. */
  readonly leads?: boolean;
}

export interface Person {
  readonly client: number;
  readonly name: string;
  readonly colour: number;
  readonly hears: Playing | null;
  readonly leads: boolean;
}

export class Presence {
  people = $state.raw<readonly Person[]>([]);
  /** Whom the page goes with. */
  followed = $state<number | null>(null);
  /** Whether what is heard here is played for all. */
  leads = $state(false);
  /** Whose playing is heard here, too. */
  heeded = $state<number | null>(null);
  private desk: Desk | null = null;
  private timer = 0;
  private again = 0;

  constructor(private readonly room: Room) {
    room.awareness.on("change", this.changed);
  }

  /** Whoever plays for all, if anybody else does. */
  get leader(): Person | undefined {
    return this.people.find((each) => each.leads);
  }

  show(desk: Desk): () => void {
    this.desk = desk;
    const events = ["play", "pause", "seeked", "ratechange"];
    for (const each of events) desk.player.media.addEventListener(each, this.publishSoon);
    this.again = window.setInterval(() => this.leads && this.publish(), AGAIN_MS);
    this.publish();
    this.changed();
    return () => {
      for (const each of events) desk.player.media.removeEventListener(each, this.publishSoon);
      window.clearInterval(this.again);
      window.clearTimeout(this.timer);
      this.desk = null;
    };
  }

  /** Something that others see has changed. */
  readonly publishSoon = (): void => {
    if (!this.timer) this.timer = window.setTimeout(() => this.publish(), PUBLISH_MS);
  };

  follow(client: number | null): void {
    this.followed = client;
    if (client !== null) this.goAlong();
  }

  lead(isOn: boolean): void {
    this.leads = isOn;
    if (isOn) this.heeded = null;
    this.publish();
  }

  heed(client: number | null): void {
    this.heeded = client;
    if (client !== null) this.playAlong();
    else this.desk?.player.pause();
  }

  private publish(): void {
    window.clearTimeout(this.timer);
    this.timer = 0;
    const { desk } = this;
    if (!desk?.view) return;
    const { main } = desk.view.state.selection;
    const isShown = desk.mode === "edit" || !main.empty;
    const { media, rate } = desk.player;
    const isHeard = !media.paused || media.currentTime > 0;
    const state: State = {
      user: this.room.opening.me,
      anchor: isShown ? this.placeOf(main.anchor) : null,
      head: isShown ? this.placeOf(main.head) : null,
      hears: isHeard ? { time: media.currentTime, isPlaying: !media.paused, rate } : null,
      leads: this.leads,
    };
    this.room.awareness.setLocalState(state as Record<string, unknown>);
  }

  private readonly changed = ({ added }: { added: number[] } = { added: [] }): void => {
    // Whoever comes hears of those who are here from themselves.
    if (added.some((each) => each !== this.room.awareness.clientID)) this.publishSoon();
    const people: Person[] = [];
    const carets: Caret[] = [];
    for (const [client, state] of this.states()) {
      const user = state.user ?? { id: "", name: "" };
      const name = markedName(user);
      const colour = colourOf(user, client);
      people.push({
        client,
        name,
        colour,
        hears: state.hears ?? null,
        leads: state.leads ?? false,
      });
      const [anchor, head] = [this.positionOf(state.anchor), this.positionOf(state.head)];
      if (anchor !== null && head !== null) carets.push({ client, name, colour, anchor, head });
    }
    this.people = people;
    this.desk?.view?.dispatch({ effects: showCarets.of(carets) });
    const isThere = (client: number | null) => people.some((each) => each.client === client);
    if (!isThere(this.followed)) this.followed = null;
    else this.goAlong();
    const heeded = people.find((each) => each.client === this.heeded);
    if (heeded?.leads) this.playAlong();
    else this.heeded = null;
  };

  private *states(): Generator<[number, State]> {
    const { awareness } = this.room;
    for (const [client, state] of awareness.getStates()) {
      if (client !== awareness.clientID && (state as State).user) yield [client, state as State];
    }
  }

  /** Bring what somebody is at into view. */
  private goAlong(): void {
    const view = this.desk?.view;
    const state = this.room.awareness.getStates().get(this.followed ?? -1) as State | undefined;
    if (!view || !state) return;
    const head = this.positionOf(state.head) ?? this.heardAt(state.hears);
    if (head === null) return;
    const block = view.lineBlockAt(head);
    const { scrollTop, clientHeight } = view.scrollDOM;
    const isInView = block.top > scrollTop + 20 && block.bottom < scrollTop + clientHeight - 60;
    if (!isInView) view.dispatch({ effects: EditorView.scrollIntoView(head, { y: "center" }) });
  }

  private heardAt(hears: Playing | null | undefined): number | null {
    return hears ? (this.desk?.sight.positionAt(hears.time) ?? null) : null;
  }

  private playAlong(): void {
    const player = this.desk?.player;
    const theirs = this.people.find((each) => each.client === this.heeded)?.hears;
    if (!player || !theirs) return;
    if (player.rate !== theirs.rate) player.setRate(theirs.rate);
    if (Math.abs(player.media.currentTime - theirs.time) > APART) player.seek(theirs.time);
    if (theirs.isPlaying && player.media.paused) player.play();
    if (!theirs.isPlaying && !player.media.paused) player.pause();
  }

  private placeOf(position: number): Place | null {
    const session = this.room.texts;
    const { part, at } = new Parts(session).before(position);
    const room = this.room.opening.parts[session.indexOf(part)] ?? "";
    const relative = Y.createRelativePositionFromTypeIndex(part, at, -1);
    return { room, at: Y.relativePositionToJSON(relative) };
  }

  private positionOf(place: Place | null | undefined): number | null {
    const doc = place && this.room.docs.get(place.room);
    if (!place || !doc || !this.desk?.view) return null;
    try {
      const relative = Y.createRelativePositionFromJSON(place.at);
      const found = Y.createAbsolutePositionFromRelativePosition(relative, doc);
      if (!found) return null;
      const start = new Parts(this.room.texts).start(found.type as Y.Text);
      return Math.min(this.desk.view.state.doc.length, Math.max(0, start + found.index));
    } catch {
      // Somebody else's page can say anything.
      return null;
    }
  }
}

/** The same for all pages of somebody; guests with one link are told apart by their names. */
function colourOf({ id, name, guest }: NonNullable<State["user"]>, client: number): number {
  const who = guest ? `${id} ${name}` : id;
  return (numberOf(who || `${client}`) % COLOURS) + 1;
}

function numberOf(text: string): number {
  let number = 0;
  for (const letter of text) number = (31 * number + (letter.codePointAt(0) ?? 0)) >>> 0;
  return number;
}
