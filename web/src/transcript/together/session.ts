/** A transcript that several people edit at once: its text is the one that they share. */

import { EditorState, type Extension, type Transaction } from "@codemirror/state";
import type * as Y from "yjs";
import { isSame } from "../document/silences";
import type { Operation, Removed, Segment, Span, Transcript, Word } from "../document/types";
import { SURE } from "../document/types";
import { lineOf, placeOf } from "../editor/finding";
import { lines, linesOf, owning, ownSpeaker, speakerOfLine } from "../editor/lines";
import {
  fromRoom,
  type LineStart,
  marking,
  marksBetween,
  marksOf,
  putMarks,
  startLines,
  textOf,
  unsettled,
  wordMarks,
} from "../editor/marks";
import { type Host, piecesOf, Session } from "../editor/session";
import { settleText } from "../editor/settling";
import { accept } from "./accepting";
import { Binding } from "./binding";
import { carets } from "./carets";
import { changedLines, lineKeys, versionLines } from "./catching-up";
import { Parts } from "./parts";
import { remarked } from "./remarked";
import { type Entry, Speakers } from "./speakers";
import { Undoing } from "./undoing";

/** What is shared of a transcript. */
export interface Shared {
  readonly texts: readonly Y.Text[];
  readonly speakers: Y.Map<Entry>;
}

export class SharedSession extends Session {
  readonly parts: Parts;
  readonly binding: Binding;
  readonly speakers: Speakers;
  private readonly undoing: Undoing;
  private host: Host | null = null;
  private putBack: { removed: Removed; at: number }[] = [];

  constructor(
    transcript: Transcript,
    readonly shared: Shared,
    /** Others changed the text, or who speaks. */
    private readonly changedElsewhere: () => void = () => {},
    newId?: () => string,
  ) {
    super(transcript, newId);
    this.parts = new Parts(shared.texts);
    this.speakers = new Speakers(shared.speakers, this.model);
    this.binding = new Binding(this.parts, ({ runs, accepted }) => {
      for (const { id } of runs) if (id) this.know(id);
      for (const each of accepted) this.accepted(each);
      this.changedElsewhere();
    });
    const scopes = [...shared.texts, shared.speakers];
    this.undoing = new Undoing(scopes, this.binding.doing);
    shared.speakers.observe(this.renamed);
    for (const each of this.model.removed) {
      for (const piece of piecesOf(each, transcript.exclusive_turns)) this.archive.keep(piece);
    }
  }

  override begin(extensions: Extension = []): EditorState {
    const whole = this.parts.read();
    for (const { id } of whole.marks) this.know(id);
    this.speakers.settle();
    const begun = linesOf(whole.starts);
    const state = EditorState.create({
      doc: whole.text,
      extensions: [
        marking,
        owning,
        carets,
        remarked,
        wordMarks.init(() => marksOf(whole.marks)),
        lines.init(() => begun),
        unsettled.init((state) => changedLines(state, this.model, this.speakerOf)),
        EditorState.lineSeparator.of("\n"),
        extensions,
      ],
    });
    const plain = new Plain(state);
    this.settle(plain);
    for (const id of whole.accepted) this.confide(id, true);
    this.operations = [];
    return plain.state;
  }

  /** Show what others do in an editor. */
  override show(host: Host | null): void {
    this.host = host;
    this.binding.show(host);
  }

  override sent(transaction: Transaction): void {
    this.binding.sent(transaction);
  }

  close(): void {
    this.show(null);
    this.binding.close();
    this.undoing.close();
    this.shared.speakers.unobserve(this.renamed);
  }

  override settle(host: Host): void {
    this.takeBackRemoved(host.state);
    const naming = { newId: this.newId, speakerOf: this.speakerOf };
    const settled = settleText(host.state, this.model, this.archive, naming);
    if (!settled) return;
    this.operations.push(...settled.operations);
    host.dispatch(settled.spec);
    this.removeAgain();
  }

  override perform(host: Host, operation: Operation): void {
    this.settle(host);
    this.undoing.step(() => this.decide(host, operation));
    this.settle(host);
  }

