// Who is at risk and what is lost with them: bands of risk and value, the study's own segments and
// rules that were found; a panel a segment.
import { type Chart, axis, chartFigure, text, tooltip, whiskers } from '../charts';
import type { Data, Interval, Segment, SegmentDifference, Segments } from '../data';
import { type Child, h, list, p, table } from '../dom';
import { count, day, fixed, int, join, language, number, percent, quote, t } from '../i18n';
import { amount } from './money';

function bandWords(what: 'risk' | 'value', band: number, cuts: number): string {
  const words = cuts === 1 ? ['low', 'high'] : cuts === 2 ? ['low', 'middle', 'high'] : null;
  if (!words) return t(`seg.${what}.of`, { band: int(band + 1), bands: int(cuts + 1) });
  return t(`seg.${what}.${words[band] as 'low' | 'middle' | 'high'}`);
}
export function segmentTitle(s: Segments, one: Segment): string {
  if (one.kind === 'discovered') return t('seg.found', { n: one.name.replace(/^found_/, '') });
  if (one.kind === 'named') return one.title[language()] ?? one.title.en ?? one.name;
  const parts = [bandWords('risk', one.risk_band ?? 0, s.risk_cuts.length)];
  if (one.value_band !== undefined) parts.push(bandWords('value', one.value_band, s.value_cuts.length));
  return parts.join(', ');
}
// Rules hold their numbers in full; four digits are enough to read them.
const shortRule = (rule: string) => rule.replace(/\d+\.\d{4,}/g, (digits) => String(Number(Number(digits).toPrecision(4))));
const capital = (words: string) => words.charAt(0).toUpperCase() + words.slice(1);
const rateText = (one: Interval) => `${percent(one.value)} (${percent(one.low, 0)} – ${percent(one.high, 0)})`;
function lossText(one: Interval | undefined, unit: string): string {
  if (!one) return '';
  const value = amount(one.value, unit);
  return one.low === null || one.high === null ? value : `${value} (${amount(one.low)} – ${amount(one.high)})`;
}

function lossChart(s: Segments): Chart {
  const shown = s.list.filter((one) => one.customers > 0);
  const names = shown.map((one) => capital(segmentTitle(s, one)));
  const title = t('seg.loss') + (s.unit ? `, ${s.unit}` : '');
  return {
    id: 'segment-loss',
    title,
    note: t('seg.loss.note'),
    wide: true,
    height: 80 + 28 * shown.length,
    columns: [{ title: t('seg.segment') }, { title: t('seg.loss'), numeric: true }, { title: t('low'), numeric: true }, { title: t('high'), numeric: true }],
    rows: shown.map((one, i) => [names[i], one.expected_loss?.value ?? null, one.expected_loss?.low ?? null, one.expected_loss?.high ?? null]),
    shown: (v, i) => (i === 0 ? String(v) : amount(v as number)),
    option: (c) => ({
      grid: { left: 12, right: 30, top: 8, bottom: 46, containLabel: true },
      tooltip: tooltip(c, ((q: { dataIndex: number }) => `${names[q.dataIndex]}: ${lossText(shown[q.dataIndex].expected_loss, s.unit)}`) as never),
      xAxis: axis(c, title, { type: 'value', axisLabel: { ...text(c), formatter: (v: number) => number(v), hideOverlap: true } }),
      yAxis: axis(c, '', { type: 'category', inverse: true, data: names, axisLabel: { ...text(c), color: c.ink, width: 230, overflow: 'truncate' } }),
      series: [
        { type: 'bar', barWidth: '60%', data: shown.map((one) => ({ value: one.expected_loss?.value, itemStyle: { color: one.kind === 'cell' ? c.main : c.other } })) },
        whiskers(
          shown.flatMap((one, i) => (one.expected_loss?.low == null || one.expected_loss.high == null ? [] : [[i, one.expected_loss.low, one.expected_loss.high] as [number, number, number]])),
          c.ink,
          true,
        ),
      ],
    }),
  };
}

function rateChart(s: Segments): Chart {
  const shown = s.list.filter((one) => one.sealed > 0);
  const names = shown.map((one) => capital(segmentTitle(s, one)));
  return {
    id: 'segment-rate',
    title: t('seg.rate'),
    note: t('seg.rate.note', { rate: percent(s.base_rate.value) }),
    wide: true,
    height: 80 + 28 * shown.length,
    columns: [{ title: t('seg.segment') }, { title: t('seg.sealed'), numeric: true }, { title: t('seg.rate'), numeric: true }, { title: t('low'), numeric: true }, { title: t('high'), numeric: true }],
    rows: shown.map((one, i) => [names[i], one.sealed, one.rate.value, one.rate.low, one.rate.high]),
    shown: (v, i) => (i === 0 ? String(v) : i === 1 ? int(v as number) : percent(v as number)),
    option: (c) => ({
      grid: { left: 12, right: 30, top: 8, bottom: 46, containLabel: true },
      tooltip: tooltip(c, ((q: { dataIndex: number }) => `${names[q.dataIndex]}: ${rateText(shown[q.dataIndex].rate)}`) as never),
      xAxis: axis(c, t('seg.rate'), { type: 'value', min: 0, max: 1, axisLabel: { ...text(c), formatter: (v: number) => percent(v, 0) } }),
      yAxis: axis(c, '', { type: 'category', inverse: true, data: names, axisLabel: { ...text(c), color: c.ink, width: 230, overflow: 'truncate' } }),
      series: [
        {
          type: 'bar', barWidth: '60%', data: shown.map((one) => ({ value: one.rate.value, itemStyle: { color: one.kind === 'cell' ? c.main : c.other } })),
          markLine: { silent: true, symbol: 'none', label: { show: false }, lineStyle: { color: c.soft, type: 'dashed' }, data: [{ xAxis: s.base_rate.value }] },
        },
        whiskers(shown.map((one, i) => [i, one.rate.low ?? 0, one.rate.high ?? 0]), c.ink, true),
      ],
    }),
  };
}

