// What is known of unfinished uploads after the page was closed.

export interface Kept {
  key: string;
  name: string;
  size: number;
  options: Record<string, unknown>;
  folder: string;
  sent: number;
  url: string;
  isSent: boolean;
}

const KEPT = "trax.uploads";

export function kept(): Kept[] {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? "[]") as Kept[];
  } catch {
    return [];
  }
}

export function keep(upload: Kept): void {
  const others = kept().filter((each) => each.key !== upload.key);
  localStorage.setItem(KEPT, JSON.stringify([...others, upload]));
}

export function forget(key: string): void {
  localStorage.setItem(KEPT, JSON.stringify(kept().filter((each) => each.key !== key)));
}
