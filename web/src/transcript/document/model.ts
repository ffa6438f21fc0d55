/** A transcript that operations are applied to, by the rules of trax.revision. */

import { Layout } from "./layout";
import { frameOf } from "./pieces";
import { removedAt, restore, segmentsOf, withdraw } from "./removals";
import { join, secondOf, split } from "./segments";
import { silence, unsilence } from "./silences";
import { addSpeaker, relabel, removeSpeaker, rename, undoingRelabel } from "./speakers";
import { Misfit, type Operation, type Removed, type Speaker, type Transcript } from "./types";
import { deleteWords, insertWords, replaceText, undoingDelete, undoingInsert } from "./words";

export class Model extends Layout {
  apply(operation: Operation): void {
    switch (operation.kind) {
      case "replace":
        replaceText(this, operation.word, operation.text, operation.confidence);
        break;
      case "insert":
        insertWords(this, operation);
        break;
      case "delete":
        deleteWords(this, operation.words, operation.span);
        break;
      case "relabel":
        relabel(this, operation.labels);
        break;
      case "rename":
        rename(this, operation.speaker, operation.name);
        break;
      case "add_speaker":
        addSpeaker(this, operation.speaker, operation.at);
        break;
      case "remove_speaker":
        removeSpeaker(this, operation.speaker);
        break;
      case "split":
        split(this, operation.before, operation.frames);
        break;
      case "join":
        join(this, operation.word, operation.frame);
        break;
      case "restore":
        restore(this, operation.word, operation.pieces);
        break;
      case "withdraw":
        withdraw(this, operation);
        break;
      case "silence":
        silence(this, operation.spans);
        break;
      case "unsilence":
        unsilence(this, operation.spans);
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
    const { silenced: _, ...source } = this.source;
    const notes = source.notes;
    const translations = { ...notes?.translations, ...this.translations };
    return {
      ...source,
      segments: [...this.segments],
      speakers: this.speakers,
      removed: this.removed,
      ...(this.silenced.length ? { silenced: this.silenced } : {}),
      notes: notes && { ...notes, translations },
    };
  }

  private inverse(operation: Exclude<Operation, { kind: "together" }>): Operation {
    switch (operation.kind) {
      case "replace": {
        const word = this.word(operation.word);
        if (!word) throw new Misfit(`no word ${operation.word}`);
        return { kind: "replace", word: word.id, text: word.text, confidence: word.confidence };
      }
      case "insert":
        return undoingInsert(this, operation);
      case "delete":
        return undoingDelete(this, operation.words);
      case "relabel":
        return undoingRelabel(this, operation.labels);
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
        const number = secondOf(this, operation.word);
        const frames = [frameOf(this.piece(number - 1)), frameOf(this.piece(number))] as const;
        return { kind: "split", before: operation.word, frames };
      }
      case "restore": {
        const at = removedAt(this, operation.word);
        const removed = this.removed[at] as Removed;
        return { kind: "withdraw", words: removed.words.map((word) => word.id), removed, at };
      }
      case "silence":
        return { kind: "unsilence", spans: operation.spans };
      case "unsilence":
        return { kind: "silence", spans: operation.spans };
      case "withdraw": {
        const pieces = segmentsOf(this, operation.words).map((number) => this.piece(number));
        return { kind: "restore", word: operation.removed.words[0]?.id ?? "", pieces };
      }
    }
  }
}
