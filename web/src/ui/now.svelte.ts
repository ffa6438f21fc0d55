// The time, for what says how long something still takes.

const TICK_MS = 1000;

class Now {
  value = $state(Date.now());

  constructor() {
    setInterval(() => {
      this.value = Date.now();
    }, TICK_MS);
  }
}

export const now = new Now();
