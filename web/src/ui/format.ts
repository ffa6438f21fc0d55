// Numbers and times as people read them, in the interface's language.

import { locale } from "./locale.svelte";

/** Seconds as `1:02:03`, or `2:03` below an hour. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const rest = String(whole % 60).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

/** Bytes with a decimal unit, as in `3.4 MB`. */
export function size(bytes: number): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];
  const step = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return new Intl.NumberFormat(locale.language, {
    style: "unit",
    unit: units[step] ?? "byte",
    unitDisplay: step ? "short" : "long",
    maximumFractionDigits: step > 1 ? 1 : 0,
  }).format(bytes / 1000 ** step);
}

/** A share from 0 to 1 as `12 %`. */
export function percent(share: number, digits = 0): string {
  return new Intl.NumberFormat(locale.language, {
    style: "percent",
    maximumFractionDigits: digits,
  }).format(share);
}

/** The name of a language from its ISO 639-1 code. */
export function languageName(code: string): string {
  if (!code) return "";
  try {
    return new Intl.DisplayNames(locale.language, { type: "language" }).of(code) ?? code;
  } catch {
    return code;
  }
}

/** A day and time, short; the year only where it is not this one. */
export function moment(iso: string, now = new Date()): string {
  const date = new Date(iso);
  const isToday = date.toDateString() === now.toDateString();
  const day: Intl.DateTimeFormatOptions = { day: "numeric", month: "short" };
  if (date.getFullYear() !== now.getFullYear()) day.year = "numeric";
  const time: Intl.DateTimeFormatOptions = { hour: "numeric", minute: "2-digit" };
  return new Intl.DateTimeFormat(locale.language, isToday ? time : { ...day }).format(date);
}

/** A day and time in full, for a title. */
export function fullMoment(iso: string): string {
  const style = { dateStyle: "long", timeStyle: "short" } as const;
  return new Intl.DateTimeFormat(locale.language, style).format(new Date(iso));
}

/** How long something takes, in the largest units that matter: `2 hr, 5 min`, `40 sec`. */
export function span(seconds: number): string {
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.round((seconds % 3600) / 60);
  if (seconds < 90) return unit(seconds < 10 ? Math.round(10 * seconds) / 10 : seconds, "second");
  if (!hours) return unit(Math.round(seconds / 60), "minute");
  return minutes ? `${unit(hours, "hour")} ${unit(minutes, "minute")}` : unit(hours, "hour");
}

function unit(value: number, name: "second" | "minute" | "hour"): string {
  return new Intl.NumberFormat(locale.language, {
    style: "unit",
    unit: name,
    unitDisplay: "short",
    maximumFractionDigits: value < 10 && name === "second" ? 1 : 0,
  }).format(value);
}

/** A text that begins with a capital. */
export const capital = (text: string): string =>
  text.charAt(0).toLocaleUpperCase(locale.language) + text.slice(1);
