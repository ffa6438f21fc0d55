import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Operation } from "./document/types";
import { Unsaved } from "./unsaved";

const renamed = (name: string): Operation => ({ kind: "rename", speaker: "S1", name });
const namesOf = (unsaved: Unsaved) =>
  unsaved.left.map((each) => (each.kind === "rename" ? each.name : each.kind));

/** Locks as browsers have them, of one origin. */
function locks() {
  const held = new Set<string>();
  type Act = (lock: unknown) => unknown;
  const request = async (name: string, ...others: [Act] | [{ ifAvailable: boolean }, Act]) => {
    const act = others.at(-1) as Act;
    if (others.length === 2 && held.has(name)) return act(null);
    held.add(name);
    try {
      return await act({ name });
    } finally {
      held.delete(name);
    }
  };
  return { request };
}

beforeEach(() => {
  localStorage.clear();
  vi.useFakeTimers({ toFake: ["Date"] });
  Object.defineProperty(navigator, "locks", { value: locks(), configurable: true });
});

afterEach(() => {
  vi.useRealTimers();
  Object.defineProperty(navigator, "locks", { value: undefined, configurable: true });
});

test("two pages of one transcript keep their changes apart", async () => {
  const one = await new Unsaved("1", "").open();
  one.keep([renamed("Ann")]);
  const other = await new Unsaved("1", "").open();
  other.keep([renamed("Bob")]);
  other.keep([]);
  expect(other.left).toEqual([]);
  await one.close();
  expect(namesOf(await new Unsaved("1", "").open())).toEqual(["Ann"]);
});

test("what pages left behind is taken over, the oldest first", async () => {
  const one = await new Unsaved("1", "").open();
  const other = await new Unsaved("1", "").open();
  vi.setSystemTime(2);
  one.keep([renamed("Bob")]);
  vi.setSystemTime(1);
  other.keep([renamed("Ann")]);
  await Promise.all([one.close(), other.close()]);
  expect(namesOf(await new Unsaved("1", "").open())).toEqual(["Ann", "Bob"]);
});

test("of two pages that open at once, one takes over", async () => {
  const gone = await new Unsaved("1", "").open();
  gone.keep([renamed("Ann")]);
  await gone.close();
  const heirs = await Promise.all([new Unsaved("1", "").open(), new Unsaved("1", "").open()]);
  expect(heirs.flatMap(namesOf)).toEqual(["Ann"]);
});

test("changes of a transcript whose id begins alike are not taken", async () => {
  const other = await new Unsaved("1.a", "").open();
  other.keep([renamed("Ann")]);
  await other.close();
  expect((await new Unsaved("1", "").open()).left).toEqual([]);
});

test("where the browser has no locks, what was left is taken all the same", async () => {
  Object.defineProperty(navigator, "locks", { value: undefined, configurable: true });
  (await new Unsaved("1", "").open()).keep([renamed("Ann")]);
  expect(namesOf(await new Unsaved("1", "").open())).toEqual(["Ann"]);
});

test("nobody takes over what somebody else changed", async () => {
  const anns = await new Unsaved("1", "ann").open();
  anns.keep([renamed("Ann")]);
  await anns.close();
  expect((await new Unsaved("1", "bob").open()).left).toEqual([]);
  expect(namesOf(await new Unsaved("1", "ann").open())).toEqual(["Ann"]);
});
