/** Utterances that are to be said otherwise, collected until they are made in one go. */

export class Changes {
  texts = $state<Record<string, string>>({});
  again = $state<string[]>([]);

  get count(): number {
    return new Set([...Object.keys(this.texts), ...this.again]).size;
  }

  /** What is to become of an utterance; empty if it stays. */
  kindOf(id: string): "" | "again" | "edited" | "original" {
    const text = this.texts[id];
    if (text !== undefined) return text ? "edited" : "original";
    return this.again.includes(id) ? "again" : "";
  }

  sayAgain(id: string): void {
    this.drop(id);
    this.again.push(id);
  }

  /** With an empty text the original is left. */
  write(id: string, text: string): void {
    this.drop(id);
    this.texts[id] = text.trim();
  }

  drop(id: string): void {
    delete this.texts[id];
    this.again = this.again.filter((each) => each !== id);
  }

  clear(): void {
    this.texts = {};
    this.again = [];
  }
}
