// The languages that can be chosen, as people look for them.

import { capital, languageName } from "../ui/format";
import { locale } from "../ui/locale.svelte";

/** Codes and names in the order of the names; *chosen* is among them, whoever chose it. */
export function byName(codes: readonly string[], chosen: string | null): [string, string][] {
  const all = chosen && !codes.includes(chosen) ? [...codes, chosen] : codes;
  const order = new Intl.Collator(locale.language);
  return all
    .map((code): [string, string] => [code, capital(languageName(code))])
    .sort((a, b) => order.compare(a[1], b[1]));
}
