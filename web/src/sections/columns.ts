import { type Chart, axis, chartFigure, text, tooltip, whiskers } from '../charts';
import { type ColumnProfile, type Data, type Slice, isBinary, lastClass } from '../data';
import { type Child, h, list, p, table } from '../dom';
import { count, day, fixed, int, number, percent, quote, t } from '../i18n';

function sliceName(s: Slice, date: boolean): string {
  if (s.kind === 'other') return t('other');
  if (s.kind === 'missing') return t('missing');
  if (s.kind === 'value' && s.low === undefined) return s.label;
  const show = (v: number | null | undefined) =>
    v === null || v === undefined ? '' : date ? day(v) : number(v);
  return s.low === s.high ? show(s.low) : `${show(s.low)} – ${show(s.high)}`;
}

// Bars: customers in each slice; dots with intervals: the share of the last class in it.
function slicesChart(d: Data, one: ColumnProfile, index: number): Chart {
  const slices = one.distribution;
  const names = slices.map((s) => sliceName(s, one.type === 'date'));
  return {
    id: `column-${index + 1}`,
    title: one.name,
    wide: true,
    height: 240,
    columns: [
      { title: t('value') },
      { title: t('rows'), numeric: true },
      { title: t('columns.rate', { positive: quote(lastClass(d)) }), numeric: true },
      { title: t('low'), numeric: true },
      { title: t('high'), numeric: true },
    ],
    rows: slices.map((s, i) => [names[i], s.rows, ...s.rate]),
    shown: (v, i) => (i === 0 ? String(v) : i === 1 ? int(v as number) : percent(v as number | null)),
    option: (c) => ({
      grid: { left: 70, right: 66, top: 34, bottom: 46 },
      legend: { top: 2, textStyle: text(c), data: [t('columns.dist'), t('columns.rate', { positive: lastClass(d) })] },
      tooltip: tooltip(c, ((q: { dataIndex: number }) => {
        const s = slices[q.dataIndex];
        return `${names[q.dataIndex]}: ${int(s.rows)}; ${percent(s.rate[0])} (${percent(s.rate[1])} – ${percent(s.rate[2])})`;
      }) as never),
      xAxis: axis(c, one.name, { type: 'category', data: names, splitLine: { show: false } }),
      yAxis: [
        axis(c, t('columns.dist'), { type: 'value', nameGap: 50 }),
        axis(c, '%', { type: 'value', min: 0, max: 1, splitLine: { show: false }, axisLabel: { ...text(c), formatter: (v: number) => percent(v, 0) } }),
      ],
      series: [
        { type: 'bar', name: t('columns.dist'), data: slices.map((s) => s.rows), barCategoryGap: '10%', itemStyle: { color: c.soft, opacity: 0.45 } },
        { type: 'scatter', name: t('columns.rate', { positive: lastClass(d) }), yAxisIndex: 1, data: slices.map((s) => s.rate[0] ?? '-'), symbolSize: 7, itemStyle: { color: c.main } },
        { ...whiskers(slices.map((s, i): [number, number, number] => [i, s.rate[1] ?? NaN, s.rate[2] ?? NaN]).filter((w) => !Number.isNaN(w[1])), c.main, false), yAxisIndex: 1 },
      ],
    }),
  };
}

function facts(one: ColumnProfile): string[] {
  const out = [t(`columns.type.${one.type as 'number' | 'date' | 'text'}`)];
  if (one.role === 'value') out.push(t('columns.value'));
  if (one.distinct > 0) out.push(t('columns.distinct', { n: `${one.estimated ? '≈ ' : ''}${int(one.distinct)}` }));
  if (one.missing > 0) out.push(t('columns.missing', { share: percent(one.missing / one.rows) }));
  if (one.phik !== null) out.push(`φK ${fixed(one.phik, 2)}`);
  return out;
}

function column(d: Data, one: ColumnProfile, index: number): HTMLElement {
  const heading: Child[] = [h('b', {}, one.name), ' ', h('span', { class: 'soft' }, [one.table, ...facts(one)].filter(Boolean).join(' · '))];
  if (one.distinct === 0 && one.distribution.length === 0) {
    return h('div', { class: 'column', 'data-name': one.name.toLowerCase() }, heading);
  }
  const q = one.quantiles;
  const body = h('div', {});
  const show = (v: number | null | undefined) => number(v);
  const box = h(
    'details',
    { class: 'column', 'data-name': one.name.toLowerCase() },
    h('summary', {}, heading),
    body,
  );
  // Built when it is opened: a study may have hundreds of columns.
  box.addEventListener('toggle', () => {
    if (body.firstChild) return;
    const parts: Child[] = [
      one.definition ? p(one.definition) : null,
      q && one.type === 'number'
        ? p(t('columns.median', { median: show(q.median), low: show(q.p25), high: show(q.p75), min: show(q.min), max: show(q.max) }))
        : null,
      !q && one.top ? p(t('columns.top', { value: quote(one.top), share: percent(one.topRows / one.rows) })) : null,
      one.outside > 0
        ? p(t('columns.outside', { n: int(one.outside), ids: one.outliers.map(([id, v]) => `${id}: ${number(v)}`).join('; ') }))
        : null,
      one.distribution.length > 0 ? h('div', { class: 'charts' }, chartFigure(slicesChart(d, one, index))) : null,
    ];
    for (const part of parts) if (part instanceof Node) body.appendChild(part);
  });
  return box;
}

