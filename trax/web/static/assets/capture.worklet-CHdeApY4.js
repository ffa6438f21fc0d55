// Runs beside the page: the microphone's samples, 100 ms at a time, as 16-bit numbers.

const SIZE = 1600;

class Capture extends AudioWorkletProcessor {
  #samples = new Int16Array(SIZE);
  #count = 0;
  #power = 0;

  process(inputs) {
    const heard = inputs[0]?.[0];
    if (!heard) return true;
    for (const sample of heard) {
      const limited = Math.max(-1, Math.min(1, sample));
      this.#samples[this.#count] = Math.round(limited * 32767);
      this.#power += limited * limited;
      this.#count += 1;
      if (this.#count === SIZE) this.#send();
    }
    return true;
  }

  #send() {
    const { buffer } = this.#samples;
    this.port.postMessage({ buffer, power: this.#power / SIZE }, [buffer]);
    this.#samples = new Int16Array(SIZE);
    this.#count = 0;
    this.#power = 0;
  }
}

registerProcessor("capture", Capture);
