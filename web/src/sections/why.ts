import { type Chart, axis, chartFigure, text, tooltip, whiskers } from '../charts';
import { type Data, type Dependence, type Importance, isBinary, isClear, lastClass } from '../data';
import { h, p, table } from '../dom';
import { count, day, fixed, number, percent, quote, t } from '../i18n';
import { directionWords } from './shared';

const mostBars = 15;

function importanceChart(all: Importance[]): Chart {
  const shown = all.slice(0, mostBars);
  const names = shown.map((one) => one.feature);
  return {
    id: 'importance',
    title: t('why.importance'),
    note: t('why.importance.note'),
    height: 70 + 28 * shown.length,
    wide: true,
    columns: [{ title: t('why.column') }, { title: t('why.drop'), numeric: true }, { title: t('low'), numeric: true }, { title: t('high'), numeric: true }],
    rows: all.map((one) => [one.feature, one.drop, one.low, one.high]),
    shown: (v, i) => (i === 0 ? String(v) : fixed(v as number, 4)),
    option: (c) => ({
      grid: { left: 12, right: 24, top: 8, bottom: 44, containLabel: true },
      tooltip: tooltip(c, ((q: { dataIndex: number }) => {
        const one = shown[q.dataIndex];
        return `${one.feature}: ${fixed(one.drop)} (${fixed(one.low)} – ${fixed(one.high)})`;
      }) as never),
      xAxis: axis(c, t('why.drop'), { type: 'value', axisLabel: { ...text(c), formatter: (v: number) => fixed(v, 2) } }),
      yAxis: axis(c, '', { type: 'category', inverse: true, data: names, axisLabel: { ...text(c), color: c.ink, width: 230, overflow: 'truncate' } }),
      series: [
        { type: 'bar', barWidth: '60%', data: shown.map((one) => ({ value: one.drop, itemStyle: { color: c.main, opacity: isClear(one) ? 1 : 0.45 } })) },
        whiskers(shown.map((one, i) => [i, one.low ?? 0, one.high ?? 0]), c.ink, true),
      ],
    }),
  };
}

function curveChart(one: Dependence, index: number): Chart {
  const inWords = (v: number) => (one.date ? day(v) : number(v));
  const at = one.at.map((v) => (v === '' ? t('missing') : one.date && typeof v === 'number' ? day(v) : v));
  const base = {
    id: `dependence-${index + 1}`,
    title: t('why.curve', { feature: quote(one.feature), answer: quote(one.answer) }),
    note: t('why.curve.note'),
    columns: [{ title: one.feature, numeric: !one.text && !one.date }, { title: t('why.partial'), numeric: true }],
    rows: at.map((v, i) => [v, one.partial[i]]),
    shown: (v: string | number | null, i: number) => (i === 0 ? (typeof v === 'number' ? number(v) : String(v)) : percent(v as number)),
  };
  const rates = (c: Parameters<Chart['option']>[0]) =>
    axis(c, t('why.partial'), { type: 'value', min: 0, max: 1, nameGap: 50, axisLabel: { ...text(c), formatter: (v: number) => percent(v, 0) } });
  if (one.text) {
    return {
      ...base,
      option: (c) => ({
        grid: { left: 70, right: 28, top: 12, bottom: 46 },
        tooltip: tooltip(c, ((q: { dataIndex: number }) => `${at[q.dataIndex]}: ${percent(one.partial[q.dataIndex])}; ${t('why.density')} ${percent(one.density[q.dataIndex])}`) as never),
        xAxis: axis(c, one.feature, { type: 'category', data: at, splitLine: { show: false } }),
        yAxis: rates(c),
        series: [{ type: 'bar', barWidth: '55%', data: one.partial, itemStyle: { color: c.main } }],
      }),
    };
  }
  const highest = Math.max(...one.density, 1e-9);
  return {
    ...base,
    option: (c) => ({
      grid: { left: 70, right: 28, top: 12, bottom: 46 },
      tooltip: tooltip(c, ((q: { value: [number, number] }) => `${inWords(q.value[0])}: ${percent(q.value[1])}`) as never),
      xAxis: axis(c, one.feature, { type: 'value', scale: true, axisLabel: { ...text(c), formatter: inWords, hideOverlap: true } }),
      yAxis: rates(c),
      series: [
        {
          type: 'custom', silent: true, z: 1, encode: { x: [0, 1], y: 2 },
          data: one.density.map((share, i) => [one.edges[i], one.edges[i + 1], (0.25 * share) / highest]),
          renderItem: (_: unknown, api: { value(i: number): number; coord(v: number[]): number[] }) => {
            const a = api.coord([api.value(0), api.value(2)]);
            const b = api.coord([api.value(1), 0]);
            return { type: 'rect', shape: { x: a[0], y: a[1], width: Math.max(0, b[0] - a[0] - 1), height: b[1] - a[1] }, style: { fill: c.soft, opacity: 0.3 } };
          },
        },
        ...one.individual.slice(0, 20).map((curve) => ({ type: 'line', silent: true, showSymbol: false, data: one.at.map((v, i) => [v, curve[i]]), lineStyle: { width: 1, color: c.main, opacity: 0.25 } })),
        { type: 'line', z: 4, data: one.at.map((v, i) => [v, one.partial[i]]), symbolSize: 5, lineStyle: { width: 2.5, color: c.main }, itemStyle: { color: c.main } },
      ],
    }),
  };
}

const value = (v: number | string | null | undefined) => (typeof v === 'number' ? number(v) : v === '' ? t('missing') : (v ?? '–'));

export function why(d: Data): (HTMLElement | null)[] {
  const e = d.explanation!;
  const told = e.importance.some((one) => one.direction !== undefined);
  return [
    p(t('why.intro')),
    h('div', { class: 'charts' }, chartFigure(importanceChart(e.importance))),
    told
      ? table(
          [
            { title: t('why.column') },
            { title: t('why.direction') },
            { title: `${t('why.from')} → ${t('why.to')}` },
            { title: isBinary(d) ? t('why.effect') : `${t('why.effect')}: ${quote(lastClass(d))}` },
            { title: t('why.certainty') },
          ],
          e.importance.slice(0, mostBars).map((one) => [
            h('strong', {}, one.feature),
            directionWords(one, d),
            `${value(one.lowValue)} → ${value(one.highValue)}`,
            h('span', { class: 'nowrap' }, `${percent(one.lowProbability, 0)} → ${percent(one.highProbability, 0)}`),
            one.certainty ? t(`cert.${one.certainty}`) : '',
          ]),
          t('sec.why'),
        )
      : null,
    e.dependence.length > 0 ? h('div', { class: 'charts' }, e.dependence.slice(0, 6).map((one, i) => chartFigure(curveChart(one, i)))) : null,
    e.method
      ? p(t('why.shap', { method: e.method, exact: t(e.exact ? 'why.exact' : 'why.sampled'), n: count('customers', e.explainedRows) }), 'soft')
      : null,
  ];
}
