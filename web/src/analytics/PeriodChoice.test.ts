import { fireEvent, render, screen } from "@testing-library/svelte";
import { expect, test, vi } from "vitest";
import PeriodChoice from "./PeriodChoice.svelte";

const choice = { since: "2026-01-05", until: "2026-02-03", compare: "nothing" } as const;

async function typed(
  value: string,
): Promise<{ field: HTMLInputElement; choose: ReturnType<typeof vi.fn> }> {
  const choose = vi.fn();
  render(PeriodChoice, { choice, choose });
  const field = screen.getByLabelText<HTMLInputElement>("From");
  await fireEvent.input(field, { target: { value } });
  await fireEvent.change(field);
  return { field, choose };
}

test.each(["", "0002-01-05", "0202-01-05"])(
  "a date of which only %o is typed is waited for",
  async (value) => {
    const { field, choose } = await typed(value);
    expect(choose).not.toHaveBeenCalled();
    await fireEvent.blur(field);
    expect(field.value).toBe("2026-01-05");
  },
);

test("a whole date is taken", async () => {
  const { choose } = await typed("2026-01-20");
  expect(choose).toHaveBeenCalledWith({ ...choice, since: "2026-01-20" });
});
