import type { Data, Finding, Repair } from '../data';
import { h, list, p } from '../dom';
import { count, detailWords, findingWords, language, percent, quote, said, t } from '../i18n';
import { placeOf } from './shared';

const mostShown = 8;

function repairText(r: Repair): string {
  const map = (r.map ?? []).slice(0, 4).map(([from, to]) => t('r.replaced', { from: quote(from), to: quote(to) }));
  if ((r.map?.length ?? 0) > map.length) map.push('…');
  return said(`r.${r.kind.replace(/-/g, '_')}`, r.kind)
    .replace('{column}', () => [r.table, r.column].filter(Boolean).join(' · '))
    .replace('{table}', () => r.table)
    .replace('{where}', () => quote(r.where ?? ''))
    .replace('{decimal}', () => r.decimal ?? '.')
    .replace('{map}', () => map.join(', '));
}

function examples(f: Finding): HTMLElement | null {
  if (f.examples.length === 0) return null;
  return p(
    [
      `${t('data.examples')}: `,
      f.examples.map((e, i) => {
        const name = e.file.split('/').pop() ?? '';
        const place = e.line > 0 ? `${name}, ${t('data.line', { n: e.line })}` : name;
        return [i > 0 ? '; ' : '', h('code', {}, e.value), place ? h('span', { class: 'soft' }, ` (${place})`) : ''];
      }),
    ],
    'examples',
  );
}

function card(f: Finding, index: number): HTMLElement {
  const [name, meaning] = findingWords(f.kind);
  const detail = detailWords(f.kind, f.rows, f.facts);
  const english = language() === 'en' || detail !== '';
  const state = f.applied ? 'applied' : f.repair.length > 0 ? 'open' : '';
  return h(
    'article',
    { class: `finding ${f.severity}`, id: `finding-${index}` },
    h(
      'h3',
      {},
      h('span', { class: `badge ${f.severity}` }, t(`sev.${f.severity}`)),
      state ? h('span', { class: `badge ${state}` }, t(`data.${state as 'applied' | 'open'}`)) : null,
      name,
    ),
    placeOf(f) ? h('p', { class: 'place' }, placeOf(f)) : null,
    p(meaning),
    f.repair.length > 0 && (f.applied || state === 'open')
      ? list(f.repair.map(repairText))
      : null,
    examples(f),
    h(
      'details',
      { open: english && f.severity !== 'info' },
      h('summary', {}, t(english ? 'data.detail' : 'data.detail.english')),
      detail ? h('p', {}, detail) : h('p', { lang: 'en' }, f.message),
      f.confidence < 1 ? p(t('data.sure', { share: percent(f.confidence, 0) }), 'soft') : null,
      state === 'open'
        ? [p(t('data.accept')), h('pre', { tabindex: 0 }, f.repair.map((r) => r.toml).join('\n'))]
        : null,
    ),
  );
}

// Why customers were left out: src/feature/build.cc says it in one of three English forms. What
// fits none of them is shown as it is.
function reasonText(reason: string): string {
  const forms: [RegExp, (m: RegExpMatchArray) => string][] = [
    [/^(.*) in the table "(.*)"$/s, (m) => t('reason.repair', { where: quote(m[1]), table: m[2] })],
    [/^not in the cohort "(.*)"$/s, (m) => t('reason.cohort', { cohort: quote(m[1]) })],
    [/^no value in the target "(.*)"$/s, (m) => t('reason.target', { target: quote(m[1]) })],
  ];
  for (const [form, say] of forms) {
    const found = reason.match(form);
    if (found) return say(found);
  }
  return reason;
}

export function data(d: Data): (HTMLElement | null)[] {
  const dropped = d.dropped.map((step) =>
    t('data.dropped', {
      n: count('customers', step.customers),
      reason: reasonText(step.reason),
      ids: step.ids.length > 0 ? ` (${step.ids.join(', ')}${step.ids.length < step.customers ? ', …' : ''})` : '',
    }),
  );
  const total = d.rows.train + d.rows.validation + d.rows.test;
  const cards = d.findings.map(card);
  const rest = cards.slice(mostShown);
  return [
    p(t('data.kept', { customers: count('customers', d.rows.customers), kept: count('customers', total) })),
    dropped.length > 0 ? list(dropped) : null,
    d.findings.length === 0 ? p(t('data.nothing')) : p(t('data.legend'), 'soft'),
    h('div', { class: 'findings' }, cards.slice(0, mostShown)),
    rest.length > 0
      ? h('details', { class: 'more' }, h('summary', {}, t('all.show', { n: d.findings.length })), h('div', { class: 'findings' }, rest))
      : null,
    d.notes.length > 0
      ? h(
          'details',
          { class: 'more' },
          h('summary', {}, t('data.notes')),
          language() === 'en' ? null : p(t('data.english'), 'soft'),
          h('ul', { lang: 'en' }, d.notes.map((note) => h('li', {}, note))),
        )
      : null,
  ];
}
