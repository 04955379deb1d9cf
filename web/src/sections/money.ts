// What contacts cost and bring: the profit along the list of customers, and whom the plan takes.
import { type Chart, axis, chartFigure, text, tooltip } from '../charts';
import type { Data, Money } from '../data';
import { h, p } from '../dom';
import { count, int, number, percent, quote, t } from '../i18n';

// An amount of the study's money: cents only where they matter.
export const amount = (value: number | null | undefined, unit = '') => {
  const shown = value === null || value === undefined ? value : Math.abs(value) >= 100 ? Math.round(value) : Math.round(value * 100) / 100;
  return number(shown) + (unit ? `\u00a0${unit}` : '');
};

function profitChart(m: Money): Chart {
  const line = m.curve.map((one) => [one.share, one.profit]);
  const planned = m.contacted / m.customers;
  const band = m.best_share.low !== null && m.best_share.high !== null;
  return {
    id: 'profit',
    title: t('money.curve'),
    note: t('money.curve.note'),
    wide: true,
    columns: [{ title: t('money.share'), numeric: true }, { title: t('rows'), numeric: true }, { title: t('money.found'), numeric: true }, { title: t('money.profit'), numeric: true }],
    rows: m.curve.map((one) => [one.share, one.contacted, one.found, one.profit]),
    shown: (v, i) => (i === 0 ? percent(v as number) : i === 3 ? amount(v as number) : int(v as number)),
    option: (c) => ({
      grid: { left: 80, right: 32, top: 30, bottom: 46 },
      tooltip: tooltip(c, ((q: { value: [number, number] }) => `${percent(q.value[0])} → ${amount(q.value[1])}`) as never),
      xAxis: axis(c, t('money.share'), { type: 'value', min: 0, max: 1, axisLabel: { ...text(c), formatter: (v: number) => percent(v, 0) } }),
      yAxis: axis(c, t('money.profit'), { type: 'value', nameGap: 60, axisLabel: { ...text(c), formatter: (v: number) => number(v) } }),
      series: [
        ...(band
          ? [{
              type: 'custom', silent: true, z: 1, data: [[m.best_share.low, m.best_share.high]],
              renderItem: (_: unknown, api: { value(i: number): number; coord(v: number[]): number[] }) => {
                const [lowest, highest] = [Math.min(...line.map((one) => one[1])), Math.max(...line.map((one) => one[1]))];
                const a = api.coord([api.value(0), highest]);
                const b = api.coord([api.value(1), lowest]);
                return { type: 'rect', shape: { x: a[0], y: a[1], width: Math.max(2, b[0] - a[0]), height: b[1] - a[1] }, style: { fill: c.good, opacity: 0.15 } };
              },
            }]
          : []),
        {
          type: 'line', data: line, showSymbol: false, symbolSize: 8, triggerLineEvent: true, lineStyle: { width: 2.5, color: c.main },
          markLine: {
            silent: true, symbol: 'none', label: { color: c.ink, formatter: t('money.plan') }, lineStyle: { color: c.other, type: 'solid', width: 2 },
            data: [{ xAxis: planned }],
          },
        },
        { type: 'line', data: [[0, 0], [1, m.profit_of_everybody.value ?? 0]], showSymbol: false, silent: true, lineStyle: { type: 'dashed', color: c.soft, width: 1.5 } },
      ],
    }),
  };
}

function sentences(d: Data, m: Money): string[] {
  const unit = d.segments?.unit ?? '';
  const interval = (one: { low: number | null; high: number | null }) => ({ low: amount(one.low, unit), high: amount(one.high, unit) });
  const over = m.over_everybody;
  const compared = (over.low ?? 0) > 0 ? 'money.more' : (over.high ?? 0) < 0 ? 'money.less' : 'money.noise';
  const out = [
    t('money.terms', {
      cost: amount(m.contact_cost, unit),
      worth: typeof m.kept_value === 'string' ? t('money.column', { column: quote(m.kept_value) }) : amount(m.kept_value, unit),
      rate: percent(m.success_rate, 0),
      target: quote(d.study.target),
      positive: quote(d.study.positive),
    }),
    t('money.does', {
      customers: count('customers', m.customers),
      contacted: int(m.contacted),
      rest: int(m.not_contacted),
      cost: amount(m.cost, unit),
      all: amount(m.cost_of_everybody, unit),
      saved: amount(m.cost_saved, unit),
      found: int(m.found),
      positives: int(m.positives),
    }),
    t('money.left', { profit: amount(m.profit.value, unit), ...interval(m.profit), all: amount(m.profit_of_everybody.value, unit) }),
    t(compared, { over: amount(Math.abs(over.value ?? 0), unit), ...interval(over) }),
    t('money.best', { share: percent(m.best_share.value), low: percent(m.best_share.low), high: percent(m.best_share.high), profit: amount(m.best_profit, unit) }),
  ];
  if (!d.verdict.better) out.unshift(t('money.nothing'));
  return out;
}

export function money(d: Data): HTMLElement[] {
  const m = d.money!;
  return [...sentences(d, m).map((one) => p(one)), h('div', { class: 'charts' }, chartFigure(profitChart(m)))];
}
