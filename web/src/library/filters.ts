// Which transcripts a person wants to see.

export interface Filters {
  name: string;
  speaker: string;
  language: string;
  speakers: string;
  days: string;
  folder: string;
  /** All of these. */
  tags: readonly string[];
}

export const NO_FILTERS: Filters = {
  name: "",
  speaker: "",
  language: "",
  speakers: "",
  days: "",
  folder: "",
  tags: [],
};
const MANY = 5;
const DAY_MS = 86_400_000;

export function isFiltered(filters: Filters): boolean {
  const { folder: _folder, ...others } = filters;
  return Object.values(others).some((each) => each.length > 0);
}

/** What to ask the service for. */
export function query(filters: Filters, now = Date.now()) {
  const { name, speaker, language } = filters;
  const count = Number(filters.speakers);
  return {
    ...(name && { name }),
    ...(speaker && { speaker }),
    ...(language && { language }),
    ...(filters.folder && { folder: filters.folder }),
    ...(filters.tags.length && { tag: [...filters.tags] }),
    ...(count && { speakers: count }),
    ...(count && count < MANY && { most_speakers: count }),
    ...(filters.days && { since: new Date(now - Number(filters.days) * DAY_MS).toISOString() }),
  };
}