const mean = (value: number, date: boolean) => (date ? day(value) : number(Number(value.toPrecision(3))));

function differenceLine(one: SegmentDifference): Child {
  const values = one.category
    ? { name: `${one.feature} = ${quote(one.category)}`, inside: percent(one.inside), outside: percent(one.outside) }
    : { name: one.feature, inside: mean(one.inside, one.date), outside: mean(one.outside, one.date) };
  return [
    t('seg.differs', values),
    h('span', { class: 'soft' }, ` ${t('seg.size', { size: fixed(one.size.value, 2), low: fixed(one.size.low, 2), high: fixed(one.size.high, 2) })}`),
  ];
}

function facts(s: Segments, one: Segment): Child[] {
  const out: Child[] = [t('seg.size.customers', { customers: count('customers', one.customers), share: percent(one.share) })];
  if (one.value !== undefined) {
    out.push(t('seg.worth', { value: amount(one.value, s.unit), share: percent(one.value_share), loss: lossText(one.expected_loss, s.unit) }));
  }
  out.push(one.sealed > 0 ? t('seg.rate.of', { rate: rateText(one.rate), cases: int(one.cases), sealed: int(one.sealed), all: percent(s.base_rate.value) }) : t('seg.rate.none'));
  if (one.kind === 'named' && one.primary !== one.customers) out.push(t('seg.own', { n: int(one.primary) }));
  return out;
}

function panel(s: Segments, one: Segment): HTMLElement {
  const unruled = one.differences.filter((d) => !d.in_rule).slice(0, 5);
  const drivers = one.drivers.map((d) => `${d.feature} (${t((d.contribution.value ?? 0) > 0 ? 'seg.up' : 'seg.down')})`);
  return h(
    'article',
    { class: 'finding' },
    h('h3', {}, h('span', { class: one.kind === 'discovered' ? 'badge warning' : 'badge' }, t(`seg.kind.${one.kind}`)), capital(segmentTitle(s, one))),
    h('p', {}, h('code', { title: one.rule }, shortRule(one.rule))),
    list(facts(s, one)),
    unruled.length > 0 ? [h('p', { class: 'place' }, t('seg.differences')), list(unruled.map(differenceLine))] : one.small ? p(t('seg.small', { n: int(s.min_customers) }), 'soft') : null,
    drivers.length > 0 ? [h('p', { class: 'place' }, t('seg.drivers')), p(t('seg.drivers.text', { drivers: join(drivers), n: count('customers', one.driver_rows) }))] : null,
  );
}

function intro(d: Data, s: Segments): string[] {
  const out = [
    t('seg.intro', {
      risk: join(s.risk_cuts.map((v) => percent(v))),
      from: t(s.risk_cut_from === 'threshold' ? 'seg.from.threshold' : s.risk_cut_from === 'study' ? 'seg.from.study' : 'seg.from.rate'),
    }),
  ];
  if (s.value_column) {
    out.push(
      t('seg.money', {
        column: quote(s.value_column),
        period: s.period ? ` (${s.period})` : '',
        cuts: join(s.value_cuts.map((v) => amount(v, s.unit))),
        total: amount(s.total_value, s.unit),
        loss: lossText(s.expected_loss, s.unit),
        positive: quote(d.study.positive),
      }),
    );
  }
  return out;
}

function remarks(s: Segments): HTMLElement[] {
  const out: Child[] = [];
  const named = s.list.filter((one) => one.kind !== 'cell');
  const titleOf = (name: string) => quote(capital(segmentTitle(s, s.list.find((one) => one.name === name)!)));
  if (named.length > 0) out.push(t('seg.leftover', { n: count('customers', s.leftover) }));
  for (const one of s.overlaps.slice(0, 5)) out.push(t('seg.overlap', { a: titleOf(one.a), b: titleOf(one.b), n: count('customers', one.customers) }));
  if (s.rules.tested > 0) {
    out.push(t('seg.rules', { tried: int(s.rules.tried), tested: int(s.rules.tested), kept: int(s.list.filter((one) => one.kind === 'discovered').length) }));
  }
  return [list(out), p(t('seg.files'), 'soft')];
}

export function segments(d: Data): HTMLElement[] {
  const s = d.segments!;
  const money = s.value_column !== '';
  return [
    ...intro(d, s).map((one) => p(one)),
    table(
      [
        { title: t('seg.segment') },
        { title: t('rows'), numeric: true },
        { title: t('seg.share'), numeric: true },
        ...(money ? [{ title: t('seg.value.share'), numeric: true }, { title: t('seg.loss'), numeric: true }] : []),
        { title: t('seg.rate'), numeric: true },
      ],
      s.list.map((one) => [
        one.kind === 'discovered' ? [capital(segmentTitle(s, one)), ': ', h('code', {}, shortRule(one.rule))] : capital(segmentTitle(s, one)),
        int(one.customers),
        percent(one.share),
        ...(money ? [percent(one.value_share), lossText(one.expected_loss, s.unit)] : []),
        one.sealed > 0 ? rateText(one.rate) : '–',
      ]),
      t('sec.segments'),
    ),
    h('div', { class: 'charts' }, [...(money ? [lossChart(s)] : []), rateChart(s)].map(chartFigure)),
    h('div', { class: 'findings' }, s.list.map((one) => panel(s, one))),
    ...remarks(s),
  ];
}