  override assign(host: Host, words: readonly string[], speaker: string | null): void {
    this.settle(host);
    this.undoing.step(() => this.give(host, words, speaker));
    this.settle(host);
    const labels = words.map((word) => ({ word, speaker, doubts: [], confidence: SURE }));
    const left = labels.filter(({ word }) => this.model.has(word));
    if (left.length) this.told({ kind: "relabel", labels: left });
  }

  override restore(host: Host, removed: Removed): void {
    this.settle(host);
    const pieces = piecesOf(removed, this.model.source.exclusive_turns);
    const start = removed.words[0]?.start ?? 0;
    const later = this.model.segments.findIndex((each) => each.start > start);
    const { doc } = host.state;
    const isLast = later < 0;
    const number = isLast ? doc.lines : lineOf(host.state, this.model, later);
    const at = isLast ? doc.length : doc.line(number).from;
    const { text, marks } = textOf(pieces.map((each) => each.segment));
    const insert = isLast ? `\n${text}` : `${text}\n`;
    const first = isLast ? at + 1 : at;
    const starts: LineStart[] = [];
    let from = first;
    text.split("\n").forEach((line, index) => {
      starts.push({ at: from, speaker: pieces[index]?.segment.speaker ?? null });
      from += line.length + 1;
    });
    if (!isLast) starts.push({ at: from, speaker: speakerOfLine(host.state, number) });
    const placed = marks.map(({ id, from, to }) => ({ id, from: from + first, to: to + first }));
    this.undoing.step(() =>
      host.dispatch({
        changes: { from: at, insert },
        effects: [putMarks.of(placed), startLines.of(starts)],
      }),
    );
    this.settle(host);
  }

  /** Make the lines that differ say what another version says. */
  override become(host: Host, other: Transcript): void {
    this.settle(host);
    const known = new Set(this.model.speakers.map((each) => each.label));
    this.undoing.step(() => {
      this.write(() => {
        for (const { label, name } of other.speakers) {
          if (!known.has(label) || name !== this.nameOf(label)) this.speakers.rename(label, name);
        }
      });
      for (const segment of other.segments) {
        this.archive.renew({ segment, translations: {} });
      }
      this.rewrite(host, other);
    });
    this.settle(host);
  }

  override undo(host: Host): boolean {
    return this.move(host, () => this.undoing.undo());
  }

  override redo(host: Host): boolean {
    return this.move(host, () => this.undoing.redo());
  }

  /** The service found words in the sound. */
  retime(times: ReadonlyMap<string, Span>): void {
    this.model.retime(times);
    for (const id of times.keys()) {
      if (this.model.has(id)) this.archive.keep(this.model.piece(this.model.place(id)[0]));
    }
  }

  /** Somebody, perhaps elsewhere, deleted words with their sound, or brought sound back. */
  hush(spans: readonly Span[]): void {
    if (isSame(spans, this.model.silenced)) return;
    this.model.silenced = spans;
    this.operations.push({ kind: "together", operations: [] });
    this.changedElsewhere();
  }

  readonly speakerOf = (state: EditorState, line: number): string | null =>
    this.speakers.become(speakerOfLine(state, line));

  private move(host: Host, step: () => boolean): boolean {
    this.settle(host);
    const isDone = step();
    this.settle(host);
    return isDone;
  }

  private decide(host: Host, operation: Operation): void {
    switch (operation.kind) {
      case "together":
        this.decideAll(host, operation.operations);
        break;
      case "replace":
        this.acceptWord(host, operation.word);
        break;
      case "relabel":
        for (const [speaker, words] of bySpeaker(operation.labels)) this.give(host, words, speaker);
        break;
      case "rename":
        this.write(() => this.speakers.rename(operation.speaker, operation.name));
        break;
      case "add_speaker": {
        const { label, name } = operation.speaker;
        this.write(() => this.speakers.rename(label, name));
      }
    }
  }

