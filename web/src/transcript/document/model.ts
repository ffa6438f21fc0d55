/** A transcript that operations are applied to, by the rules of trax.revision. */

import {
  checkText,
  covering,
  cut,
  frameOf,
  halves,
  inOrder,
  insertOf,
  inside,
  joined,
  labelOf,
  spanOf,
  withWords,
} from "./pieces";
import {
  type Insert,
  type Label,
  Misfit,
  type Operation,
  type Piece,
  type Removed,
  type Segment,
  type Span,
  type Speaker,
  type Transcript,
  type Word,
} from "./types";

type Withdraw = Extract<Operation, { kind: "withdraw" }>;
type Translations = Record<string, string[]>;

export class Model {
  readonly segments: Segment[];
  speakers: readonly Speaker[];
  removed: readonly Removed[];
  readonly translations: Translations = {};
  private readonly holder = new Map<string, Segment>();
  private readonly taken = new Set<string>();
  private readonly empty: readonly string[];

  constructor(readonly source: Transcript) {
    this.segments = [...source.segments];
    this.speakers = source.speakers;
    this.removed = source.removed;
    const translations = source.notes?.translations ?? {};
    for (const [language, texts] of Object.entries(translations)) {
      if (texts.length === this.segments.length) this.translations[language] = [...texts];
    }
    this.empty = Object.keys(this.translations);
    for (const segment of this.segments) this.hold(segment);
    for (const each of this.removed) for (const word of each.words) this.taken.add(word.id);
  }

  has(word: string): boolean {
    return this.holder.has(word);
  }

  isRemoved(word: string): boolean {
    return this.taken.has(word);
  }

  segmentOf(word: string): Segment | undefined {
    return this.holder.get(word);
  }

  word(id: string): Word | undefined {
    return this.holder.get(id)?.words.find((each) => each.id === id);
  }

  /** The number of the segment that holds a word, and the word's number in it. */
  place(word: string): [number, number] {
    const segment = this.holder.get(word);
    if (!segment) throw new Misfit(`no word ${word}`);
    return [this.segments.indexOf(segment), segment.words.findIndex((each) => each.id === word)];
  }

  segment(number: number): Segment {
    const segment = this.segments[number];
    if (!segment) throw new Misfit(`no segment ${number}`);
    return segment;
  }

  piece(number: number): Piece {
    const translations: Record<string, string> = {};
    for (const language of this.empty) {
      translations[language] = this.translations[language]?.[number] ?? "";
    }
    return { segment: this.segment(number), translations };
  }

  apply(operation: Operation): void {
    switch (operation.kind) {
      case "replace":
        this.replaced(operation.word, operation.text, operation.confidence);
        break;
      case "insert":
        this.inserted(operation);
        break;
      case "delete":
        this.deleted(operation.words, operation.span);
        break;
      case "relabel":
        this.relabelled(operation.labels);
        break;
      case "rename":
        this.renamed(operation.speaker, operation.name);
        break;
      case "add_speaker":
        this.speakerAdded(operation.speaker, operation.at);
        break;
      case "remove_speaker":
        this.speakerRemoved(operation.speaker);
        break;
      case "split":
        this.split(operation.before, operation.frames);
        break;
      case "join":
        this.join(operation.word, operation.frame);
        break;
      case "restore":
        this.restored(operation.word, operation.pieces);
        break;
      case "withdraw":
        this.withdrawn(operation);
        break;
      case "together":
        for (const each of operation.operations) this.apply(each);
    }
  }

  /** Apply an operation, and give what undoes it. */
  applied(operation: Operation): Operation {
    if (operation.kind === "together") {
      const back = operation.operations.map((each) => this.applied(each));
      return { kind: "together", operations: back.reverse() };
    }
    const back = this.inverse(operation);
    this.apply(operation);
    return back;
  }

  snapshot(): Transcript {
    const notes = this.source.notes;
    const translations = { ...notes?.translations, ...this.translations };
    return {
      ...this.source,
      segments: [...this.segments],
      speakers: this.speakers,
      removed: this.removed,
      notes: notes && { ...notes, translations },
    };
  }

