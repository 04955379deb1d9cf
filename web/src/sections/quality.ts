import { type Chart, axis, chartFigure, text, tooltip, whiskers } from '../charts';
import { type Data, type Figure, type Point, figure, isBinary } from '../data';
import { h, p, table } from '../dom';
import { count, fixed, int, percent, quote, range, said, t } from '../i18n';
import { metricTitle } from './shared';

// Value and interval on the scale from 0 to 1, the naive rule as a tick.
function bar(f: Figure): HTMLElement {
  const at = (v: number | null) => `${100 * Math.min(1, Math.max(0, v ?? 0))}%`;
  return h(
    'span',
    { class: 'bar', 'aria-hidden': 'true' },
    h('i', { style: `left:${at(f.low)};width:calc(${at(f.high)} - ${at(f.low)})` }),
    h('em', { style: `left:${at(f.value)}` }),
    f.naive === null ? null : h('u', { style: `left:${at(f.naive)}` }),
  );
}

function figures(d: Data): HTMLElement {
  return table(
    [
      { title: t('quality.figure') },
      { title: t('quality.model'), numeric: true },
      { title: t('interval') },
      { title: '0 – 1' },
      { title: t('naive'), numeric: true },
      { title: t('quality.meaning') },
    ],
    d.verdict.figures.map((f) => [
      h('strong', {}, metricTitle(f.name)),
      fixed(f.value),
      h('span', { class: 'nowrap' }, range(fixed(f.low), fixed(f.high))),
      bar(f),
      fixed(f.naive),
      h('span', { class: 'soft' }, said(`mm.${f.name}`, '')),
    ]),
    t('sec.quality'),
  );
}

// Beside each other: what was looked at while choosing, and the verdict.
function validation(d: Data): (HTMLElement | null)[] {
  const seen = d.validation ?? [];
  if (seen.length === 0) return [];
  const heading = t('quality.validation', { rows: count('customers', d.rows.validation) });
  const cell = (f: Figure | undefined) => (f ? `${fixed(f.value)} (${range(fixed(f.low), fixed(f.high))})` : '–');
  return [
    h('h3', {}, heading),
    p(t(d.rows.refit ? 'quality.validation.refit' : 'quality.validation.note'), 'soft'),
    table(
      [{ title: t('quality.figure') }, { title: t('quality.on.validation') }, { title: t('quality.on.sealed') }],
      seen.map((f) => [h('strong', {}, metricTitle(f.name)), cell(f), cell(figure(d, f.name))]),
      heading,
    ),
  ];
}

function lossChart(curve: NonNullable<Data['lossCurve']>): Chart {
  const step = said(`step.${curve.step}`, curve.step);
  const held = new Map(curve.validation);
  const line = (data: Point[], name: string, colour: string, type: 'solid' | 'dashed') => ({
    type: 'line', name, data, showSymbol: false, triggerLineEvent: true, lineStyle: { width: 2, color: colour, type }, itemStyle: { color: colour },
  });
  const two = curve.validation.length > 0;
  return {
    id: 'loss-curve',
    title: t('quality.loss'),
    note: `${t('quality.loss.note', { step })} ${t('quality.loss.best', { step, n: int(curve.best) })}`,
    columns: [
      { title: step, numeric: true },
      { title: t('quality.loss.training'), numeric: true },
      ...(two ? [{ title: t('quality.loss.held'), numeric: true }] : []),
    ],
    rows: curve.training.map(([k, loss]) => (two ? [k, loss, held.get(k) ?? null] : [k, loss])),
    shown: (v, i) => (i === 0 ? int(v as number) : fixed(v as number, 4)),
    option: (c) => ({
      grid: { left: 70, right: 28, top: 34, bottom: 46 },
      legend: { top: 0, textStyle: text(c) },
      tooltip: tooltip(c, ((q: { seriesName: string; value: Point }) => `${q.seriesName}, ${step} ${int(q.value[0])}: ${fixed(q.value[1], 4)}`) as never),
      xAxis: axis(c, step, { type: 'value', min: 1, axisLabel: { ...text(c), formatter: (v: number) => int(v) } }),
      yAxis: axis(c, metricTitle('log_loss'), { type: 'value', scale: true, nameGap: 50, axisLabel: { ...text(c), formatter: (v: number) => fixed(v, 2) } }),
      series: [
        {
          ...line(curve.training, t('quality.loss.training'), c.main, 'solid'),
          markLine: curve.best > 0
            ? { silent: true, symbol: 'none', label: { show: false }, lineStyle: { color: c.soft, type: 'dotted' }, data: [{ xAxis: curve.best }] }
            : undefined,
        },
        ...(two ? [line(curve.validation, t('quality.loss.held'), c.other, 'dashed')] : []),
      ],
    }),
  };
}

