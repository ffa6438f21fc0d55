// One transcript on the desk: its text, its sound, its changes, and what people do with them.

import type { EditorView } from "@codemirror/view";
import { untrack } from "svelte";
import { copied } from "../ui/clipboard";
import { randomId } from "./document/derive";
import type { Model } from "./document/model";
import { deletions } from "./document/silences";
import {
  displayName,
  flattened,
  type Operation,
  type Segment,
  type Span,
  SURE,
  type Suggestion,
  type Transcript,
  type Word,
} from "./document/types";
import { Session } from "./editor/session";
import { Keeping } from "./keeping.svelte";
import type { Mode } from "./keys";
import { Listening } from "./listening.svelte";
import type { Place } from "./place";
import type { Player } from "./player/player.svelte";
import type { Keeper } from "./saving.svelte";
import { type Chosen, Sight } from "./sight.svelte";
import type { Company } from "./together/company";
import { Remarks } from "./together/remarks.svelte";
import { Typing } from "./typing";
import type { Unsaved } from "./unsaved";
import type { Read } from "./versions";

const SURVEY_MS = 900;

export type Told =
  | { kind: "merged"; lost: number }
  | { kind: "stays"; reason: string }
  | { kind: "closed"; reason: string }
  | { kind: "restored" }
  | { kind: "copied" }
  | { kind: "notCopied" };

const NONE: readonly Suggestion[] = [];

export class Desk {
  readonly id: string;
  readonly sight: Sight;
  readonly listening: Listening;
  keeping: Keeping;
  /** Others who have it open, where the service lets people edit together. */
  company: Company | null;
  /** What is said about it, where the shared text cannot be joined. */
  private alone = $state.raw<Remarks | null>(null);
  session: Session;
  view: EditorView | null = null;
  /** Counts changes of the transcript: whatever reads it is shown anew. */
  changes = $state(0);
  /** Counts the same, but waits until nobody types: for what is dear to find out. */
  surveyed = $state(0);
  /** Counts how often words were given to somebody, or taken back from them. */
  assigned = $state(0);
  /** Counts transcripts that were put on the desk. */
  opened = $state(0);
  mode = $state<Mode>("read");
  told = $state<Told | null>(null);
  /** Whether the right to change it was taken away while it lay here. */
  isClosed = $state(false);
  /** Whether it can only be read until it is known who else has it open. */
  isJoining = $state(false);
  /** Counts how often somebody wanted to say something about what is selected. */
  remarking = $state(0);
  /** A segment whose speaker is asked for, and where on the screen. */
  asking = $state<{ segment: Segment; at: DOMRect } | null>(null);
  private readonly typing: Typing;
  private surveying = 0;
  /** Whether somebody wanted to write before they could. */
  private isAwaited = false;
  /** What was chosen in the text that another is to take the place of. */
  private left: Chosen | null = null;

  constructor(
    readonly place: Place,
    { transcript, etag }: Read,
    unsaved: Unsaved,
    company: Company | null = null,
  ) {
    this.id = transcript.id;
    this.company = $state.raw(company);
    this.session = this.sessionOf(transcript);
    const source = place.hasSound ? `${place.base}/audio?wait=60` : "";
    this.sight = new Sight(this);
    this.listening = new Listening(this, source, transcript.recording.duration);
    this.typing = new Typing(
      () => this.view?.composing ?? false,
      () => this.settle(),
    );
    this.keeping = $state.raw(new Keeping(this, etag, unsaved, company?.keeper));
  }

  /** It is known who else has it open, or that nobody can: from now on it can be changed. */
  join({ transcript, etag }: Read, unsaved: Unsaved, company: Company | null): void {
    const top = this.view?.scrollDOM.scrollTop ?? 0;
    this.company = company;
    this.isJoining = false;
    this.begin(transcript);
    this.keeping = new Keeping(this, etag, unsaved, company?.keeper);
    this.begun();
    requestAnimationFrame(() => this.view?.scrollDOM.scrollTo({ top }));
  }

  /** Nobody tells what others say about it: it is read once, and after each remark of one's own. */
  async readRemarks(): Promise<void> {
    this.alone = new Remarks(this.place);
    await this.alone.load();
  }

  get player(): Player {
    return this.listening.player;
  }

  get saver(): Keeper {
    return this.keeping.saver;
  }

  get model(): Model {
    return this.session.model;
  }

  get transcript(): Transcript {
    return this.model.source;
  }

  get mayEdit(): boolean {
    return this.place.role !== "viewer" && !this.isClosed && !this.isJoining;
  }

  get mayComment(): boolean {
    const joined = this.company?.room.opening.role;
    const may = joined ? joined !== "viewer" : this.place.hasRemarks;
    return may && !this.isClosed;
  }

  get remarks(): Remarks | null {
    return this.company?.remarks ?? this.alone;
  }

  get suggestions(): readonly Suggestion[] {
    return this.transcript.enhancement?.edits ?? NONE;
  }

  nameOf(label: string | null): string {
    return displayName(this.model.speakers, label);
  }

  /** The text was changed by somebody who types. */
  typed(): void {
    this.player.typed();
    this.typing.typed();
  }

  /** Take what was typed into the transcript, and have it saved. */
  settle(): void {
    this.typing.stop();
    if (!this.view) return;
    this.session.settle(this.view);
    this.noteChanges();
  }

