import type { Finding, Importance } from '../data';
import { fixed, quote, said, t } from '../i18n';
import { learners } from '../words/learners';
import { language } from '../i18n';

export const placeOf = (f: Finding) => [f.table, f.column].filter(Boolean).join(' · ');
export const metricTitle = (name: string) => said(`m.${name}`, name);
export const learnerTitle = (key: string, title: string) => learners[language()][key] ?? title;
export const score = (value: number | null) => fixed(value, 3);

// "the more, the likelier", or for text the category where it is likeliest.
export function directionWords(one: Importance): string {
  if (one.direction === 'categories' && typeof one.highValue === 'string' && one.highValue !== '') {
    return quote(one.highValue);
  }
  if (one.date && (one.direction === 'raises' || one.direction === 'lowers')) return t(`dir.${one.direction}.date`);
  return one.direction ? t(`dir.${one.direction}`) : '';
}
