import { type Chart, axis, chartFigure, text, tooltip, whiskers } from '../charts';
import type { Data } from '../data';
import { h, p, table } from '../dom';
import { fixed, int, percent, range, t } from '../i18n';
import { metricTitle } from './shared';

type Moment = NonNullable<Data['backtest']>[number];
const get = (m: Moment, name: string) => m.figures.find((f) => f.name === name);

export const hasBacktest = (d: Data) => (d.backtest?.length ?? 0) > 1;

function overTime(moments: Moment[]): Chart {
  const auc = moments.map((m) => get(m, 'roc_auc'));
  const title = metricTitle('roc_auc');
  const all = auc.flatMap((f) => [f?.low, f?.high]).filter((v): v is number => typeof v === 'number');
  const pad = 0.02;
  const interval = (i: number) => range(fixed(auc[i]?.low), fixed(auc[i]?.high));
  return {
    id: 'backtest',
    title: t('backtest.chart'),
    note: t('backtest.chart.note'),
    wide: true,
    columns: [
      { title: t('backtest.cutoff') },
      { title, numeric: true },
      { title: t('low'), numeric: true },
      { title: t('high'), numeric: true },
    ],
    rows: moments.map((m, i) => [m.cutoff, auc[i]?.value ?? null, auc[i]?.low ?? null, auc[i]?.high ?? null]),
    shown: (v, i) => (i === 0 ? String(v) : fixed(v as number)),
    option: (c) => {
      const colour = (m: Moment) => (m.sealed ? c.other : c.main);
      const bars = (sealed: boolean) =>
        moments.flatMap((m, i): [number, number, number][] =>
          m.sealed === sealed && typeof auc[i]?.low === 'number' && typeof auc[i]?.high === 'number' ? [[i, auc[i]!.low!, auc[i]!.high!]] : [],
        );
      return {
        grid: { left: 70, right: 28, top: 12, bottom: 46 },
        tooltip: tooltip(c, ((q: { dataIndex: number }) => `${moments[q.dataIndex].cutoff}: ${fixed(auc[q.dataIndex]?.value)} (${interval(q.dataIndex)})`) as never),
        xAxis: axis(c, t('backtest.cutoff'), { type: 'category', data: moments.map((m) => m.cutoff) }),
        yAxis: axis(c, title, {
          type: 'value',
          min: Math.max(0, Math.floor(20 * (Math.min(...all) - pad)) / 20),
          max: Math.min(1, Math.ceil(20 * (Math.max(...all) + pad)) / 20),
          interval: Math.max(...all) - Math.min(...all) < 0.3 ? 0.05 : 0.1,
          nameGap: 50,
          axisLabel: { ...text(c), formatter: (v: number) => fixed(v, 2) },
        }),
        series: [
          {
            type: 'line',
            data: moments.map((m, i) => ({ value: auc[i]?.value ?? null, itemStyle: { color: colour(m) } })),
            symbol: 'circle',
            symbolSize: 10,
            lineStyle: { width: 1.5, color: c.soft, type: 'dotted' },
          },
          whiskers(bars(false), c.main, false),
          whiskers(bars(true), c.other, false),
        ],
      };
    },
  };
}

// Whether some earlier moment's interval and that of the last lie apart: then time matters.
function steadiness(moments: Moment[]): string {
  const last = get(moments[moments.length - 1], 'roc_auc');
  const apart = moments.slice(0, -1).filter((m) => {
    const f = get(m, 'roc_auc');
    if (typeof f?.low !== 'number' || typeof f.high !== 'number') return false;
    return typeof last?.low === 'number' && typeof last.high === 'number' && (f.high < last.low || f.low > last.high);
  });
  return apart.length === 0 ? t('backtest.steady') : t('backtest.apart', { cutoffs: apart.map((m) => m.cutoff).join(', ') });
}

export function backtest(d: Data): (HTMLElement | null)[] {
  const moments = d.backtest!;
  const cell = (m: Moment, name: string) => {
    const f = get(m, name);
    return f ? `${fixed(f.value)} (${range(fixed(f.low), fixed(f.high))})` : '–';
  };
  return [
    p(t('backtest.intro')),
    p(steadiness(moments)),
    table(
      [
        { title: t('backtest.cutoff') },
        { title: t('backtest.learned'), numeric: true },
        { title: t('backtest.rows'), numeric: true },
        { title: t('backtest.rate'), numeric: true },
        { title: metricTitle('roc_auc'), numeric: true },
        { title: metricTitle('average_precision'), numeric: true },
      ],
      moments.map((m) => [
        m.sealed ? h('strong', {}, `${m.cutoff} (${t('backtest.sealed')})`) : m.cutoff,
        int(m.learnedFrom),
        int(m.rows),
        percent(m.baseRate),
        cell(m, 'roc_auc'),
        cell(m, 'average_precision'),
      ]),
      t('sec.backtest'),
    ),
    h('div', { class: 'charts' }, chartFigure(overTime(moments))),
  ];
}
