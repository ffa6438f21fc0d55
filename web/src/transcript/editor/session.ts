/** An edited transcript: its text, its model, and what is yet to be saved. */

import { history, isolateHistory, redo, undo } from "@codemirror/commands";
import {
  type ChangeSpec,
  EditorState,
  type Extension,
  type Transaction,
  type TransactionSpec,
} from "@codemirror/state";
import { Archive } from "../document/archive";
import { Model } from "../document/model";
import { covering } from "../document/pieces";
import { saidIn } from "../document/silences";
import { plainFrame } from "../document/times";
import {
  type Label,
  type Operation,
  type Piece,
  type Removed,
  type Speaker,
  SURE,
  type Transcript,
  type Turn,
  type Word,
} from "../document/types";
import { lineOf, placeOf } from "./finding";
import {
  type Decision,
  decide,
  fromTranscript,
  marking,
  marksBetween,
  marksOf,
  putMarks,
  remembering,
  textOf,
  wordMarks,
} from "./marks";
import { settleText } from "./settling";
import { withoutWords } from "./taking";

/** Whatever shows a state and takes transactions: an editor's view, or a test. */
export interface Host {
  readonly state: EditorState;
  dispatch(...specs: TransactionSpec[]): void;
}

export class Session {
  readonly archive = new Archive();
  readonly model: Model;
  protected operations: Operation[] = [];

  constructor(
    transcript: Transcript,
    protected readonly newId?: () => string,
  ) {
    this.model = new Model(transcript);
  }

  /** The state that an editor begins with. */
  begin(extensions: Extension = []): EditorState {
    const { text, marks } = textOf(this.model.segments);
    return EditorState.create({
      doc: text,
      extensions: [
        history({ minDepth: 100_000 }),
        marking,
        remembering,
        wordMarks.init(() => marksOf(marks)),
        EditorState.lineSeparator.of("\n"),
        extensions,
      ],
    });
  }

  /** The editor that shows it; null once it does not any more. */
  show(_host: Host | null): void {}

  /** The editor changed. */
  sent(_transaction: Transaction): void {}

  /** Tell the model what was typed. */
  settle(host: Host): void {
    const settled = settleText(host.state, this.model, this.archive, { newId: this.newId });
    if (!settled) return;
    this.operations.push(...settled.operations);
    host.dispatch(settled.spec);
  }

  /** Do what is not in the text alone, as one step that can be undone. */
  perform(host: Host, operation: Operation, spec: TransactionSpec = {}): void {
    this.settle(host);
    this.archiveTouched(operation);
    const inverse = this.model.applied(operation);
    const labels = new Map(labelsOf(operation).map((label) => [label.word, label.speaker]));
    this.operations.push(operation);
    const former = this.archive.openersOf(wordsOf(operation));
    const openers = former.map(
      ([word, speaker]) => [word, labels.has(word) ? (labels.get(word) ?? null) : speaker] as const,
    );
    this.archive.open(openers);
    host.dispatch({
      ...spec,
      effects: [...[spec.effects ?? []].flat(), decide.of({ operation, inverse, openers, former })],
      annotations: [isolateHistory.of("full"), fromTranscript.of(true)],
    });
  }

  /** Give words to a speaker: lines are cut where the speaker changes. */
  assign(host: Host, words: readonly string[], speaker: string | null): void {
    this.settle(host);
    const labels = words.map((word) => ({ word, speaker, doubts: [], confidence: SURE }));
    const changes = this.cuts(host.state, new Set(words), speaker);
    this.perform(host, { kind: "relabel", labels }, { changes });
  }

  /** Delete words and the sound of them, as one step. */
  silence(host: Host, words: readonly Word[]): void {
    this.settle(host);
    const spans = saidIn(this.model, words);
    const first = placeOf(host.state, this.model, words[0]?.id ?? "");
    const last = placeOf(host.state, this.model, words.at(-1)?.id ?? "");
    if (!first || !last) return;
    const gone = new Set(words.map((word) => word.id));
    const changes = withoutWords(host.state, first.from, last.to, (id) => gone.has(id));
    const operation: Operation = { kind: "silence", spans };
    const inverse = this.model.applied(operation);
    this.operations.push(operation);
    host.dispatch({
      changes,
      effects: decide.of({ operation, inverse, openers: [], former: [] }),
      annotations: isolateHistory.of("full"),
    });
    this.settle(host);
  }

  /** Put removed text back, as lines of its own. */
  restore(host: Host, removed: Removed): void {
    this.settle(host);
    const word = removed.words[0];
    if (!word) return;
    const pieces = piecesOf(removed, this.model.source.exclusive_turns);
    const later = this.model.segments.findIndex((each) => each.start > word.start);
    const { text, marks } = textOf(pieces.map((each) => each.segment));
    const { doc } = host.state;
    const isLast = later < 0;
    const at = isLast ? doc.length : doc.line(lineOf(host.state, this.model, later)).from;
    const shift = isLast && doc.length ? at + 1 : at;
    const insert = isLast ? `${doc.length ? "\n" : ""}${text}` : `${text}\n`;
    const placed = marks.map(({ id, from, to }) => ({ id, from: from + shift, to: to + shift }));
    this.perform(
      host,
      { kind: "restore", word: word.id, pieces },
      { changes: { from: at, insert }, effects: putMarks.of(placed) },
    );
  }