  speakerAt(label: string): number {
    const at = this.speakers.findIndex((each) => each.label === label);
    if (at < 0) throw new Misfit(`no speaker ${label}`);
    return at;
  }

  run(words: readonly string[]): [number, number] {
    const first = words[0];
    if (first === undefined) throw new Misfit("an operation needs at least one word");
    const [number, at] = this.place(first);
    const found = this.segment(number).words.slice(at, at + words.length);
    if (found.length !== words.length || found.some((word, i) => word.id !== words[i])) {
      throw new Misfit("these words do not stand side by side in one segment");
    }
    return [number, at];
  }

  private inverse(operation: Exclude<Operation, { kind: "together" }>): Operation {
    switch (operation.kind) {
      case "replace": {
        const word = this.word(operation.word);
        if (!word) throw new Misfit(`no word ${operation.word}`);
        return { kind: "replace", word: word.id, text: word.text, confidence: word.confidence };
      }
      case "insert":
        return this.insertUndoing(operation);
      case "delete":
        return this.deleteUndoing(operation.words);
      case "relabel":
        return this.relabelUndoing(operation.labels);
      case "rename": {
        const name = this.speakers[this.speakerAt(operation.speaker)]?.name ?? null;
        return { kind: "rename", speaker: operation.speaker, name };
      }
      case "add_speaker":
        return { kind: "remove_speaker", speaker: operation.speaker.label };
      case "remove_speaker": {
        const at = this.speakerAt(operation.speaker);
        return { kind: "add_speaker", speaker: this.speakers[at] as Speaker, at };
      }
      case "split": {
        const [number] = this.place(operation.before);
        return { kind: "join", word: operation.before, frame: frameOf(this.piece(number)) };
      }
      case "join": {
        const number = this.secondOf(operation.word);
        const frames = [frameOf(this.piece(number - 1)), frameOf(this.piece(number))] as const;
        return { kind: "split", before: operation.word, frames };
      }
      case "restore": {
        const at = this.removedAt(operation.word);
        const removed = this.removed[at] as Removed;
        return { kind: "withdraw", words: removed.words.map((word) => word.id), removed, at };
      }
      case "withdraw": {
        const pieces = this.segmentsOf(operation.words).map((number) => this.piece(number));
        return { kind: "restore", word: operation.removed.words[0]?.id ?? "", pieces };
      }
    }
  }

  private splice(number: number, count: number, pieces: readonly Piece[]): void {
    for (let at = number; at < number + count; at++) {
      for (const word of this.segment(at).words) this.holder.delete(word.id);
    }
    this.segments.splice(number, count, ...pieces.map((each) => each.segment));
    for (const language of this.empty) {
      const texts = pieces.map((each) => each.translations[language] ?? "");
      this.translations[language]?.splice(number, count, ...texts);
    }
    for (const each of pieces) this.hold(each.segment);
  }

  private hold(segment: Segment): void {
    for (const word of segment.words) this.holder.set(word.id, segment);
  }

  private resegmented(number: number, change: Partial<Segment>): void {
    const piece = this.piece(number);
    this.splice(number, 1, [{ ...piece, segment: { ...piece.segment, ...change } }]);
  }

  private replaced(id: string, text: string, confidence: number | null): void {
    checkText(text);
    const [number, at] = this.place(id);
    const words = [...this.segment(number).words];
    words[at] = { ...(words[at] as Word), text, confidence };
    this.resegmented(number, { words });
  }

  private inserted(operation: Insert): void {
    this.checkNew(operation.words);
    if (operation.frame) {
      inOrder(operation.words);
      const at = this.segmentPlace(operation);
      const piece = withWords(operation.frame, operation.words, operation.frame.segment.speaker);
      this.splice(at, 0, [piece]);
    } else this.insertedBeside(operation);
  }

  private insertedBeside(operation: Insert): void {
    const [number, at] = this.anchor(operation);
    const segment = this.segment(number);
    const added = operation.words.map((word) => ({ ...word, speaker: segment.speaker }));
    inOrder([
      ...segment.words.slice(Math.max(0, at - 1), at),
      ...added,
      ...segment.words.slice(at, at + 1),
    ]);
    const words = [...segment.words.slice(0, at), ...added, ...segment.words.slice(at)];
    const needed = covering(added);
    const span = operation.span ?? {
      start: Math.min(segment.start, needed.start),
      end: Math.max(segment.end, needed.end),
    };
    inside(words, span);
    this.resegmented(number, { words, start: span.start, end: span.end });
  }

