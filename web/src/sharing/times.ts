/** Seconds of a time such as `1:02:03.5` or `90`; null if it is none. */
export function secondsOf(text: string): number | null {
  const parts = text.trim().split(":");
  if (parts.length > 3 || !parts.every((part) => /^\d+([.,]\d+)?$/.test(part))) return null;
  return parts.reduce((sum, part) => 60 * sum + Number(part.replace(",", ".")), 0);
}

/** As `1:02:03.5`: no shorter than what it stands for. */
export function timeOf(seconds: number): string {
  const tenths = Math.round(10 * seconds);
  const [minutes, rest] = [Math.floor(tenths / 600), tenths % 600];
  const shown = (rest / 10).toFixed(rest % 10 ? 1 : 0);
  const wide = rest < 100 ? `0${shown}` : shown;
  const hours = Math.floor(minutes / 60);
  if (!hours) return `${minutes}:${wide}`;
  return `${hours}:${String(minutes % 60).padStart(2, "0")}:${wide}`;
}
