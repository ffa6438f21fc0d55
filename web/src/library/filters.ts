// Which transcripts a person wants to see.

import type { Summary } from "./transcripts.svelte";

export interface Filters {
  name: string;
  language: string;
  speakers: string;
  days: string;
}

export const NO_FILTERS: Filters = { name: "", language: "", speakers: "", days: "" };
const MANY = 5;
const DAY_MS = 86_400_000;

export function isFiltered(filters: Filters): boolean {
  return Object.values(filters).some(Boolean);
}

export function filtered(items: Summary[], filters: Filters, now = Date.now()): Summary[] {
  const name = filters.name.trim().toLocaleLowerCase();
  const count = Number(filters.speakers);
  const since = now - Number(filters.days) * DAY_MS;
  return items.filter(
    (each) =>
      (!name || each.name.toLocaleLowerCase().includes(name)) &&
      (!filters.language || each.language === filters.language) &&
      (!count || (count >= MANY ? each.speakers >= MANY : each.speakers === count)) &&
      (!filters.days || Date.parse(each.created_at) >= since),
  );
}