function confusion(d: Data): HTMLElement[] {
  const { classes } = d.study;
  const counts = d.verdict.confusion;
  const heading = isBinary(d)
    ? t('quality.confusion', { threshold: percent(d.verdict.threshold) })
    : t('quality.confusion.several');
  const grid = table(
    [{ title: '' }, ...classes.map((name) => ({ title: t('quality.called', { name: quote(name) }), numeric: true }))],
    classes.map((name, i) => [
      h('strong', {}, t('quality.is', { name: quote(name) })),
      ...counts[i].map((n, k) => h('span', { class: i === k ? 'hit' : n > 0 ? 'miss' : '' }, int(n))),
    ]),
    heading,
  );
  return [h('h3', {}, heading), grid];
}

function perClass(d: Data): HTMLElement | null {
  const classes = d.verdict.perClass;
  if (!classes || classes.length === 0) return null;
  const get = (figures: Figure[], name: string) => figures.find((f) => f.name === name);
  return table(
    [
      { title: t('quality.class') },
      { title: t('rows'), numeric: true },
      { title: 'ROC-AUC', numeric: true },
      { title: t('quality.found'), numeric: true },
      { title: t('quality.right'), numeric: true },
    ],
    classes.map((one) => {
      const auc = get(one.figures, 'roc_auc');
      return [
        one.name,
        int(one.rows),
        auc ? `${fixed(auc.value)} (${range(fixed(auc.low), fixed(auc.high))})` : '–',
        percent(get(one.figures, 'recall')?.value),
        one.called > 0 ? percent(get(one.figures, 'precision')?.value) : '–',
      ];
    }),
  );
}

// Classes as lists of things to recommend: how often something on the list was taken.
function recommendation(d: Data): HTMLElement | null {
  const found = d.verdict.recommendation;
  if (!found) return null;
  const names: Record<string, string> = {
    hit_at_1: t('quality.hit', { k: 1 }),
    hit_at_k: t('quality.hit', { k: found.k }),
    mrr: 'MRR',
    ndcg_at_k: `NDCG@${found.k}`,
  };
  return table(
    [
      { title: t('quality.list') },
      { title: t('quality.listed'), numeric: true },
      { title: t('quality.popular'), numeric: true },
    ],
    found.figures.map((f) => [
      names[f.name],
      `${fixed(f.value)} (${range(fixed(f.low), fixed(f.high))})`,
      fixed(f.naive),
    ]),
  );
}

interface Unit {
  id: string;
  title: string;
  note: string;
  x: string;
  y: string;
  line: Point[];
  dashed: Point[];
}
function unitChart(u: Unit): Chart {
  return {
    id: u.id,
    title: u.title,
    note: u.note,
    columns: [
      { title: u.x, numeric: true },
      { title: u.y, numeric: true },
    ],
    rows: u.line,
    shown: (v) => percent(v as number),
    option: (c) => ({
      grid: { left: 70, right: 28, top: 12, bottom: 46 },
      tooltip: tooltip(c, ((q: { value: Point }) => `${u.x}: ${percent(q.value[0])}; ${u.y}: ${percent(q.value[1])}`) as never),
      xAxis: axis(c, u.x, { type: 'value', min: 0, max: 1, axisLabel: { ...text(c), formatter: (v: number) => percent(v, 0) } }),
      yAxis: axis(c, u.y, { type: 'value', min: 0, max: 1, nameGap: 50, axisLabel: { ...text(c), formatter: (v: number) => percent(v, 0) } }),
      series: [
        { type: 'line', data: u.line, showSymbol: false, triggerLineEvent: true, lineStyle: { width: 2.5, color: c.main } },
        { type: 'line', data: u.dashed, showSymbol: false, silent: true, lineStyle: { type: 'dashed', width: 1.5, color: c.soft } },
      ],
    }),
  };
}

