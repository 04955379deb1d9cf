import { type Chart, axis, chartFigure, tooltip, whiskers, text } from '../charts';
import { type Data, foundAmong, gains, isBinary } from '../data';
import { h, p } from '../dom';
import { int, number, percent, quote, t } from '../i18n';

const share = { formatter: (v: number) => percent(v, 0) };

function gainsChart(d: Data): Chart {
  const line = gains(d);
  return {
    id: 'gains',
    title: t('who.gains'),
    note: t('who.gains.note'),
    columns: [
      { title: t('who.x'), numeric: true },
      { title: t('who.y'), numeric: true },
    ],
    rows: Array.from({ length: 11 }, (_, i) => [i / 10, i === 0 ? 0 : foundAmong(d, i / 10)]),
    shown: (v) => percent(v as number),
    option: (c) => ({
      grid: { left: 70, right: 28, top: 12, bottom: 46 },
      tooltip: tooltip(c, ((q: { value: [number, number] }) => `${percent(q.value[0])} → ${percent(q.value[1])}`) as never),
      xAxis: axis(c, t('who.x'), { type: 'value', min: 0, max: 1, axisLabel: { ...text(c), ...share } }),
      yAxis: axis(c, t('who.y'), { type: 'value', min: 0, max: 1, nameGap: 50, axisLabel: { ...text(c), ...share } }),
      series: [
        { type: 'line', data: line, showSymbol: false, symbolSize: 8, lineStyle: { width: 2.5, color: c.main }, areaStyle: { color: c.main, opacity: 0.12 }, triggerLineEvent: true },
        { type: 'line', data: [[0, 0], [1, 1]], showSymbol: false, silent: true, lineStyle: { type: 'dashed', color: c.soft, width: 1.5 } },
      ],
    }),
  };
}

function groupsChart(d: Data): Chart {
  const bins = [...d.verdict.reliability].reverse();
  const rate = d.verdict.positives / d.verdict.rows;
  return {
    id: 'groups',
    title: t('who.groups'),
    note: t('who.groups.note'),
    columns: [
      { title: t('who.group'), numeric: true },
      { title: t('rows'), numeric: true },
      { title: t('who.mean'), numeric: true },
      { title: t('who.rate'), numeric: true },
      { title: t('low'), numeric: true },
      { title: t('high'), numeric: true },
    ],
    rows: bins.map((b, i) => [i + 1, b.rows, b.p, b.rate, b.low, b.high]),
    shown: (v, i) => (i < 2 ? int(v as number) : percent(v as number)),
    option: (c) => ({
      grid: { left: 70, right: 28, top: 12, bottom: 46 },
      tooltip: tooltip(c, ((q: { dataIndex: number }) => {
        const b = bins[q.dataIndex];
        return `${percent(b.rate)} (${percent(b.low)} – ${percent(b.high)}); ${int(b.rows)}`;
      }) as never),
      xAxis: axis(c, t('who.mean'), { type: 'category', data: bins.map((b) => percent(b.p, 0)), splitLine: { show: false } }),
      yAxis: axis(c, t('who.rate'), { type: 'value', min: 0, max: 1, nameGap: 50, axisLabel: { ...text(c), ...share } }),
      series: [
        {
          type: 'bar',
          data: bins.map((b) => b.rate),
          barWidth: '65%',
          itemStyle: { color: c.main },
          markLine: { silent: true, symbol: 'none', label: { show: false }, lineStyle: { color: c.soft, type: 'dashed' }, data: [{ yAxis: rate }] },
        },
        whiskers(bins.map((b, i) => [i, b.low, b.high]), c.ink, false),
      ],
    }),
  };
}

function scoresChart(d: Data): Chart {
  const [no, yes] = d.verdict.scores!;
  const bins = no.length;
  const names = no.map((_, i) => `${percent(i / bins, 0)} – ${percent((i + 1) / bins, 0)}`);
  const bar = (name: string, data: number[], colour: string) => ({
    type: 'bar', name, data, stack: 'all', barCategoryGap: '8%', itemStyle: { color: colour },
  });
  return {
    id: 'scores',
    title: t('who.scores'),
    note: t('who.scores.note'),
    columns: [
      { title: t('who.scores.x') },
      ...d.study.classes.map((name) => ({ title: name, numeric: true })),
    ],
    rows: no.map((n, i) => [names[i], n, yes[i]]),
    shown: (v, i) => (i === 0 ? String(v) : int(v as number)),
    option: (c) => ({
      grid: { left: 70, right: 28, top: 40, bottom: 46 },
      legend: { top: 4, textStyle: text(c), data: d.study.classes },
      tooltip: tooltip(c, ((q: { seriesName: string; dataIndex: number; value: number }) => `${q.seriesName}, ${names[q.dataIndex]}: ${number(q.value)}`) as never),
      xAxis: axis(c, t('who.scores.x'), { type: 'category', data: no.map((_, i) => percent(i / bins, 0)), splitLine: { show: false } }),
      yAxis: axis(c, t('rows'), { type: 'value', nameGap: 50 }),
      series: [bar(d.study.classes[0], no, c.other), bar(d.study.classes[1], yes, c.main)],
    }),
  };
}

function classesChart(d: Data): Chart {
  const rates = d.rows.classRates!;
  return {
    id: 'classes',
    title: d.study.target,
    columns: [{ title: t('quality.class') }, { title: t('who.rate'), numeric: true }],
    rows: d.study.classes.map((name, i) => [name, rates[i]]),
    shown: (v, i) => (i === 0 ? String(v) : percent(v as number)),
    height: Math.max(160, 60 + 28 * rates.length),
    option: (c) => ({
      grid: { left: 140, right: 50, top: 8, bottom: 30 },
      xAxis: axis(c, '', { type: 'value', axisLabel: { ...text(c), ...share } }),
      yAxis: axis(c, '', { type: 'category', inverse: true, data: d.study.classes, axisLabel: { ...text(c), width: 130, overflow: 'truncate' } }),
      series: [{ type: 'bar', data: rates, itemStyle: { color: c.main }, label: { show: true, position: 'right', color: c.ink, formatter: ((q: { value: number }) => percent(q.value)) as never } }],
    }),
  };
}

export function who(d: Data): HTMLElement[] {
  if (!isBinary(d)) return [h('div', { class: 'charts' }, chartFigure(classesChart(d)))];
  const charts = [gainsChart(d), groupsChart(d)];
  if (d.verdict.scores) charts.push(scoresChart(d));
  return [
    p(t('who.intro', { part: percent(0.2, 0), share: percent(foundAmong(d, 0.2), 0), target: quote(d.study.target) })),
    h('div', { class: 'charts' }, charts.map(chartFigure)),
    p(t('who.list'), 'soft'),
  ];
}
export const hasWho = (d: Data) => (isBinary(d) ? d.verdict.roc.length > 1 : (d.rows.classRates ?? []).length > 0);
