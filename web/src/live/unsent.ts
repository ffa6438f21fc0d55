// Sound that the service has not said it received: it is sent again over the next line.

export class Unsent {
  #chunks: ArrayBuffer[] = [];
  /** Bytes before the first chunk. */
  #from = 0;

  add(chunk: ArrayBuffer): void {
    this.#chunks.push(chunk);
  }

  /** Forget what lies before byte number *received*. */
  forget(received: number): void {
    let [first] = this.#chunks;
    while (first && this.#from + first.byteLength <= received) {
      this.#from += first.byteLength;
      this.#chunks.shift();
      [first] = this.#chunks;
    }
  }

  /** What is to be sent to whoever has received so many bytes. */
  after(received: number): ArrayBuffer[] {
    this.forget(received);
    const skip = Math.max(0, received - this.#from);
    const [first, ...others] = this.#chunks;
    return first ? [first.slice(skip), ...others] : [];
  }
}