  /** Whoever is removed once their words are another's is that other from now on. */
  private decideAll(host: Host, operations: readonly Operation[]): void {
    const gone = operations.find((each) => each.kind === "remove_speaker");
    const given = operations.find((each) => each.kind === "relabel")?.labels[0]?.speaker;
    if (gone && given) this.write(() => this.speakers.merge(gone.speaker, given));
    else for (const each of operations) this.decide(host, each);
  }

  private acceptWord(host: Host, id: string): void {
    const mark = placeOf(host.state, this.model, id);
    if (mark) host.dispatch({ effects: accept.of([{ from: mark.from, to: mark.to }]) });
    this.confide(id, true);
  }

  /** Cut lines where whose words they are changes, and write there who speaks. */
  private give(host: Host, words: readonly string[], speaker: string | null): void {
    const wanted = new Set(words);
    const { state } = host;
    const cuts: { from: number; to: number; insert: string }[] = [];
    const starts = new Map<number, string | null>();
    const segments = new Set(words.flatMap((word) => this.model.segmentOf(word) ?? []));
    const next: number[] = [];
    for (const segment of segments) {
      const first = placeOf(state, this.model, segment.words[0]?.id ?? "");
      if (!first) continue;
      const line = state.doc.lineAt(first.from);
      const marks = marksBetween(state, line.from, line.to);
      let before: { to: number; isWanted: boolean } | undefined;
      for (const mark of marks) {
        const isWanted = wanted.has(mark.id);
        const from = before ? mark.from : line.from;
        if (before && before.isWanted !== isWanted) {
          cuts.push({ from: before.to, to: mark.from, insert: "\n" });
        }
        if (before?.isWanted !== isWanted) {
          starts.set(from, isWanted ? speaker : segment.speaker);
        }
        before = { to: mark.to, isWanted };
      }
      if (line.number < state.doc.lines) next.push(line.number + 1);
    }
    for (const number of next) {
      const { from } = state.doc.line(number);
      if (starts.has(from) || ownSpeaker(state, number) !== undefined) continue;
      starts.set(from, speakerOfLine(state, number));
    }
    const changes = state.changes(cuts);
    const placed = [...starts].map(([at, who]) => ({ at: changes.mapPos(at, 1), speaker: who }));
    host.dispatch({ changes, effects: startLines.of(placed) });
  }

  /** Lines that say the same stay: what others write in them meanwhile stays, too. */
  private rewrite(host: Host, other: Transcript): void {
    const { state } = host;
    const spoken = other.segments.filter((each) => each.words.length);
    const now = lineKeys(state, this.speakerOf);
    const wanted = versionLines(spoken);
    let first = 0;
    while (first < Math.min(now.length, wanted.length) && now[first] === wanted[first]) first++;
    let alike = 0;
    const most = Math.min(now.length, wanted.length) - first;
    while (alike < most && now.at(-1 - alike) === wanted.at(-1 - alike)) alike++;
    const segments = spoken.slice(first, spoken.length - alike);
    const gone = now.length - alike - first;
    if (!gone && !segments.length) return;
    this.replaceLines(host, first, gone, segments);
  }

  /** Put segments in the place of so many lines, from one on. */
  private replaceLines(
    host: Host,
    first: number,
    gone: number,
    segments: readonly Segment[],
  ): void {
    const { doc } = host.state;
    const { text, marks } = textOf(segments);
    const isAfterLast = first >= doc.lines;
    const from = isAfterLast ? doc.length : doc.line(first + 1).from;
    const to = gone ? doc.line(first + gone).to : from;
    const before = isAfterLast ? "\n" : "";
    const after = !gone && !isAfterLast ? "\n" : "";
    const isCut = !segments.length;
    const shift = from + before.length;
    const starts: LineStart[] = [];
    let at = shift;
    text.split("\n").forEach((line, index) => {
      starts.push({ at, speaker: segments[index]?.speaker ?? null });
      at += line.length + 1;
    });
    const next = first + gone + 1;
    if (after) starts.push({ at, speaker: speakerOfLine(host.state, next) });
    if (isCut) {
      host.dispatch({ changes: { from, to: Math.min(doc.length, to + 1) } });
      return;
    }
    const placed = marks.map((mark) => ({ ...mark, from: mark.from + shift, to: mark.to + shift }));
    host.dispatch({
      changes: { from, to, insert: before + text + after },
      effects: [putMarks.of(placed), startLines.of(starts)],
    });
  }

