import { afterEach, expect, test, vi } from "vitest";
import type { Desk } from "./desk.svelte";
import { Resembling } from "./resembling.svelte";

afterEach(() => {
  vi.restoreAllMocks();
});

test("what sounds like somebody is asked for once words were given, not after every saving", async () => {
  const desk = { assigned: 0, saver: { state: "saved", flush: async () => {} } };
  const resembling = new Resembling(desk as unknown as Desk);
  const load = vi.spyOn(resembling, "load").mockResolvedValue();
  await resembling.follow();
  desk.assigned = 1;
  desk.saver.state = "waiting";
  await resembling.follow();
  expect(load).not.toHaveBeenCalled();
  desk.saver.state = "saved";
  await resembling.follow();
  await resembling.follow();
  expect(load).toHaveBeenCalledTimes(1);
});