function reliabilityChart(d: Data): Chart {
  const bins = d.verdict.reliability;
  return {
    id: 'reliability',
    title: t('quality.reliability'),
    note: t('quality.reliability.note'),
    columns: [
      { title: t('quality.predicted'), numeric: true },
      { title: t('quality.seen'), numeric: true },
      { title: t('low'), numeric: true },
      { title: t('high'), numeric: true },
      { title: t('rows'), numeric: true },
    ],
    rows: bins.map((b) => [b.p, b.rate, b.low, b.high, b.rows]),
    shown: (v, i) => (i === 4 ? int(v as number) : percent(v as number)),
    option: (c) => ({
      grid: { left: 70, right: 28, top: 12, bottom: 46 },
      tooltip: tooltip(c, ((q: { dataIndex: number }) => {
        const b = bins[q.dataIndex];
        return `${percent(b.p)} → ${percent(b.rate)} (${percent(b.low)} – ${percent(b.high)})`;
      }) as never),
      xAxis: axis(c, t('quality.predicted'), { type: 'value', min: 0, max: 1, axisLabel: { ...text(c), formatter: (v: number) => percent(v, 0) } }),
      yAxis: axis(c, t('quality.seen'), { type: 'value', min: 0, max: 1, nameGap: 50, axisLabel: { ...text(c), formatter: (v: number) => percent(v, 0) } }),
      series: [
        { type: 'scatter', data: bins.map((b) => [b.p, b.rate]), symbolSize: 9, itemStyle: { color: c.main } },
        whiskers(bins.map((b) => [b.p, b.low, b.high]), c.main, false),
        { type: 'line', data: [[0, 0], [1, 1]], showSymbol: false, silent: true, lineStyle: { type: 'dashed', width: 1.5, color: c.soft } },
      ],
    }),
  };
}

export function calibration(d: Data): string {
  const { method, candidates } = d.calibration;
  const loss = (name: string) => fixed(candidates.find((c) => c.method === name)?.loss);
  if (method === 'none') return t(candidates.length > 0 ? 'cal.none.tried' : 'cal.none');
  return t('cal.done', { method, before: loss('none'), after: loss(method) });
}

export function quality(d: Data): (HTMLElement | null)[] {
  const v = d.verdict;
  const rate = v.positives / v.rows;
  const charts: Chart[] = [];
  if (isBinary(d)) {
    charts.push(
      unitChart({ id: 'roc', title: t('quality.roc'), note: t('quality.roc.note'), x: t('quality.fpr'), y: t('quality.tpr'), line: v.roc, dashed: [[0, 0], [1, 1]] }),
      unitChart({ id: 'precision-recall', title: t('quality.pr'), note: t('quality.pr.note'), x: t('quality.recall'), y: t('quality.precision'), line: v.pr, dashed: [[0, rate], [1, rate]] }),
    );
  }
  if (v.reliability.length > 0) charts.push(reliabilityChart(d));
  if (d.lossCurve && d.lossCurve.training.length > 1) charts.push(lossChart(d.lossCurve));
  const rows = count('customers', v.rows);
  return [
    p(isBinary(d) ? t('quality.intro', { rows, rate: percent(d.rows.rate) }) : t('quality.intro.several', { rows })),
    figures(d),
    ...confusion(d),
    perClass(d),
    recommendation(d),
    ...validation(d),
    h('div', { class: 'charts' }, charts.map(chartFigure)),
    p(calibration(d), 'soft'),
  ];
}