  private nameOf(label: string): string | null {
    return this.model.speakers.find((each) => each.label === label)?.name ?? null;
  }

  private write(act: () => void): void {
    this.shared.speakers.doc?.transact(act, this.binding.doing);
  }

  private readonly renamed = ({ keysChanged }: Y.YMapEvent<Entry>): void => {
    const before = this.model.speakers;
    this.speakers.settle();
    this.operations.push({ kind: "together", operations: [] });
    if (this.host) this.reconsider(this.host, keysChanged);
    if (this.model.speakers !== before) this.changedElsewhere();
  };

  /** Lines of labels that may be others now are to be told anew. */
  private reconsider(host: Host, labels: ReadonlySet<string>): void {
    const { state } = host;
    const starts: LineStart[] = [];
    for (let number = 1; number <= state.doc.lines; number++) {
      const speaker = speakerOfLine(state, number);
      if (speaker === null || !labels.has(speaker)) continue;
      starts.push({ at: state.doc.line(number).from, speaker: ownSpeaker(state, number) });
    }
    if (!starts.length) return;
    host.dispatch({ effects: startLines.of(starts), annotations: fromRoom.of(true) });
    this.changedElsewhere();
  }

  private accepted({
    from,
    to,
    isAccepted,
  }: {
    from: number;
    to: number;
    isAccepted: boolean;
  }): void {
    if (!this.host) return;
    for (const { id } of marksBetween(this.host.state, from, to)) this.confide(id, isAccepted);
  }

  private confide(id: string, isAccepted: boolean): void {
    const word = this.model.word(id);
    if (!word) return;
    const former = this.archive.confidence(id, word.text) ?? this.sourceConfidence(word);
    const confidence = isAccepted ? SURE : former;
    if (word.confidence === confidence) return;
    this.archive.keep(this.model.piece(this.model.place(id)[0]));
    this.told({ kind: "replace", word: id, text: word.text, confidence });
  }

  private sourceConfidence({ id, confidence }: Word): number | null {
    for (const segment of this.model.source.segments) {
      const word = segment.words.find((each) => each.id === id);
      if (word) return word.confidence;
    }
    return confidence;
  }

  private told(operation: Operation): void {
    this.model.apply(operation);
    this.operations.push(operation);
  }

  private know(id: string): void {
    if (!this.model.has(id) && !this.archive.word(id)) this.archive.admit(id);
  }

  /** Removed text whose words stand in the text again is none any more. */
  private takeBackRemoved(state: EditorState): void {
    if (!this.model.removed.length) return;
    for (const { from, to } of state.field(unsettled)) {
      for (const { id } of marksBetween(state, from, to)) {
        if (!this.model.isRemoved(id)) continue;
        const at = this.model.removed.findIndex(({ words }) => words.some((w) => w.id === id));
        const removed = this.model.removed[at];
        if (!removed) continue;
        this.model.dropRemoved(at);
        this.putBack.push({ removed, at });
      }
    }
  }

  private removeAgain(): void {
    const isThere = ({ words }: Removed) => words.some((word) => this.model.has(word.id));
    for (const { removed, at } of this.putBack.filter((each) => !isThere(each.removed))) {
      this.model.putRemoved(Math.min(at, this.model.removed.length), removed);
    }
    this.putBack = this.putBack.filter((each) => isThere(each.removed));
  }
}

/** A state without an editor. */
class Plain implements Host {
  constructor(public state: EditorState) {}

  dispatch(...specs: Parameters<Host["dispatch"]>): void {
    this.state = this.state.update(...specs).state;
  }
}

function bySpeaker(
  labels: readonly { readonly word: string; readonly speaker: string | null }[],
): Map<string | null, string[]> {
  const found = new Map<string | null, string[]>();
  for (const { word, speaker } of labels) {
    const words = found.get(speaker);
    if (words) words.push(word);
    else found.set(speaker, [word]);
  }
  return found;
}
