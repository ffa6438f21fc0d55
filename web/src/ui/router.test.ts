import { expect, test } from "vitest";
import { find } from "../routes";
import { match } from "./router.svelte";

test("named parts of an address are decoded", () => {
  expect(match("/t/:id", "/t/a%20b/")).toEqual({ id: "a b" });
});

test("an address of another shape is another page's", () => {
  expect(match("/t/:id", "/t")).toBeNull();
  expect(find("/nowhere/at/all")).toBeNull();
});
