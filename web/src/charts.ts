// Charts: each is a figure with its table, and can be saved as PNG, SVG and CSV. Drawn when it
// comes near the screen, and all of them before printing.
import { BarChart, CustomChart, HeatmapChart, LineChart, ScatterChart } from 'echarts/charts';
import {
  AriaComponent,
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  TooltipComponent,
  VisualMapComponent,
} from 'echarts/components';
import * as echarts from 'echarts/core';
import type { EChartsCoreOption as Option } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { type Column, h, save, table } from './dom';
import { t } from './i18n';

echarts.use([
  AriaComponent,
  BarChart,
  CustomChart,
  GridComponent,
  HeatmapChart,
  LegendComponent,
  LineChart,
  MarkLineComponent,
  ScatterChart,
  SVGRenderer,
  TooltipComponent,
  VisualMapComponent,
]);
export type { Option };

// Okabe and Ito's colours, told apart with any colour vision; on dark paper the lighter ones.
export interface Paint {
  dark: boolean;
  ink: string;
  soft: string;
  line: string;
  paper: string;
  main: string; // the model, the asked-for class
  other: string; // the other class, what is compared
  good: string;
  bad: string;
  series: string[];
}
export function paint(): Paint {
  const style = getComputedStyle(document.documentElement);
  const get = (name: string) => style.getPropertyValue(name).trim();
  const dark = get('--dark') === '1';
  return {
    dark,
    ink: get('--ink'),
    soft: get('--soft'),
    line: get('--line'),
    paper: get('--card'),
    main: dark ? '#56b4e9' : '#0072b2',
    other: '#e69f00',
    good: dark ? '#35c79a' : '#009e73',
    bad: dark ? '#ff8a4c' : '#d55e00',
    series: dark
      ? ['#56b4e9', '#e69f00', '#35c79a', '#ff8a4c', '#cc79a7', '#f0e442']
      : ['#0072b2', '#e69f00', '#009e73', '#d55e00', '#cc79a7', '#56b4e9'],
  };
}

export interface Chart {
  id: string;
  title: string;
  note?: string;
  height?: number;
  wide?: boolean;
  option: (paint: Paint) => Option;
  columns: Column[];
  rows: (string | number | null)[][]; // raw: as in the CSV
  shown?: (value: string | number | null, column: number) => string; // as in the page's table
}

interface Drawn {
  box: HTMLElement;
  chart: Chart;
  instance?: echarts.ECharts;
}
let drawn: Drawn[] = [];
let watcher: IntersectionObserver | null = null;

function draw(one: Drawn) {
  if (one.instance || !one.box.isConnected || one.box.clientWidth === 0) return;
  one.instance = echarts.init(one.box, undefined, { renderer: 'svg' });
  const colours = paint();
  one.instance.setOption({
    animation: false,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
    color: colours.series,
    ...one.chart.option(colours),
  });
  one.box.dataset.drawn = 'true';
}
export function drawAll() {
  drawn.forEach(draw);
}
export function forget() {
  for (const one of drawn) one.instance?.dispose();
  drawn = [];
  watcher?.disconnect();
  watcher = null;
}
export function repaint() {
  for (const one of drawn) {
    one.instance?.dispose();
    one.instance = undefined;
    delete one.box.dataset.drawn;
  }
  drawn.forEach((one) => watch(one.box));
}
function watch(box: HTMLElement) {
  watcher ??= new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        const one = drawn.find((each) => each.box === entry.target);
        if (one) draw(one);
        watcher?.unobserve(entry.target);
      }
    },
    { rootMargin: '400px' },
  );
  watcher.observe(box);
}
export function resizeAll() {
  for (const one of drawn) one.instance?.resize();
}
export function install() {
  let timer = 0;
  window.addEventListener('resize', () => {
    clearTimeout(timer);
    timer = window.setTimeout(resizeAll, 100);
  });
  // On paper everything is drawn, in ink, at the paper's width.
  window.addEventListener('beforeprint', drawAll);
}

