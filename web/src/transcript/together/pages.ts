/** Pages that edit together, for tests. */

import type { EditorState, TransactionSpec } from "@codemirror/state";
import * as Y from "yjs";
import type { Transcript } from "../document/types";
import { textOf } from "../editor/marks";
import type { Host } from "../editor/session";
import type { Named } from "./attributes";
import { type Shared, SharedSession } from "./session";

/** A page without an editor: its state, its session, its documents. */
export class Page implements Host {
  readonly docs: readonly Y.Doc[];
  readonly session: SharedSession;
  state: EditorState;
  changedElsewhere = 0;

  constructor(transcript: Transcript, from: readonly Y.Doc[], newId?: () => string) {
    this.docs = from.map((doc) => {
      const copy = new Y.Doc();
      Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc));
      return copy;
    });
    this.session = new SharedSession(
      transcript,
      sharedOf(this.docs),
      () => this.changedElsewhere++,
      newId,
    );
    this.state = this.session.begin();
    this.session.show(this);
  }

  dispatch(...specs: TransactionSpec[]): void {
    const transaction = this.state.update(...specs);
    this.state = transaction.state;
    this.session.sent(transaction);
  }

  settle(): void {
    this.session.settle(this);
  }

  get text(): string {
    return this.state.doc.toString();
  }

  /** Take all that another page has. */
  hear(other: Page): void {
    this.docs.forEach((doc, at) => {
      const theirs = other.docs[at];
      if (theirs)
        Y.applyUpdate(doc, Y.encodeStateAsUpdate(theirs, Y.encodeStateVector(doc)), other);
    });
  }
}

function sharedOf(docs: readonly Y.Doc[]): Shared {
  const texts = docs.slice(0, -1).map((doc) => doc.getText("text"));
  const meta = docs.at(-1) ?? new Y.Doc();
  return { texts, speakers: meta.getMap("speakers") };
}

/** Documents as the service makes them: a text for every *size* segments, and one for the rest. */
export function documents(transcript: Transcript, size = 1000): Y.Doc[] {
  const docs: Y.Doc[] = [];
  const spoken = transcript.segments.filter((segment) => segment.words.length);
  for (let at = 0; at < Math.max(1, spoken.length); at += size) {
    const doc = new Y.Doc();
    const text = doc.getText("text");
    doc.transact(() => {
      for (const segment of spoken.slice(at, at + size)) {
        const { text: line, marks } = textOf([segment]);
        let done = 0;
        add(text, "\n", { s: segment.speaker ?? "", p: segment.words[0]?.id ?? "" });
        for (const mark of marks) {
          add(text, line.slice(done, mark.from), {});
          add(text, line.slice(mark.from, mark.to), { w: mark.id });
          done = mark.to;
        }
      }
      if (!spoken.length) add(text, "\n", {});
    });
    docs.push(doc);
  }
  docs.push(new Y.Doc());
  return docs;
}

function add(text: Y.Text, letters: string, attributes: Named): void {
  if (letters) text.insert(text.length, letters, attributes);
}

/** The text of all documents, as it is shown. */
export const sharedText = (page: Page): string => page.session.parts.read().text;