  /** Make the text say what another version says, as one step. */
  become(host: Host, other: Transcript): void {
    this.settle(host);
    for (const speaker of other.speakers) this.admit(host, speaker);
    const last = this.model.segments.length;
    for (let at = 0; at < last; at++) this.archive.keep(this.model.piece(at));
    const former = new Model(other);
    for (let at = 0; at < other.segments.length; at++) this.archive.renew(former.piece(at));
    const { text, marks } = textOf(other.segments);
    host.dispatch({
      changes: { from: 0, to: host.state.doc.length, insert: text },
      effects: putMarks.of(marks),
      annotations: isolateHistory.of("full"),
      userEvent: "input.restore",
    });
    this.settle(host);
  }

  private admit(host: Host, speaker: Speaker): void {
    const known = this.model.speakers.find((each) => each.label === speaker.label);
    if (!known) this.perform(host, { kind: "add_speaker", speaker, at: null });
    else if (known.name !== speaker.name) {
      this.perform(host, { kind: "rename", speaker: speaker.label, name: speaker.name });
    }
  }

  undo(host: Host): boolean {
    return this.step(host, undo);
  }

  redo(host: Host): boolean {
    return this.step(host, redo);
  }

  /** What was done since this was last asked. */
  taken(): Operation[] {
    const taken = this.operations;
    this.operations = [];
    return taken;
  }

  /** Line breaks where lines are to be cut when *wanted* words become somebody's. */
  private cuts(
    state: EditorState,
    wanted: ReadonlySet<string>,
    speaker: string | null,
  ): ChangeSpec[] {
    const changes: ChangeSpec[] = [];
    for (const segment of new Set([...wanted].map((word) => this.model.segmentOf(word)))) {
      const first = segment?.words[0] && placeOf(state, this.model, segment.words[0].id);
      if (!segment || !first) continue;
      const line = state.doc.lineAt(first.from);
      const places = new Map(
        marksBetween(state, line.from, line.to).map((mark) => [mark.id, mark]),
      );
      const speakers = segment.words.map((each) => (wanted.has(each.id) ? speaker : each.speaker));
      segment.words.forEach((word, at) => {
        const before = places.get(segment.words[at - 1]?.id ?? "");
        const mark = places.get(word.id);
        if (!before || !mark || speakers[at] === speakers[at - 1]) return;
        changes.push({ from: before.to, to: mark.from, insert: "\n" });
      });
    }
    return changes;
  }

  private step(host: Host, command: typeof undo): boolean {
    this.settle(host);
    const done = command({
      state: host.state,
      dispatch: (transaction) => {
        for (const effect of transaction.effects) {
          if (effect.is(decide)) this.again(effect.value);
        }
        host.dispatch(transaction);
      },
    });
    this.settle(host);
    return done;
  }

  private again({ operation, openers }: Decision): void {
    this.archiveTouched(operation);
    this.model.apply(operation);
    this.operations.push(operation);
    this.archive.open(openers);
  }

  private archiveTouched(operation: Operation): void {
    for (const word of wordsOf(operation)) {
      if (!this.model.has(word)) continue;
      this.archive.keep(this.model.piece(this.model.place(word)[0]));
    }
  }
}

/** The segments that removed text becomes: a speaker each, by its words or by the turns. */
export function piecesOf(removed: Removed, turns: readonly Turn[]): Piece[] {
  const runs: Word[][] = [];
  for (const word of removed.words) {
    const speaker = word.speaker ?? speakerAt(word, turns);
    const spoken = { ...word, speaker };
    const run = runs.at(-1);
    if (run?.[0]?.speaker === speaker) run.push(spoken);
    else runs.push([spoken]);
  }
  return runs.map((words) => {
    const frame = plainFrame(covering(words));
    return { ...frame, segment: { ...frame.segment, words, speaker: words[0]?.speaker ?? null } };
  });
}

/** Whoever speaks in the middle of a word, or is nearest. */
function speakerAt(word: Word, turns: readonly Turn[]): string | null {
  const middle = (word.start + word.end) / 2;
  const distance = (turn: Turn) => Math.max(0, turn.start - middle, middle - turn.end);
  let found: Turn | undefined;
  for (const turn of turns) if (!found || distance(turn) < distance(found)) found = turn;
  return found?.speaker ?? null;
}

function labelsOf(operation: Operation): readonly Label[] {
  if (operation.kind === "together") return operation.operations.flatMap(labelsOf);
  return operation.kind === "relabel" ? operation.labels : [];
}

function wordsOf(operation: Operation): readonly string[] {
  switch (operation.kind) {
    case "relabel":
      return operation.labels.map((label) => label.word);
    case "delete":
    case "withdraw":
      return operation.words;
    case "replace":
    case "join":
      return [operation.word];
    case "split":
      return [operation.before];
    case "together":
      return operation.operations.flatMap(wordsOf);
    default:
      return [];
  }
}
