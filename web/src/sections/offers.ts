// Who gets which offer, what that is expected to earn, who is held out, and what the messages say.
import type { Data, OfferLine, Offers } from '../data';
import { type Child, h, list, p, table } from '../dom';
import { segmentTitle } from './segments';
import { count, fixed, int, number, percent, quote, t } from '../i18n';

const shown = (value: number | null) =>
  value === null ? null : Math.abs(value) >= 100 ? Math.round(value) : Math.round(value * 100) / 100;
const money = (o: Offers, value: number | null) => number(shown(value)) + (o.unit ? `\u00a0${o.unit}` : '');

function summary(o: Offers): string[] {
  const out = [
    t('off.plan', {
      sent: count('customers', o.sent),
      cost: money(o, o.cost),
      profit: money(o, o.profit.value),
      low: money(o, o.profit.low),
      high: money(o, o.profit.high),
    }),
  ];
  if (o.budget !== null) {
    out.push(t('off.budget', { budget: money(o, o.budget), more: fixed(o.one_more_unit_of_budget, 2) }));
  }
  out.push(o.proven ? t('off.proven') : t('off.gap', { gap: percent(o.gap, 4) }));
  return out;
}

function scenarios(o: Offers): Child[] {
  return o.scenarios.map((one) =>
    t(one.factor < 1 ? 'off.half' : 'off.twice', {
      profit: money(o, one.this_plan_profit),
      best: money(o, one.profit),
      same: int(one.same),
      of: int(one.of),
    }),
  );
}

function refused(o: Offers): Child[] {
  const reasons = [
    ['off.no_consent', o.refused.no_consent],
    ['off.on_list', o.refused.on_list],
    ['off.contacted', o.refused.contacted_enough],
    ['off.no_value', o.refused.no_value],
  ] as const;
  return reasons.filter(([, n]) => n > 0).map(([key, n]) => t(key, { n: count('customers', n) }));
}

function control(o: Offers): string {
  const c = o.control;
  if (c.customers === 0) return t('off.control.none');
  const said = t('off.control', { control: int(c.customers), chosen: int(o.chosen) });
  if (c.smallest_effect >= 1) return `${said} ${t('off.control.blind')}`;
  const points = (share: number) => fixed(100 * share, 1);
  const sees = t('off.control.sees', { points: points(c.smallest_effect), power: percent(c.power, 0) });
  const small = c.too_small ? ` ${t('off.control.small', { points: points(c.looked_for ?? 0) })}` : '';
  return `${said} ${sees}${small}`;
}

function effect(o: Offers, one: OfferLine): string {
  const part = (v: number) => fixed(100 * v, 0);
  const [low, mid, high] = one.effect;
  const key = one.effect_is === 'points' ? 'off.effect.points' : o.aim === 'avoid' ? 'off.effect.avoid' : 'off.effect.reach';
  return t(key, { low: part(low), mid: part(mid), high: part(high) });
}

function previews(o: Offers): HTMLElement[] {
  if (o.previews.length === 0) return [];
  const languages = new Set(o.previews.map((m) => m.language)).size;
  return [
    h('h3', {}, t('off.messages')),
    p(t('off.messages.note'), 'soft'),
    h(
      'div',
      { class: 'findings' },
      o.previews.map((m) =>
        h(
          'article',
          { class: 'finding' },
          h('h3', {}, h('span', { class: 'badge' }, m.channel), o.offers.find((one) => one.name === m.offer)?.title ?? m.offer),
          h('p', { class: 'place' }, [...(languages > 1 ? [m.language] : []), count('customers', m.customers)].join(' · ')),
          h('p', {}, m.message),
          m.fallbacks > 0 ? p(t('off.fallbacks', { n: count('customers', m.fallbacks) }), 'soft') : null,
        ),
      ),
    ),
  ];
}

// The words that the section of segments uses.
function segmentWords(d: Data, name: string): string {
  const one = d.segments?.list.find((s) => s.name === name);
  return one && d.segments ? segmentTitle(d.segments, one) : name || '–';
}

function strata(d: Data, o: Offers): HTMLElement {
  return table(
    [
      { title: t('off.segment') },
      { title: t('off.offer') },
      { title: t('off.chosen'), numeric: true },
      { title: t('off.held'), numeric: true },
      { title: t('off.seen'), numeric: true },
    ],
    o.control.strata.map((s) => [
      segmentWords(d, s.segment),
      s.offer.split('+').map((name) => o.offers.find((one) => one.name === name)?.title ?? name).join(' + '),
      int(s.chosen),
      int(s.control),
      s.smallest_effect >= 1 ? '–' : t('off.points', { points: fixed(100 * s.smallest_effect, 1) }),
    ]),
    t('off.held'),
  );
}

function nobody(o: Offers): string {
  return o.budget === null ? t('off.nobody') : t('off.nobody.budget', { budget: money(o, o.budget) });
}

export function offers(d: Data): HTMLElement[] {
  const o = d.offers!;
  const no = refused(o);
  return [
    p(t(o.aim === 'avoid' ? 'off.intro.avoid' : 'off.intro.reach', { positive: quote(d.study.positive) })),
    ...(o.chosen === 0 ? [p(nobody(o))] : summary(o).map((one) => p(one))),
    table(
      [
        { title: t('off.offer') },
        { title: t('off.effect') },
        { title: t('off.eligible'), numeric: true },
        { title: t('off.sent'), numeric: true },
        { title: t('off.held'), numeric: true },
        { title: t('off.cost'), numeric: true },
        { title: t('off.profit'), numeric: true },
      ],
      o.offers.map((one) => [
        one.title,
        effect(o, one),
        int(one.eligible),
        int(one.chosen - one.control),
        int(one.control),
        money(o, one.cost),
        `${money(o, one.profit.value)} (${number(shown(one.profit.low))} – ${number(shown(one.profit.high))})`,
      ]),
      t('sec.offers'),
    ),
    ...(no.length > 0 ? [p(t('off.refused')), list(no)] : []),
    ...(o.chosen > 0 ? [list(scenarios(o)), p(control(o)), strata(d, o)] : []),
    ...previews(o),
    p(t('off.files'), 'soft'),
  ];
}
