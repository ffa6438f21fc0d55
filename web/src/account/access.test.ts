import { afterEach, expect, test, vi } from "vitest";
import { api } from "../api/client";
import { look } from "./access";
import { session } from "./session.svelte";

afterEach(() => {
  vi.restoreAllMocks();
});

test("nobody is shown as signed in once they have signed out", async () => {
  session.me = { name: "Ann", kind: "user", scopes: [] } as never;
  const data = { needed: true, signed_in: false };
  vi.spyOn(api, "GET").mockResolvedValue({ data, response: new Response() } as never);
  await look();
  expect(session.me).toBeNull();
});
