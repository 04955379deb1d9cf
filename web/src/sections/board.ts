import { type Chart, axis, chartFigure, text, tooltip, whiskers } from '../charts';
import type { Comparison, Data, Trial } from '../data';
import { h, p, table } from '../dom';
import { count, fixed, int, t } from '../i18n';
import { learnerTitle, metricTitle } from './shared';

const mostShown = 10;

function bestChart(bests: Trial[], metric: string): Chart {
  const names = bests.map((one) => learnerTitle(one.learner, one.title));
  const lowest = Math.min(...bests.map((one) => (one.mean ?? 0) - (one.sd ?? 0)));
  const highest = Math.max(...bests.map((one) => (one.mean ?? 0) + (one.sd ?? 0)));
  const pad = Math.max(0.005, (highest - lowest) * 0.1);
  return {
    id: 'learners',
    title: t('board.chart'),
    note: t('board.chart.note', { metric }),
    height: 70 + 34 * bests.length,
    wide: true,
    columns: [{ title: t('board.learner') }, { title: t('board.mean'), numeric: true }, { title: t('board.sd'), numeric: true }],
    rows: bests.map((one, i) => [names[i], one.mean, one.sd]),
    shown: (v, i) => (i === 0 ? String(v) : fixed(v as number, 4)),
    option: (c) => ({
      grid: { left: 12, right: 24, top: 8, bottom: 40, containLabel: true },
      tooltip: tooltip(c, ((q: { dataIndex: number }) => `${names[q.dataIndex]}: ${fixed(bests[q.dataIndex].mean, 4)} ± ${fixed(bests[q.dataIndex].sd, 4)}`) as never),
      xAxis: axis(c, metric, { type: 'value', min: lowest - pad, max: highest + pad, axisLabel: { ...text(c), formatter: (v: number) => fixed(v, 2) } }),
      yAxis: axis(c, '', { type: 'category', inverse: true, data: names, axisLabel: { ...text(c), color: c.ink, width: 190, overflow: 'truncate' } }),
      series: [
        { type: 'scatter', data: bests.map((one, i) => [one.mean, i]), symbolSize: 11, itemStyle: { color: c.main } },
        whiskers(bests.map((one, i) => [i, (one.mean ?? 0) - (one.sd ?? 0), (one.mean ?? 0) + (one.sd ?? 0)]), c.main, true),
      ],
    }),
  };
}

export function board(d: Data): (HTMLElement | null)[] {
  const s = d.search;
  const metric = metricTitle(s.metric);
  const bests = s.trials.filter((one) => one.best);
  const shown = s.trials.filter((one, i) => i < mostShown || one.best || one.learner === 'naive');
  const winner = s.trials[0];
  const title = (key: string, name: string) => learnerTitle(key, name);
  // Many pairs would bury the rest: those of the best learner are told, the others fold away.
  const few = s.comparisons.length <= 3;
  const ofBest = (c: Comparison) => few || c.betterKey === s.comparisons[0].betterKey;
  const first = s.comparisons.filter(ofBest);
  const others = s.comparisons.filter((c) => !ofBest(c));
  const told = (c: Comparison) =>
    h('li', {}, t(c.tie ? 'board.tie' : 'board.better', {
      better: title(c.betterKey, c.better),
      worse: title(c.worseKey, c.worse),
      difference: fixed(c.difference),
      low: fixed(c.low),
      high: fixed(c.high),
    }));
  return [
    winner
      ? p(t('board.winner', { learner: title(winner.learner, winner.title), metric, mean: fixed(winner.mean), sd: fixed(winner.sd) }))
      : null,
    h('ul', {}, first.map(told)),
    others.length > 0 ? h('details', { class: 'more' }, h('summary', {}, t('board.others', { n: others.length })), h('ul', {}, others.map(told))) : null,
    p(
      t('board.intro', {
        settings: count('n.settings', s.settings),
        folds: int(s.folds),
        fits: count('n.models', s.fits),
        shown: int(Math.min(mostShown, s.trials.length)),
      }),
      'soft',
    ),
    s.stopped > 0 ? p(t('board.stopped', { n: count('n.settings', s.stopped) }), 'soft') : null,
    s.cut === 'budget' || s.cut === 'interrupted' ? p(t(`board.cut.${s.cut}`)) : null,
    bests.length > 1 ? h('div', { class: 'charts' }, chartFigure(bestChart(bests, metric))) : null,
    table(
      [
        { title: t('board.rank'), numeric: true },
        { title: t('board.learner') },
        { title: `${metric}, ${t('board.mean')}`, numeric: true },
        { title: t('board.sd'), numeric: true },
        { title: t('board.settings') },
      ],
      shown.map((one) => [
        int(one.rank),
        one.best ? h('strong', {}, title(one.learner, one.title)) : title(one.learner, one.title),
        one.complete ? fixed(one.mean, 4) : `${fixed(one.mean, 4)} *`,
        fixed(one.sd, 4),
        h('code', {}, Object.entries(one.params).filter(([, v]) => v !== null).map(([k, v]) => `${k}=${typeof v === 'string' ? v : JSON.stringify(v)}`).join(' ')),
      ]),
      t('sec.board'),
    ),
  ];
}