function phikChart(d: Data): Chart | null {
  const all = d.exploration!.columns.filter((one) => one.phik !== null).sort((a, b) => b.phik! - a.phik!);
  if (all.length === 0) return null;
  const shown = all.slice(0, 20);
  return {
    id: 'phik-target',
    title: t('columns.phik'),
    note: t('columns.phik.note'),
    height: 60 + 24 * shown.length,
    columns: [{ title: t('why.column') }, { title: 'φK', numeric: true }],
    rows: all.map((one) => [one.name, one.phik]),
    shown: (v, i) => (i === 0 ? String(v) : fixed(v as number)),
    option: (c) => ({
      grid: { left: 12, right: 40, top: 8, bottom: 40, containLabel: true },
      tooltip: tooltip(c, ((q: { name: string; value: number }) => `${q.name}: ${fixed(q.value)}`) as never),
      xAxis: axis(c, 'φK', { type: 'value', min: 0, max: 1 }),
      yAxis: axis(c, '', { type: 'category', inverse: true, data: shown.map((one) => one.name), axisLabel: { ...text(c), color: c.ink, width: 190, overflow: 'truncate' } }),
      series: [{ type: 'bar', barWidth: '62%', data: shown.map((one) => one.phik), itemStyle: { color: c.main } }],
    }),
  };
}

function matrixChart(d: Data): Chart | null {
  const pairs = d.exploration!.pairs;
  if (!pairs || pairs.columns.length < 2) return null;
  const n = pairs.columns.length;
  const cells = pairs.phik.flatMap((row, i) => row.map((v, k): [number, number, number | string] => [k, i, v ?? '-']));
  return {
    id: 'phik-matrix',
    title: t('columns.matrix'),
    note: t('columns.matrix.note'),
    height: Math.min(760, 190 + 22 * n),
    wide: n > 12,
    columns: [{ title: '' }, ...pairs.columns.map((title) => ({ title, numeric: true }))],
    rows: pairs.phik.map((row, i) => [pairs.columns[i], ...row]),
    shown: (v, i) => (i === 0 ? String(v) : fixed(v as number | null, 2)),
    option: (c) => ({
      grid: { left: 12, right: 12, top: 8, bottom: 60, containLabel: true },
      tooltip: tooltip(c, ((q: { value: [number, number, number] }) => `${pairs.columns[q.value[1]]} × ${pairs.columns[q.value[0]]}: ${fixed(q.value[2], 2)}`) as never),
      xAxis: { type: 'category', data: pairs.columns, axisLabel: { ...text(c), rotate: 60, width: 110, overflow: 'truncate', interval: 0 }, axisLine: { show: false }, axisTick: { show: false } },
      yAxis: { type: 'category', inverse: true, data: pairs.columns, axisLabel: { ...text(c), width: 150, overflow: 'truncate', interval: 0 }, axisLine: { show: false }, axisTick: { show: false } },
      visualMap: { min: 0, max: 1, calculable: false, orient: 'horizontal', left: 'center', bottom: 0, text: ['1', '0'], itemHeight: 90, itemWidth: 12, textStyle: text(c), inRange: { color: c.dark ? ['#16202b', '#1f4e79', '#56b4e9', '#f0e442'] : ['#f7fbff', '#b9d7ee', '#4a98c9', '#08306b'] } },
      series: [{ type: 'heatmap', data: cells, itemStyle: { borderColor: c.paper, borderWidth: 1 } }],
    }),
  };
}

function interactions(d: Data): Child {
  const all = d.exploration!.interactions;
  if (all.length === 0) return null;
  return [
    h('h3', {}, t('columns.interactions')),
    p(t('columns.interaction.note', { positive: quote(lastClass(d)) }), 'soft'),
    all.slice(0, 5).map((one) =>
      h(
        'details',
        { class: 'column' },
        h('summary', {}, h('b', {}, t('columns.interaction', { a: one.a, b: one.b }))),
        table(
          [{ title: `${one.a} \\ ${one.b}` }, ...one.bLabels.map((title) => ({ title, numeric: true }))],
          one.aLabels.map((name, i) => [h('strong', {}, name), ...one.cells[i].map(([rows, rate]) => (rows > 0 ? `${percent(rate, 0)} (${int(rows)})` : '–'))]),
          t('columns.interaction', { a: one.a, b: one.b }),
        ),
      ),
    ),
  ];
}

export function columns(d: Data): Child {
  const e = d.exploration;
  if (!e) return p(t('columns.list', { names: d.features.map(quote).join(', ') }));
  const rows = h('div', { class: 'column-list' }, e.columns.map((one, i) => column(d, one, i)));
  const find = h('input', { type: 'search', class: 'find', placeholder: t('columns.search'), 'aria-label': t('columns.search') }) as HTMLInputElement;
  find.addEventListener('input', () => {
    const wanted = find.value.trim().toLowerCase();
    for (const row of rows.children) (row as HTMLElement).hidden = !(row as HTMLElement).dataset.name!.includes(wanted);
  });
  const charts = [isBinary(d) || e.columns.some((one) => one.phik !== null) ? phikChart(d) : null, matrixChart(d)];
  return [
    p(t('columns.intro', { n: count('n.columns', e.columns.length) })),
    h('div', { class: 'charts' }, charts.map((chart) => chart && chartFigure(chart))),
    e.nearCopies.length > 0
      ? [h('h3', {}, t('columns.copies')), list(e.nearCopies.map((one) => t('columns.copy', { a: quote(one.a), b: quote(one.b), share: percent(one.agreement) })))]
      : null,
    e.drift.length > 0
      ? [
          h('h3', {}, t('columns.drift')),
          list(
            e.drift.map((one) => {
              const name = one.column === '' ? t('columns.target') : quote(one.column);
              const strength = fixed(one.strength, 2);
              return one.along === '' ? t('columns.drift.file', { column: name, strength }) : t('columns.drift.date', { column: name, along: quote(one.along), strength });
            }),
          ),
        ]
      : null,
    interactions(d),
    e.columns.length > 8 ? find : null,
    rows,
  ];
}
