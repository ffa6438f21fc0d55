// Which language the interface speaks, and how it looks messages up.

export const LANGUAGES = { en: "English", de: "Deutsch" } as const;
export type Language = keyof typeof LANGUAGES;

/** A sentence with `{name}` for values, or one for each plural of the value `n`. */
export type Message = string | { one: string; other: string };
export type Messages = Record<string, Message>;
type Values = Record<string, string | number>;

const KEPT = "trax.language";

class Locale {
  language = $state<Language>(first());

  choose(language: Language): void {
    this.language = language;
    localStorage.setItem(KEPT, language);
    document.documentElement.lang = language;
  }
}

function first(): Language {
  const wanted = [localStorage.getItem(KEPT), ...navigator.languages];
  for (const each of wanted) {
    const short = each?.slice(0, 2);
    if (short && short in LANGUAGES) return short as Language;
  }
  return "en";
}

export const locale = new Locale();

/**
 * A look-up in a room's messages. Reading it in a template makes the template follow the language.
 *
 *     const t = translator(en, de);
 *     t("jobs", { n: 3 })
 */
export function translator<M extends Messages>(en: M, de: { [K in keyof M]: Message }) {
  const tables: Record<Language, { [K in keyof M]: Message }> = { en, de };
  return (key: keyof M & string, values: Values = {}): string => {
    const message = tables[locale.language][key];
    return filled(typeof message === "string" ? message : plural(message, values), values);
  };
}

function plural(message: { one: string; other: string }, values: Values): string {
  const rule = new Intl.PluralRules(locale.language).select(Number(values.n ?? 0));
  return rule === "one" ? message.one : message.other;
}

export function filled(text: string, values: Values): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === "number" ? value.toLocaleString(locale.language) : value;
  });
}
