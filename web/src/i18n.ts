// Words, numbers and plurals in the reader's language. A key that one language lacks does not
// compile: en.ts gives the keys, ru.ts and pt.ts must have the same.
import { en, enFindings } from './words/en';
import { ptDetails } from './words/details_pt';
import { ruDetails } from './words/details_ru';
import { pt, ptFindings } from './words/pt';
import { ru, ruFindings } from './words/ru';

export type Words = Record<keyof typeof en, string>;
export type Key = keyof typeof en;
export const languages = { en: 'English', ru: 'Русский', pt: 'Português' } as const;
export type Language = keyof typeof languages;
const words: Record<Language, Words> = { en, ru, pt };
const findings: Record<Language, Record<string, [string, string]>> = {
  en: enFindings,
  ru: ruFindings,
  pt: ptFindings,
};
const locales: Record<Language, string> = { en: 'en-GB', ru: 'ru-RU', pt: 'pt-PT' };

let current: Language = 'en';
export const language = () => current;
export function setLanguage(to: string) {
  current = to in languages ? (to as Language) : 'en';
}

// "{name}" is replaced by the value; values are text already.
export function t(key: Key, values: Record<string, string | number> = {}): string {
  return words[current][key].replace(/\{(\w+)\}/g, (whole, name) =>
    name in values ? String(values[name]) : whole,
  );
}
export const has = (key: string): key is Key => key in en;
// The text of a key made at run time, or `otherwise` where there is none.
export const said = (key: string, otherwise: string) => (has(key) ? t(key) : otherwise);

// "1 клиент", "3 клиента": the forms stand in the words as "one|few|many" (en, pt: "one|other").
export function count(key: Key, n: number): string {
  const forms = words[current][key].split('|');
  const rule = new Intl.PluralRules(locales[current]).select(n);
  const order = current === 'ru' ? ['one', 'few', 'many'] : ['one', 'other'];
  const at = order.indexOf(rule);
  return `${int(n)}\u00a0${forms[at < 0 ? forms.length - 1 : at]}`;
}

function format(value: number | null | undefined, options: Intl.NumberFormatOptions): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  return new Intl.NumberFormat(locales[current], options).format(value);
}
const grouping = { useGrouping: true };
export const int = (value: number | null | undefined) =>
  format(value, { maximumFractionDigits: 0, ...grouping });
// Days since 1970-01-01.
export const day = (days: number) => new Date(Math.floor(days) * 86_400_000).toISOString().slice(0, 10);
export const fixed = (value: number | null | undefined, digits = 3) =>
  format(value, { minimumFractionDigits: digits, maximumFractionDigits: digits, ...grouping });
// A number of the data: short, at most six significant digits.
export const number = (value: number | null | undefined) =>
  format(value, { maximumSignificantDigits: 6, ...grouping });
export const percent = (share: number | null | undefined, digits = 1) =>
  format(share, { style: 'percent', minimumFractionDigits: digits, maximumFractionDigits: digits });
export const range = (low: string, high: string) => t('range', { low, high });
export const quote = (text: string) => t('quote', { text });
export const bytes = (value: number) =>
  value < 1e6
    ? format(value / 1e3, { style: 'unit', unit: 'kilobyte', maximumFractionDigits: 1 })
    : format(value / 1e6, { style: 'unit', unit: 'megabyte', maximumFractionDigits: 1 });
export const join = (parts: string[]) => {
  try {
    return new Intl.ListFormat(locales[current], { type: 'conjunction' }).format(parts);
  } catch {
    return parts.join(', ');
  }
};

// Title and one-line explanation of a kind of finding; a kind that is newer than the words shows
// its own name.
export function findingWords(kind: string): [string, string] {
  return findings[current][kind] ?? [kind, ''];
}

const details: Record<Language, Record<string, string>> = { en: {}, ru: ruDetails, pt: ptDetails };

// A figure of a finding, by its name: shares in per cent, ROC-AUC to two places, texts in quotes.
function factText(name: string, fact: number | string | null): string {
  if (typeof fact === 'string') return quote(fact);
  if (/share$/.test(name)) return percent(fact);
  if (/auc$|agreement$/.test(name)) return fixed(fact, 2);
  return name === 'ratio' ? fixed(fact, 1) : number(fact);
}

// What the audit saw, in the reader's language; '' where only its English message says it.
export function detailWords(kind: string, rows: number, facts: Record<string, number | string | null> | null): string {
  const form = facts?.form;
  const template = details[current][form ? `${kind}.${form}` : kind];
  if (!template) return '';
  const all: Record<string, number | string | null> = { ...facts, rows };
  let known = true;
  const text = template.replace(/\{(\w+)\}/g, (_, name) => {
    known = known && name in all;
    return known ? factText(name, all[name]) : '';
  });
  return known ? text : '';
}
