// The page: reads its data, draws the sections in the order of reading, in the reader's language.
import { drawAll, forget, install, repaint } from './charts';
import type { Data } from './data';
import { type Child, append, h } from './dom';
import { type Key, language, languages, quote, setLanguage, t } from './i18n';
import { answer, title } from './sections/answer';
import { backtest, hasBacktest } from './sections/backtest';
import { board } from './sections/board';
import { columns } from './sections/columns';
import { data } from './sections/findings';
import { method } from './sections/method';
import { money } from './sections/money';
import { offers } from './sections/offers';
import { quality } from './sections/quality';
import { segments } from './sections/segments';
import { hasWho, who } from './sections/who';
import { why } from './sections/why';
import './style.css';

interface Section {
  id: string;
  present: (d: Data) => boolean; // a section whose data a run does not have is left out
  render: (d: Data) => Child;
}
// In the order of reading; a new section is a file in sections/ and a line here.
const sections: Section[] = [
  { id: 'money', present: (d) => d.money !== undefined, render: money },
  { id: 'segments', present: (d) => d.segments !== undefined, render: segments },
  { id: 'offers', present: (d) => d.offers !== undefined, render: offers },
  { id: 'who', present: hasWho, render: who },
  { id: 'why', present: (d) => (d.explanation?.importance.length ?? 0) > 0, render: why },
  { id: 'quality', present: () => true, render: quality },
  { id: 'backtest', present: hasBacktest, render: backtest },
  { id: 'data', present: () => true, render: data },
  { id: 'board', present: (d) => d.search.trials.length > 0, render: board },
  { id: 'columns', present: () => true, render: columns },
  { id: 'method', present: () => true, render: method },
];

const page = document.getElementById('page')!;
const d = JSON.parse(document.getElementById('data')!.textContent!) as Data;
let theme: 'auto' | 'light' | 'dark' = 'auto';

function choice(label: string, value: string, options: [string, string][], set: (to: string) => void) {
  const select = h('select', { 'aria-label': label }, options.map(([v, name]) => h('option', { value: v, selected: v === value }, name))) as HTMLSelectElement;
  select.addEventListener('change', () => set(select.value));
  return select;
}

const system = window.matchMedia('(prefers-color-scheme: dark)');
function applyTheme() {
  const dark = theme === 'dark' || (theme === 'auto' && system.matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
}
function setTheme(to: string) {
  theme = to as typeof theme;
  applyTheme();
  repaint();
}

function topBar(shown: Section[]): HTMLElement {
  return h(
    'nav',
    { class: 'top', 'aria-label': t('contents') },
    h('div', { class: 'links' }, shown.map((s) => h('a', { href: `#${s.id}` }, t(`nav.${s.id}` as Key)))),
    h(
      'div',
      { class: 'controls' },
      choice(t('language'), language(), Object.entries(languages), (to) => {
        setLanguage(to);
        render();
      }),
      choice(t('theme'), theme, (['auto', 'light', 'dark'] as const).map((v) => [v, `${t('theme')}: ${t(`theme.${v}`)}`]), setTheme),
      h('button', { type: 'button', onclick: () => window.print() }, t('print')),
    ),
  );
}

function render() {
  const at = window.scrollY;
  forget();
  page.replaceChildren();
  document.documentElement.lang = language();
  document.title = `${d.study.name}: ${title(d)}`;
  const shown = sections.filter((s) => s.present(d));
  append(page, [
    h('a', { class: 'skip', href: '#answer' }, t('skip')),
    topBar(shown),
    h(
      'main',
      {},
      h('header', {}, h('p', { class: 'soft' }, `${d.study.name} · ${t('question', { name: quote(d.study.question) })}`), h('h1', {}, title(d))),
      answer(d),
      shown.map((s) => h('section', { id: s.id, 'aria-labelledby': `${s.id}-title` }, h('h2', { id: `${s.id}-title` }, t(`sec.${s.id}` as Key)), s.render(d))),
    ),
    h('footer', {}, t('footer', { version: d.study.version })),
  ]);
  window.scrollTo(0, at);
}

// A link to a finding opens what hides it.
function reveal() {
  const target = location.hash.length > 1 ? document.getElementById(location.hash.slice(1)) : null;
  for (let up = target; up; up = up.parentElement) if (up instanceof HTMLDetailsElement) up.open = true;
  target?.scrollIntoView();
}

install();
setLanguage(d.language);
applyTheme();
render();
window.addEventListener('hashchange', reveal);
system.addEventListener('change', () => setTheme(theme));
window.addEventListener('beforeprint', () => {
  for (const one of document.querySelectorAll('details.more')) (one as HTMLDetailsElement).open = true;
  drawAll();
});
if (location.hash) reveal();