function svgText(one: Drawn): string {
  draw(one);
  const svg = one.box.querySelector('svg')!.cloneNode(true) as SVGElement;
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  const back = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  back.setAttribute('width', '100%');
  back.setAttribute('height', '100%');
  back.setAttribute('fill', paint().paper);
  svg.insertBefore(back, svg.firstChild);
  return new XMLSerializer().serializeToString(svg);
}
function saveSvg(one: Drawn) {
  save(`${one.chart.id}.svg`, new Blob([svgText(one)], { type: 'image/svg+xml' }));
}
function savePng(one: Drawn) {
  const image = new Image();
  const { clientWidth: width, clientHeight: height } = one.box;
  image.onload = () => {
    const canvas = document.createElement('canvas');
    canvas.width = width * 2;
    canvas.height = height * 2;
    canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height);
    canvas.toBlob((blob) => blob && save(`${one.chart.id}.png`, blob));
  };
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svgText(one))}`;
}
// RFC 4180, UTF-8 with a mark so that spreadsheets read it. A cell that a spreadsheet would take
// for a formula gets an apostrophe before it.
export function csvText(columns: string[], rows: (string | number | null)[][]): string {
  const field = (value: string | number | null) => {
    if (value === null) return '';
    if (typeof value === 'number') return String(value);
    const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
    return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
  };
  const lines = [columns, ...rows].map((row) => row.map(field).join(','));
  return `\ufeff${lines.join('\r\n')}\r\n`;
}
function saveCsv(chart: Chart) {
  const text = csvText(chart.columns.map((c) => c.title), chart.rows);
  save(`${chart.id}.csv`, new Blob([text], { type: 'text/csv;charset=utf-8' }));
}

export function chartFigure(chart: Chart): HTMLElement {
  const box = h('div', {
    class: 'plot',
    role: 'img',
    'aria-label': `${chart.title}. ${chart.note ?? ''}`.trim(),
    style: `height:${chart.height ?? 300}px`,
    'data-chart': chart.id,
  });
  const one: Drawn = { box, chart };
  drawn.push(one);
  watch(box);
  const data = h('div', { class: 'chart-table', hidden: true });
  const toggle = h('button', { type: 'button', 'aria-expanded': 'false' }, t('table'));
  toggle.addEventListener('click', () => {
    const open = data.hidden;
    if (open && !data.firstChild) {
      const shown = chart.shown ?? ((value) => (value === null ? '–' : String(value)));
      data.appendChild(table(chart.columns, chart.rows.map((row) => row.map(shown)), chart.title));
    }
    data.hidden = !open;
    toggle.setAttribute('aria-expanded', String(open));
  });
  const button = (label: string, action: () => void) =>
    h('button', { type: 'button', 'aria-label': `${label}: ${chart.title}`, onclick: action }, label);
  return h(
    'figure',
    { class: chart.wide ? 'wide' : null },
    h('figcaption', {}, h('strong', {}, chart.title), chart.note ? h('span', {}, chart.note) : null),
    box,
    h('div', { class: 'tools' }, toggle, button('PNG', () => savePng(one)), button('SVG', () => saveSvg(one)), button('CSV', () => saveCsv(chart))),
    data,
  );
}

// Parts that most charts share.
export const text = (p: Paint) => ({ color: p.soft, fontSize: 12 });
export function axis(p: Paint, name: string, more: Record<string, unknown> = {}) {
  return {
    name,
    nameLocation: 'middle',
    nameGap: 30,
    nameTextStyle: text(p),
    axisLabel: { ...text(p), hideOverlap: true },
    axisLine: { lineStyle: { color: p.line } },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: p.line } },
    ...more,
  };
}
export const tooltip = (p: Paint, formatter: (params: never) => string | HTMLElement) => ({
  trigger: 'item',
  confine: true,
  renderMode: 'html',
  backgroundColor: p.paper,
  borderColor: p.line,
  textStyle: { color: p.ink, fontSize: 13 },
  // As an element: text stays text, whatever the data hold.
  formatter: (params: never) => {
    const said = formatter(params);
    return typeof said === 'string' ? h('span', {}, said) : said;
  },
});
// Interval bars: data [at, low, high], along the value axis of the grid.
export function whiskers(data: [number, number, number][], colour: string, horizontal: boolean) {
  return {
    type: 'custom',
    silent: true,
    z: 5,
    encode: horizontal ? { x: [1, 2], y: 0 } : { x: 0, y: [1, 2] },
    data,
    renderItem: (_: unknown, api: { value(i: number): number; coord(v: number[]): number[] }) => {
      const at = api.value(0);
      const a = api.coord(horizontal ? [api.value(1), at] : [at, api.value(1)]);
      const b = api.coord(horizontal ? [api.value(2), at] : [at, api.value(2)]);
      const cap = (end: number[]) => ({
        type: 'line',
        shape: horizontal
          ? { x1: end[0], x2: end[0], y1: end[1] - 4, y2: end[1] + 4 }
          : { x1: end[0] - 4, x2: end[0] + 4, y1: end[1], y2: end[1] },
        style: { stroke: colour, lineWidth: 1.5 },
      });
      return {
        type: 'group',
        children: [
          {
            type: 'line',
            shape: { x1: a[0], y1: a[1], x2: b[0], y2: b[1] },
            style: { stroke: colour, lineWidth: 1.5 },
          },
          cap(a),
          cap(b),
        ],
      };
    },
  };
}