  private deleted(ids: readonly string[], span: Span | null): void {
    const [number, at] = this.run(ids);
    const words = this.segment(number).words.toSpliced(at, ids.length);
    if (span) inside(words, span);
    if (words.length) this.resegmented(number, { words, ...(span && spanOf(span)) });
    else this.splice(number, 1, []);
  }

  private relabelled(labels: readonly Label[]): void {
    const wanted = this.labels(labels);
    for (const number of this.touched(wanted).reverse()) {
      this.splice(number, 1, cut(this.piece(number), wanted));
    }
  }

  private renamed(label: string, name: string | null): void {
    if (name !== null && !name.trim()) throw new Misfit("a speaker's name is not empty");
    const at = this.speakerAt(label);
    this.speakers = this.speakers.with(at, { ...(this.speakers[at] as Speaker), name });
  }

  private speakerAdded(speaker: Speaker, at: number | null): void {
    if (!speaker.label || this.speakers.some((each) => each.label === speaker.label)) {
      throw new Misfit(`a new speaker needs a label of their own, not ${speaker.label}`);
    }
    this.speakers = this.speakers.toSpliced(at ?? this.speakers.length, 0, speaker);
  }

  private speakerRemoved(label: string): void {
    const at = this.speakerAt(label);
    const speaks = this.segments.some((each) => each.words.some((word) => word.speaker === label));
    if (speaks || this.source.turns.some((turn) => turn.speaker === label)) {
      throw new Misfit(`speaker ${label} has words or turns and stays`);
    }
    this.speakers = this.speakers.toSpliced(at, 1);
  }

  private split(before: string, frames: readonly [Piece, Piece] | null): void {
    const [number, at] = this.place(before);
    if (!at) throw new Misfit("a segment begins with this word already");
    const whole = this.piece(number);
    const { words, speaker } = whole.segment;
    const [first, second] = frames ?? halves(whole, at);
    this.splice(number, 1, [
      withWords(first, words.slice(0, at), speaker),
      withWords(second, words.slice(at), speaker),
    ]);
  }

  private join(word: string, frame: Piece | null): void {
    const number = this.secondOf(word);
    const first = this.piece(number - 1);
    const second = this.piece(number);
    const words = [...first.segment.words, ...second.segment.words];
    if (!frame) inOrder(words);
    const whole = withWords(frame ?? joined(first, second), words, first.segment.speaker);
    this.splice(number - 1, 2, [whole]);
  }

  private restored(word: string, pieces: readonly Piece[]): void {
    const at = this.removedAt(word);
    if (!pieces.length) throw new Misfit("restored text needs its segments");
    for (const each of this.removed[at]?.words ?? []) this.taken.delete(each.id);
    this.removed = this.removed.toSpliced(at, 1);
    for (const piece of pieces) {
      const later = this.segments.findIndex((each) => each.start > piece.segment.start);
      this.splice(later < 0 ? this.segments.length : later, 0, [piece]);
    }
  }

  private withdrawn(operation: Withdraw): void {
    for (const number of this.segmentsOf(operation.words).reverse()) this.splice(number, 1, []);
    this.removed = this.removed.toSpliced(operation.at, 0, operation.removed);
    for (const word of operation.removed.words) this.taken.add(word.id);
  }

  private insertUndoing(operation: Insert): Operation {
    const words = operation.words.map((word) => word.id);
    if (operation.frame) return { kind: "delete", words, span: null };
    const [number] = this.anchor(operation);
    return { kind: "delete", words, span: spanOf(this.segment(number)) };
  }

