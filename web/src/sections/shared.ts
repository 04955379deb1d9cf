import { type Data, type Finding, type Importance, isBinary, lastClass } from '../data';
import { fixed, quote, said, t } from '../i18n';
import { learners } from '../words/learners';
import { language } from '../i18n';

export const placeOf = (f: Finding) => [f.table, f.column].filter(Boolean).join(' · ');
export const metricTitle = (name: string) => said(`m.${name}`, name);
export const learnerTitle = (key: string, title: string) => learners[language()][key] ?? title;
export const score = (value: number | null) => fixed(value, 3);

// "the more, the likelier", or for text the category where it is likeliest. Of several classes it is
// said which one the words are about: the last.
export function directionWords(one: Importance, d: Data): string {
  const of = isBinary(d) ? '' : ` ${quote(lastClass(d))}`;
  if (one.direction === 'categories' && typeof one.highValue === 'string' && one.highValue !== '') {
    return of ? `${quote(one.highValue)} →${of}` : quote(one.highValue);
  }
  if (!one.direction) return '';
  const way = one.date && (one.direction === 'raises' || one.direction === 'lowers') ? (`${one.direction}.date` as const) : one.direction;
  return t(`dir.${way}`) + of;
}
