// The first screen: the answer in three sentences, and who, why, how sure, and the data at a glance.
import { type Data, figure, foundAmong, isBinary, isClear, kept } from '../data';
import { h, p, type Child } from '../dom';
import { count, findingWords, fixed, int, join, percent, quote, t } from '../i18n';
import { directionWords, placeOf } from './shared';

export function title(d: Data): string {
  const { target, positive } = d.study;
  // A condition or events made it, rather than a column with such a value.
  if (isBinary(d) && positive === 'yes' && target.includes(' ')) return t('q.true', { target: quote(target) });
  return isBinary(d)
    ? t('q.title', { target: quote(target), positive: quote(positive) })
    : t('q.several', { target: quote(target) });
}

function severalSentences(d: Data): string[] {
  const accuracy = figure(d, 'accuracy');
  const auc = figure(d, 'roc_auc');
  const out = [
    t('a.several', {
      rows: count('customers', d.verdict.rows),
      classes: int(d.study.classes.length),
      accuracy: percent(accuracy?.value),
      low: percent(accuracy?.low),
      high: percent(accuracy?.high),
      naive: percent(accuracy?.naive),
    }),
  ];
  if (auc) {
    out.push(
      t('a.several.sure', { auc: percent(auc.value), low: percent(auc.low), high: percent(auc.high) }),
    );
  }
  return out;
}

function binarySentences(d: Data): string[] {
  const v = d.verdict;
  const auc = figure(d, 'roc_auc');
  const [recall, precision] = [figure(d, 'recall'), figure(d, 'precision')];
  return [
    t('a.base', {
      positives: int(d.rows.positives),
      kept: count('customers', kept(d)),
      rate: percent(d.rows.rate),
      target: quote(d.study.target),
      positive: quote(d.study.positive),
      called: int(d.scored.called),
      scored: int(d.scored.customers),
      threshold: percent(v.threshold),
    }),
    t('a.found', {
      rows: count('customers', v.rows),
      found: int(v.confusion[1][1]),
      cases: int(v.positives),
      recall: percent(recall?.value),
      rlow: percent(recall?.low),
      rhigh: percent(recall?.high),
      precision: percent(precision?.value),
      plow: percent(precision?.low),
      phigh: percent(precision?.high),
      rate: percent(v.positives / v.rows),
    }),
    t('a.sure', { auc: percent(auc?.value), low: percent(auc?.low), high: percent(auc?.high) }),
  ];
}

function sentences(d: Data): string[] {
  const out = isBinary(d) ? binarySentences(d) : severalSentences(d);
  if (!d.verdict.better) return [out[out.length - 1], t('a.nothing')];
  const clear = d.explanation?.importance.filter(isClear).slice(0, 3) ?? [];
  if (clear.length > 0) {
    const features = clear.map((one) => {
      const way = directionWords(one);
      return quote(one.feature) + (way ? ` (${way})` : '');
    });
    out.splice(1, 0, t('a.why', { features: join(features) }));
  }
  return out;
}

const capital = (text: string) => (text ? `${text[0].toUpperCase()}${text.slice(1)}. ` : '');

function tile(to: string, name: string, big: Child, small: Child): HTMLElement {
  return h(
    'a',
    { class: 'tile', href: `#${to}` },
    h('span', { class: 'tile-name' }, name),
    h('b', {}, big),
    h('span', { class: 'tile-text' }, small),
  );
}

function whoTile(d: Data): HTMLElement | null {
  if (!isBinary(d)) {
    const rates = d.rows.classRates ?? [];
    const most = rates.indexOf(Math.max(...rates));
    if (most < 0) return null;
    return tile('who', t('tile.who'), percent(rates[most], 0), t('tile.who.several', { name: quote(d.study.classes[most]) }));
  }
  if (!d.verdict.better) return null;
  const share = foundAmong(d, 0.1);
  return tile(
    'who',
    t('tile.who'),
    count('customers', d.scored.called),
    t('tile.who.text', { share: percent(share, 0), lift: fixed(share / 0.1, 1) }),
  );
}

function whyTile(d: Data): HTMLElement | null {
  // The same column as in the sentence above.
  const first = d.explanation?.importance.find(isClear);
  if (!first || !d.verdict.better) return null;
  return tile(
    'why',
    t('tile.why'),
    // A long name may break after its underscores.
    first.feature.split(/(?<=_)/).flatMap((part) => [part, h('wbr')]),
    `${capital(directionWords(first))}${t('tile.why.text', { feature: quote(first.feature), drop: fixed(first.drop), low: fixed(first.low), high: fixed(first.high) })}`,
  );
}

function sureTile(d: Data): HTMLElement | null {
  const auc = figure(d, 'roc_auc');
  if (!auc) return null;
  return tile(
    'quality',
    t('tile.sure'),
    fixed(auc.value),
    t('tile.sure.text', { low: fixed(auc.low), high: fixed(auc.high), naive: fixed(auc.naive) }),
  );
}

function dataTile(d: Data): HTMLElement {
  const repaired = d.findings.filter((f) => f.applied).length;
  const open = d.findings.filter((f) => !f.applied && f.repair.length > 0).length;
  // The gravest come first in the data; three different ones fit.
  const serious = d.findings.filter((f) => f.severity !== 'info').map((f) => findingWords(f.kind)[0]);
  const kinds = [...new Set(serious.length > 0 ? serious : d.findings.map((f) => findingWords(f.kind)[0]))].slice(0, 3);
  if (d.findings.length === 0) return tile('data', t('tile.data'), '0', t('tile.data.none'));
  return tile(
    'data',
    t('tile.data'),
    count('findings', d.findings.length),
    [kinds.join('. '), '. ', t('tile.data.text', { repaired: int(repaired), open: int(open) })],
  );
}

// What must be known before anything is done with the answer: findings that were not repaired.
function first(d: Data): HTMLElement | null {
  const open = d.findings
    .map((f, i) => ({ f, i }))
    .filter(({ f }) => f.severity !== 'info' && !f.applied);
  if (open.length + d.warnings.length === 0) return null;
  const lines = open.slice(0, 6).map(({ f, i }) => {
    const [name, meaning] = findingWords(f.kind);
    const place = placeOf(f);
    return h(
      'li',
      {},
      h('strong', {}, name),
      place ? `: ${place}` : '',
      '. ',
      meaning,
      ' ',
      h('a', { href: `#finding-${i}`, 'aria-label': `${t('first.more')}: ${name}` }, t('first.more')),
    );
  });
  return h(
    'div',
    { class: 'first' },
    h('h2', { class: 'small' }, t('first')),
    h('ul', {}, lines, d.warnings.map((text) => h('li', { lang: 'en' }, text))),
  );
}

export function answer(d: Data): HTMLElement {
  return h(
    'section',
    { id: 'answer', 'aria-label': t('sec.answer') },
    sentences(d).map((text) => p(text, 'lead')),
    h('div', { class: 'tiles' }, whoTile(d), whyTile(d), sureTile(d), dataTile(d)),
    first(d),
  );
}
