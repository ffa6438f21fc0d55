// What the page makes of the service's figures: periods, a value for each day, and differences.

import type { Schemas } from "../api/client";

export const DAY_MS = 86_400_000;
export const COMPARISONS = ["nothing", "before", "year"] as const;
export type Comparison = (typeof COMPARISONS)[number];

/** Days as `2026-02-28`, both included (UTC). */
export interface Period {
  since: string;
  until: string;
}

export interface Choice extends Period {
  compare: Comparison;
}

const USUAL_DAYS = 30;
const YEAR_DAYS = 364; // whole weeks: the same days of the week
const LONGEST_DAYS = 3660;

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

function moved(day: string, days: number): string {
  return dayOf(Date.parse(day) + days * DAY_MS);
}

/** The last *count* days, today among them. */
export function lastDays(count: number, now = Date.now()): Period {
  const until = dayOf(now);
  return { since: moved(until, 1 - count), until };
}

export function lengthOf({ since, until }: Period): number {
  return Math.round((Date.parse(until) - Date.parse(since)) / DAY_MS) + 1;
}

export function isPeriod(period: Period): boolean {
  const length = lengthOf(period);
  return length >= 1 && length <= LONGEST_DAYS;
}

/** As long a period to compare with; null for none. */
export function earlier(period: Period, how: Comparison): Period | null {
  if (how === "nothing") return null;
  const days = how === "year" ? Math.max(YEAR_DAYS, lengthOf(period)) : lengthOf(period);
  return { since: moved(period.since, -days), until: moved(period.until, -days) };
}

export function daysOf(period: Period): string[] {
  const length = Math.max(0, lengthOf(period));
  return Array.from({ length }, (_, index) => moved(period.since, index));
}

/** What an address asks for; the usual days where it makes no sense. */
export function choiceOf(query: string, now = Date.now()): Choice {
  const given = new URLSearchParams(query);
  const wanted = { since: given.get("since") ?? "", until: given.get("until") ?? "" };
  const period = isPeriod(wanted) ? wanted : lastDays(USUAL_DAYS, now);
  const compare = COMPARISONS.find((each) => each === given.get("compare")) ?? "nothing";
  return { ...period, compare };
}

export const queryOf = (choice: Choice): string => `?${new URLSearchParams({ ...choice })}`;

/** A value for each of *days*; null where nothing is known. */
export function byDay<T extends { by: Record<string, string> }>(
  items: readonly T[],
  days: readonly string[],
  valueFor: (item: T) => number | null | undefined,
): (number | null)[] {
  const known = new Map(items.map((item) => [item.by.day, valueFor(item) ?? null]));
  return days.map((day) => known.get(day) ?? null);
}

/** How much more *now* is than *before*, as a share of it; null if that is unknown. */
export function change(now: number | null, before: number | null): number | null {
  return now === null || !before ? null : (now - before) / before;
}

/** What multiplies throughput, as a share more or less; null if that is unknown. */
export function gain(factor: number | null | undefined): number | null {
  return factor == null ? null : factor - 1;
}

/** The Monday of an ISO week such as `2026-W07`. */
export function mondayOf(week: string): string {
  const [year, number] = week.split("-W").map(Number);
  const fourth = Date.UTC(year ?? 0, 0, 4); // is in the first week, always
  const sinceMonday = (new Date(fourth).getUTCDay() + 6) % 7;
  return dayOf(fourth + (((number ?? 1) - 1) * 7 - sinceMonday) * DAY_MS);
}

type Jobs = Schemas["JobFiguresView"];

export interface Totals {
  done: number;
  failed: number;
  audioHours: number;
  /** Share of ended jobs, cancelled ones left out. */
  failures: number | null;
  waited: number | null;
  speed: number | null;
}

/** What all jobs come to, from those that are told apart by status. */
export function totals(jobs: readonly Jobs[]): Totals {
  const of = (status: string) => jobs.find(({ by }) => by.status === status);
  const done = of("completed");
  const failed = of("failed")?.jobs ?? 0;
  const ended = failed + (done?.jobs ?? 0);
  return {
    done: done?.jobs ?? 0,
    failed,
    audioHours: (done?.audio_seconds ?? 0) / 3600,
    failures: ended ? failed / ended : null,
    waited: done?.waited?.middle ?? null,
    speed: speedOf(done),
  };
}

/** Seconds of audio a second, as half of the jobs did it. */
export function speedOf(job: Jobs | undefined): number | null {
  return job?.pace?.middle ? 1 / job.pace.middle : null;
}

/** Jobs that ended as *status*. */
export const ended = (jobs: readonly Jobs[], status: string): Jobs[] =>
  jobs.filter(({ by }) => by.status === status);