  perform(operation: Operation): void {
    if (!this.view || !this.mayEdit) return;
    this.session.perform(this.view, operation);
    this.decided();
  }

  assign(words: readonly string[], speaker: string | null): void {
    if (!this.view || !this.mayEdit || !words.length) return;
    this.session.assign(this.view, words, speaker);
    this.decided();
  }

  /** Delete what is selected with its sound: copies and exports are silent there. */
  silence(): void {
    if (!this.view || !this.mayEdit) return;
    this.settle();
    if (!this.sight.selectedSpan()) return;
    const words = this.sight.chosenWords();
    this.view.dispatch({ selection: { anchor: this.view.state.selection.main.from } });
    if (this.company) void this.keeping.ask(deletions(this.model, words));
    else {
      this.session.silence(this.view, words);
      this.decided();
    }
  }

  /** Let what was silenced be heard again. */
  unsilence(span: Span): void {
    const operation: Operation = { kind: "unsilence", spans: [span] };
    if (this.company) void this.keeping.ask([operation]);
    else this.perform(operation);
  }

  restore(at: number): void {
    const removed = this.model.removed[at];
    if (!this.view || !this.mayEdit || !removed) return;
    this.session.restore(this.view, removed);
    this.decided();
    this.sight.show(removed.words[0]?.id ?? "");
  }

  undo(): void {
    if (!this.view || !this.mayEdit) return;
    const isDone = this.session.undo(this.view);
    this.decided();
    // Whoever came by a link takes back what they did, not what others did before.
    if (!isDone && !this.place.isShared) void this.keeping.undoEarlier();
  }

  redo(): void {
    if (!this.view || !this.mayEdit) return;
    this.session.redo(this.view);
    this.decided();
  }

  /** Let the text be typed in, where it is heard or was clicked last. */
  write(): void {
    this.isAwaited = this.isJoining;
    if (!this.mayEdit) return;
    this.mode = "edit";
    const { view } = this;
    const { mark } = this.listening;
    if (view && mark && view.state.selection.main.head === 0) {
      view.dispatch({ selection: { anchor: mark.from } });
    }
  }

  read(): void {
    this.isAwaited = false;
    this.settle();
    this.mode = "read";
  }

  /** Put other text in the place of words. */
  replaceText(words: readonly Word[], text: string): void {
    const first = this.sight.placeOf(words[0]?.id ?? "");
    const last = this.sight.placeOf(words.at(-1)?.id ?? "");
    if (!this.view || !this.mayEdit || !first || !last) return;
    this.view.dispatch({
      changes: { from: first.from, to: last.to, insert: text.trim() },
      userEvent: "input.reading",
    });
    this.settle();
  }

  /** Make the text say what another version says, as one step. */
  becomeLike(other: Transcript): void {
    if (!this.view) return;
    this.session.become(this.view, other);
    this.decided();
  }

  /** Words are right as they stand. */
  accept(words: readonly Word[]): void {
    const operations = words.map(
      (word): Operation => ({ kind: "replace", word: word.id, text: word.text, confidence: SURE }),
    );
    if (operations.length) this.perform({ kind: "together", operations });
  }

  /** Whether the browser let the page copy, which is told. */
  async copy(text: string, html = ""): Promise<boolean> {
    const isDone = await copied(text, html);
    this.told = { kind: isDone ? "copied" : "notCopied" };
    return isDone;
  }

  /** Something other than typing changed the transcript: it is shown and looked over at once. */
  private decided(): void {
    this.noteChanges();
    this.sight.redraw();
    this.survey();
  }

  /** The right to change it was taken away: it can be read on. */
  shut(why: string): void {
    this.read();
    this.isClosed = true;
    this.told = { kind: "closed", reason: why };
  }

  async close(): Promise<void> {
    this.settle();
    this.player.close();
    window.clearTimeout(this.surveying);
    await this.saver.leave();
  }

  private noteChanges(): void {
    const operations = this.session.taken();
    if (!operations.length) return;
    this.saver.add(operations);
    if (this.company) this.sight.redraw();
    this.changes = untrack(() => this.changes) + 1;
    const isGiving = operations.flatMap(flattened).some((each) => each.kind === "relabel");
    if (isGiving) this.assigned = untrack(() => this.assigned) + 1;
    window.clearTimeout(this.surveying);
    this.surveying = window.setTimeout(() => this.survey(), SURVEY_MS);
  }

  /** Look over the whole transcript anew. */
  survey(): void {
    window.clearTimeout(this.surveying);
    this.surveyed = untrack(() => this.surveyed) + 1;
  }

  /** Put another version on the desk. */
  begin(transcript: Transcript): void {
    this.left = this.sight.chosen();
    this.session = this.sessionOf(transcript);
  }

  /** Another text is shown in the place of the one before: what was chosen in that is chosen in it. */
  resume(): void {
    this.sight.choose(this.left);
    this.left = null;
    this.listening.markAgain();
    if (this.isAwaited) this.write();
  }

  /** Others changed the text, or who speaks. */
  changedElsewhere(): void {
    this.typing.typed();
  }

  private sessionOf(transcript: Transcript): Session {
    const shared = this.company?.begin(transcript, () => this.changedElsewhere());
    return shared ?? new Session(transcript, randomId);
  }

  /** Another version lies on the desk: it is shown and looked over. */
  begun(): void {
    this.opened += 1;
    this.changes += 1;
    this.survey();
  }
}