  private deleteUndoing(ids: readonly string[]): Operation {
    const [number, at] = this.run(ids);
    const segment = this.segment(number);
    const words = segment.words.slice(at, at + ids.length);
    if (words.length === segment.words.length) {
      return insertOf(words, { ...this.neighbour(number), frame: frameOf(this.piece(number)) });
    }
    const beside = at
      ? { after: segment.words[at - 1]?.id ?? "" }
      : { before: segment.words[at + ids.length]?.id ?? "" };
    return insertOf(words, { ...beside, span: spanOf(segment) });
  }

  /** The word beside which a segment of its own goes. */
  private neighbour(number: number): { after?: string; before?: string } {
    for (let at = number - 1; at >= 0; at--) {
      const word = this.segment(at).words.at(-1);
      if (word) return { after: word.id };
    }
    for (let at = number + 1; at < this.segments.length; at++) {
      const word = this.segment(at).words[0];
      if (word) return { before: word.id };
    }
    return {};
  }

  private relabelUndoing(labels: readonly Label[]): Operation {
    const wanted = this.labels(labels);
    const back: Label[] = [];
    const joins: Operation[] = [];
    for (const number of this.touched(wanted)) {
      const piece = this.piece(number);
      for (const word of piece.segment.words) if (wanted.has(word.id)) back.push(labelOf(word));
      for (const each of cut(piece, wanted).slice(1)) {
        joins.push({ kind: "join", word: each.segment.words[0]?.id ?? "", frame: frameOf(piece) });
      }
    }
    const relabel: Operation = { kind: "relabel", labels: back };
    return joins.length ? { kind: "together", operations: [relabel, ...joins] } : relabel;
  }

  private labels(labels: readonly Label[]): Map<string, Label> {
    if (!labels.length) throw new Misfit("an operation needs at least one word");
    for (const label of labels) {
      if (!this.holder.has(label.word)) throw new Misfit(`no word ${label.word}`);
      if (label.speaker !== null) this.speakerAt(label.speaker);
    }
    return new Map(labels.map((label) => [label.word, label]));
  }

  private touched(labels: ReadonlyMap<string, Label>): number[] {
    const segments = new Set([...labels.keys()].map((id) => this.holder.get(id) as Segment));
    const numbers: number[] = [];
    this.segments.forEach((segment, number) => {
      if (segments.has(segment)) numbers.push(number);
    });
    return numbers;
  }

  private anchor(operation: Insert): [number, number] {
    if (Boolean(operation.after) === Boolean(operation.before)) {
      throw new Misfit("words are put in after a word or before one");
    }
    const [number, at] = this.place(operation.after || operation.before);
    return [number, operation.after ? at + 1 : at];
  }

  private segmentPlace(operation: Insert): number {
    if (!operation.after && !operation.before && !this.holder.size) return this.segments.length;
    const [number] = this.anchor(operation);
    return operation.after ? number + 1 : number;
  }

  private secondOf(word: string): number {
    const [number, at] = this.place(word);
    if (at || !number) throw new Misfit("only a segment that follows another can be joined to it");
    const before = this.segment(number - 1);
    if (before.speaker !== this.segment(number).speaker || !before.words.length) {
      throw new Misfit("only segments of one speaker can be joined");
    }
    return number;
  }

  private removedAt(word: string): number {
    const at = this.removed.findIndex((each) => each.words[0]?.id === word);
    if (at < 0) throw new Misfit(`no removed text begins with ${word}`);
    return at;
  }

  private segmentsOf(ids: readonly string[]): number[] {
    const wanted = new Set(ids);
    const segments = new Set(ids.map((id) => this.segment(this.place(id)[0])));
    const words = [...segments].flatMap((segment) => segment.words);
    if (!segments.size || words.some((word) => !wanted.has(word.id))) {
      throw new Misfit("only whole segments can be removed again");
    }
    return [...segments].map((segment) => this.segments.indexOf(segment)).sort((a, b) => a - b);
  }

  private checkNew(words: readonly Word[]): void {
    if (!words.length) throw new Misfit("an operation needs at least one word");
    const seen = new Set<string>();
    for (const word of words) {
      checkText(word.text);
      const known = this.holder.has(word.id) || this.taken.has(word.id) || seen.has(word.id);
      if (!word.id || known) throw new Misfit(`the new word ${word.text} needs an id of its own`);
      seen.add(word.id);
    }
  }
}
