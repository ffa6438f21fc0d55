// The time, for what says how long something still takes; it ticks while somebody looks.

import { createSubscriber } from "svelte/reactivity";

const TICK_MS = 1000;

const ticking = createSubscriber((tick) => {
  const timer = setInterval(tick, TICK_MS);
  return () => clearInterval(timer);
});

export const now = {
  get value(): number {
    ticking();
    return Date.now();
  },
};
