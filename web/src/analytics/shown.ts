// How figures are written.

import type { Schemas } from "../api/client";
import { percent, span } from "../ui/format";
import { locale } from "../ui/locale.svelte";

export function number(value: number, digits = 0): string {
  return value.toLocaleString(locale.language, { maximumFractionDigits: digits });
}

/** How many times as fast as the recording plays. */
export const times = (value: number): string => `${number(value, 1)} ×`;

/** US dollars, to a hundredth of a cent where there are few. */
export function money(value: number): string {
  const digits = value < 1 ? 4 : 2;
  return value.toLocaleString(locale.language, {
    style: "currency",
    currency: "USD",
    minimumFractionDigits: 2,
    maximumFractionDigits: digits,
  });
}

/** Half of the values lie below the first, nine of ten below the second. */
export function spread(found: Schemas["SpreadView"] | null | undefined): string {
  return found ? `${span(found.middle)} (${span(found.high)})` : "–";
}

export const share = (value: number | null | undefined): string =>
  value === null || value === undefined ? "–" : percent(value, 1);

/** A difference as a share, with its sign. */
export function signed(value: number | null): string {
  if (value === null) return "–";
  return value.toLocaleString(locale.language, {
    style: "percent",
    maximumFractionDigits: 0,
    signDisplay: "exceptZero",
  });
}

/** What is wanted or found, in a target's unit. */
export function amount(value: number | null | undefined, unit: string): string {
  if (value === null || value === undefined) return "–";
  if (unit === "$") return money(value);
  if (unit === "s") return span(value);
  return unit === "%" ? percent(value / 100, 1) : `${number(value, 1)} ${unit}`;
}
