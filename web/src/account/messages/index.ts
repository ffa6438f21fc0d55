import { translator } from "../../ui/locale.svelte";
import { de } from "./de";
import { en } from "./en";

export const t = translator(en, de);

/** What a scope allows, in words. */
export function scopeName(scope: string): string {
  const key = `scope_${scope}`;
  return key in en ? t(key as keyof typeof en) : scope;
}

/** What scopes allow together. */
export function rights(scopes: string[]): string {
  const told = scopes.includes("admin") ? ["admin"] : scopes;
  return told.map(scopeName).join(", ");
}
