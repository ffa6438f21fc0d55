import { cleanup, render } from "@testing-library/svelte";
import { afterEach, expect, test, vi } from "vitest";
import { visiting } from "../api/client";
import SharedPage from "./SharedPage.svelte";
import * as visits from "./visit";

afterEach(() => {
  vi.restoreAllMocks();
});

test("a link that opens after its page was left is not what the next page asks with", async () => {
  let opened: (visit: visits.Visit) => void = () => {};
  vi.spyOn(visits, "openLink").mockReturnValue(
    new Promise((resolve) => {
      opened = resolve;
    }),
  );
  render(SharedPage);
  cleanup();
  opened({ secret: "s", token: "t", link: {} as never });
  await new Promise((done) => setTimeout(done));
  expect(visiting()).toBe("");
});
