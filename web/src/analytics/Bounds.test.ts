import { render, screen } from "@testing-library/svelte";
import { beforeEach, expect, test } from "vitest";
import type { Schemas } from "../api/client";
import { locale } from "../ui/locale.svelte";
import Bounds from "./Bounds.svelte";

const PERIOD = { since: "2026-01-01", until: "2026-01-31" };
const ADVICE: Schemas["AdviceView"] = {
  kind: "jobs",
  setting: "2",
  change: "3 jobs at once",
  evidence: "3.4 of 8 processors were busy",
  rate: 42,
  gain: 1.5,
  version: "4.0",
  given_at: "2026-01-02T10:00:00Z",
  changed_at: null,
  checked_at: null,
  brought: null,
  state: "open",
};

function shown(items: Schemas["BottleneckView"][], advice: Schemas["AdviceView"][]): string {
  const { container } = render(Bounds, { bounds: { ...PERIOD, items, advice } });
  return container.textContent ?? "";
}

beforeEach(() => {
  locale.language = "en";
});

test("what bounds throughput stands with its figures and what a change would bring", () => {
  const evidence = "5.1 of 8 processors were busy";
  shown(
    [{ kind: "jobs", bound: "jobs at once: 3", evidence, change: "4 jobs at once", gain: 1.33 }],
    [],
  );
  const cells = screen.getAllByRole("cell").map(({ textContent }) => textContent);
  expect(screen.getByRole("rowheader").textContent).toBe("jobs at once: 3");
  expect(cells).toEqual([evidence, "4 jobs at once", "+33%"]);
  expect(screen.queryByText("Advice, and whether it held")).toBeNull();
});

test("where figures name no change, only the bound is told", () => {
  shown([{ kind: null, bound: "processors", evidence: "all busy", change: "", gain: null }], []);
  const cells = screen.getAllByRole("cell").map(({ textContent }) => textContent);
  expect(cells).toEqual(["all busy", "figures name none", "–"]);
});

test.each([
  ["open", null, "Not followed yet", "–"],
  ["changed", null, "Followed; too few jobs since to say", "–"],
  ["brought", 1.4, "Helped", "+40%"],
  ["withdrawn", 0.9, "Wrong: not given any more on this machine", "-10%"],
])("advice that is %s says so, and what it brought", (state, brought, said, share) => {
  const text = shown([], [{ ...ADVICE, state, brought }]);
  expect(text).toContain("Nothing is known to bound it");
  const cells = screen.getAllByRole("cell").map(({ textContent }) => textContent);
  expect(cells[0]).toContain("Trax 4.0");
  expect(cells.slice(2)).toEqual(["+50%", share, said]);
});
