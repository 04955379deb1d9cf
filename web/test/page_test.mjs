// The page in a real browser: node web/test/page_test.mjs PERENNIAL FOLDER
// A generated shop, a study with hostile names and a log with several cutoffs are run by the
// program; each report is opened from its file in Chromium. Fails with a list of what was wrong.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { open } from './browser.mjs';

const [program, folder] = process.argv.slice(2).map((path) => resolve(path));
let passed = 0;
const wrong = [];
function check(what, holds, detail = '') {
  if (holds) ++passed;
  else wrong.push(`${what}${detail ? `: ${detail}` : ''}`);
}
const run = (...args) => execFileSync(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const source = resolve(new URL('../..', import.meta.url).pathname);

function makeShop() {
  run('generate', 'shop', '--customers', '600', '--seed', '1', '-o', join(folder, 'shop'));
  const study = readFileSync(join(source, 'examples/shop.toml'), 'utf8')
    .replace(/learners = .*/, 'learners = ["logistic", "tree"]')
    .replace(/^\[question\.decline\.learner\.(.|\n)*/m, '')
    .concat('[question.decline.money]\ncontact_cost = 0.1\nkept_value = "Прибыль"\nsuccess_rate = 0.3\nthreshold = "money"\n');
  writeFileSync(join(folder, 'shop.toml'), study);
  run('run', join(folder, 'shop.toml'), '--data', join(folder, 'shop'), '-o', join(folder, 'shop-out'));
  return join(folder, 'shop-out/decline/report.html');
}

// Names and values that would break out of HTML, of JSON in a script, or of a chart's tooltip.
const evil = [
  '</script><script>window.hacked=1</script>',
  '<img src=x onerror="window.hacked=1">',
  '"quotes" & \'more\' <!-- <b>',
  '😀 emoji \u2028 line',
];
function makeHostile() {
  const cell = (text) => `"${String(text).replace(/"/g, '""')}"`;
  const lines = [['id', ...evil.slice(0, 3), 'plain', evil[3]].map(cell).join(',')];
  for (let i = 0; i < 400; ++i) {
    const a = (i * 37) % 101;
    const b = (i * 53) % 89;
    const yes = a + b + ((i * 29) % 60) > 120;
    lines.push([1000 + ((i * 7919) % 400), a, b, a % 2 ? evil[1] : '</script>', (i * 31) % 97, yes ? '<b>yes</b>' : "n'o"].map(cell).join(','));
  }
  writeFileSync(join(folder, 'evil.csv'), `${lines.join('\n')}\n`);
  const quoted = JSON.stringify(evil[3]);
  writeFileSync(
    join(folder, 'evil.toml'),
    `[study]\nname = "</title><script>window.hacked=1</script> @@DATA@@"\nlanguage = "pt"\n` +
      `[tables.t]\nfile = "evil.csv"\nid = "id"\n[question.q]\n` +
      `target = { column = ${quoted}, positive = "<b>yes</b>" }\n` +
      `[question.q.segment.${quoted}]\nwhere = "risk > median"\nby = ${JSON.stringify(evil[2])}\n` +
      `title = { pt = ${JSON.stringify(evil[1])} }\n` +
      `[question.q.segments]\nmin_customers = 5\n` +
      `[question.q.search]\nlearners = ["logistic"]\n` +
      `[question.q.offers]\nvalue = 5\n[question.q.offer.mail]\ntitle = "<script>window.hacked=1</script>"\n` +
      `message = "<img src=x onerror='window.hacked=1'> {plain} {id|<b>}"\ncost = 0.01\neffect = [0.1, 0.2, 0.3]\n`,
  );
  run('run', join(folder, 'evil.toml'), '-o', join(folder, 'evil-out'));
  return join(folder, 'evil-out/q/report.html');
}

// Purchases of three years by 300 customers who come at a pace of their own and may stop for good.
function makeLog() {
  let state = 12345; // Park and Miller's generator
  const uniform = () => (state = (state * 48271) % 2147483647) / 2147483647;
  const day = (n) => new Date(Date.UTC(2022, 0, 1 + n)).toISOString().slice(0, 10);
  const lines = ['customer,date,price'];
  for (let c = 0; c < 300; ++c) {
    const pace = 10 + 80 * uniform();
    for (let at = pace * uniform(); at < 1096; at += 1 - pace * Math.log(1 - uniform())) {
      lines.push(`K${c},${day(Math.floor(at))},${(5 + 40 * uniform()).toFixed(2)}`);
      if (uniform() < 0.1) break;
    }
  }
  writeFileSync(join(folder, 'log.csv'), `${lines.join('\n')}\n`);
  writeFileSync(
    join(folder, 'log.toml'),
    '[tables.purchases]\nfile = "log.csv"\nid = "customer"\ntime = "date"\n[question.q]\n' +
      'target = { event = "purchases", within = "90 days" }\n' +
      'cutoffs = ["2023-03-01", "2023-07-01", "2023-11-01", "2024-03-01", "2024-07-01"]\n' +
      '[question.q.search]\nlearners = ["logistic"]\ntrials = 2\n',
  );
  run('run', join(folder, 'log.toml'), '-o', join(folder, 'log-out'));
  return join(folder, 'log-out/q/report.html');
}

const { browser, context } = await open();
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

// Opens a report; what the console says and what is asked of the network is kept.
async function load(report, options = {}) {
  const page = await context.newPage();
  const said = [];
  const asked = [];
  page.on('console', (m) => ['error', 'warning'].includes(m.type()) && said.push(m.text()));
  page.on('pageerror', (e) => said.push(String(e)));
  page.on('request', (r) => !/^(file|data|blob):/.test(r.url()) && asked.push(r.url()));
  await page.setViewportSize({ width: options.width ?? 1280, height: 800 });
  await page.emulateMedia({ colorScheme: options.dark ? 'dark' : 'light' });
  await page.goto(`file://${report}`);
  return { page, said, asked };
}

async function quiet(name, { page, said, asked }) {
  check(`${name}: the console is silent`, said.length === 0, said.join(' | '));
  check(`${name}: nothing is asked of the network`, asked.length === 0, asked.join(' '));
  check(`${name}: no script of the data ran`, (await page.evaluate(() => window.hacked)) === undefined);
}

async function charts(name, page) {
  await page.evaluate(() => window.dispatchEvent(new Event('beforeprint')));
  const found = await page.$$eval('[data-chart]', (all) =>
    all.map((one) => ({ id: one.dataset.chart, marks: one.querySelectorAll('svg path').length, drawn: one.dataset.drawn })),
  );
  check(`${name}: there are charts`, found.length >= 6, String(found.length));
  for (const one of found) check(`${name}: chart ${one.id} is drawn`, one.drawn === 'true' && one.marks >= 5, String(one.marks));
  // Each chart's table holds rows.
  for (const figure of await page.$$('figure')) {
    await (await figure.$('.tools button')).click();
    check(`${name}: a chart's table has rows`, (await figure.$$('tbody tr')).length > 0);
  }
}

async function accessible(name, page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  for (const v of violations.filter((one) => ['serious', 'critical'].includes(one.impact))) {
    check(`${name}: axe ${v.id}`, false, v.nodes.slice(0, 3).map((n) => `${n.html} ${n.any?.[0]?.message ?? ''}`).join(' || '));
  }
  check(`${name}: axe ran`, true);
}

async function shop(report) {
  check('shop: at most 1.5 MB', statSync(report).size <= 1.5e6, String(statSync(report).size));
  const opened = await load(report);
  const { page } = opened;
  check('shop: one moment has no backtest', (await page.$$('#backtest')).length === 0);
  const words = { ru: 'Насколько хороша модель', en: 'How good the model is', pt: 'Quão bom é o modelo' };
  check('shop: Cyrillic names open it in Russian', (await page.getAttribute('html', 'lang')) === 'ru');
  await charts('shop', page);
  // The figures on the page are those of metrics.json, in the language's own digits.
  const metrics = JSON.parse(readFileSync(join(report, '../metrics.json'), 'utf8'));
  const auc = metrics.test.roc_auc.value.toFixed(3);
  const offers = { ru: 'Предложения: кому что', en: 'Offers: who gets what', pt: 'Ofertas: o que recebe cada um' };
  check('shop: somebody gets an offer', metrics.offers.sent > 0, JSON.stringify(metrics.offers));
  const hunters = { ru: 'Охотники за скидками под угрозой', en: 'Bargain hunters at risk', pt: 'Caçadores de descontos em risco' };
  const moneyTitles = { ru: 'Во что это обходится и что даёт', en: 'What it costs, what it brings', pt: 'O que custa e o que traz' };
  check('shop: there is a panel for every segment', (await page.$$('#segments article')).length === metrics.segments.list.length);
  for (const [language, title] of Object.entries(words)) {
    await page.locator('nav select').first().selectOption(language);
    const text = await page.innerText('main');
    check(`shop: ${language} is shown`, text.includes(title));
    check(`shop: ${language} shows the offers`, text.includes(offers[language]) && text.includes('Скидка 10 %'));
    check(`shop: ${language} shows the measured ROC-AUC`, text.includes(language === 'en' ? auc : auc.replace('.', ',')), auc);
    check(`shop: ${language} names the study's segments`, text.includes(hunters[language]));
    check(`shop: ${language} has the money`, text.includes(moneyTitles[language]));
    // Sizes of all segments are those of metrics.json, in the table's second column.
    const sizes = await page.$$eval('#segments > .scroll tbody tr', (rows) => rows.map((row) => Number(row.cells[1].textContent.replace(/\D/g, ''))));
    check(`shop: ${language} shows the sizes of the segments`, JSON.stringify(sizes) === JSON.stringify(metrics.segments.list.map((one) => one.customers)), String(sizes));
    check(`shop: ${language} leaves no placeholder`, !/\{\w+\}|undefined|NaN|\[object/.test(text), text.match(/.{0,30}(\{\w+\}|undefined|NaN|\[object).{0,30}/)?.[0]);
    check(`shop: ${language} sets the page's language`, (await page.getAttribute('html', 'lang')) === language);
    // Each customer left out has a reason in the reader's language.
    check(`shop: ${language} says why customers left`, language === 'en' || !/not in the cohort|in the table/.test(text));
    await accessible(`shop ${language}`, page);
  }
  for (const [label, size] of [['PNG', 3000], ['SVG', 2000], ['CSV', 50]]) {
    const waiting = page.waitForEvent('download');
    await page.locator('figure').first().locator('.tools button', { hasText: label }).click();
    const file = join(folder, `chart.${label.toLowerCase()}`);
    await (await waiting).saveAs(file);
    check(`shop: a chart is saved as ${label}`, statSync(file).size > size, String(statSync(file).size));
  }
  const pdf = await page.pdf({ path: join(folder, 'report.pdf'), format: 'A4' });
  check('shop: prints', pdf.length > 50_000, String(pdf.length));
  await quiet('shop', opened);
  const phone = await load(report, { width: 390, dark: true });
  const wide = await phone.page.evaluate(() => document.documentElement.scrollWidth);
  check('shop: a phone needs no scrolling sideways', wide <= 390, String(wide));
  await accessible('shop, dark, phone', phone.page);
  await quiet('shop, phone', phone);
  // By keyboard: the first stop leads past the links, the language can be reached.
  await phone.page.keyboard.press('Tab');
  check('shop: the first stop of the keyboard is the answer', (await phone.page.evaluate(() => document.activeElement.getAttribute('href'))) === '#answer');
}

async function hostile(report) {
  const opened = await load(report);
  const { page } = opened;
  check('hostile: the study chooses the language', (await page.getAttribute('html', 'lang')) === 'pt');
  check('hostile: the title is text', (await page.title()).includes('</title><script>'));
  await charts('hostile', page);
  for (const box of await page.$$('[data-chart]')) {
    await box.scrollIntoViewIfNeeded();
    await box.hover();
  }
  const text = await page.innerText('main');
  check('hostile: names are shown as they are', text.includes('😀 emoji') && text.includes('<b>yes</b>'));
  check('hostile: no element came from the data', (await page.$$('main img, main b[onerror], main script')).length === 0);
  await accessible('hostile', page);
  await quiet('hostile', opened);
}

// Several cutoffs: each moment's figures, the verdict's as the last.
async function overTime(report) {
  const opened = await load(report);
  const { page } = opened;
  const metrics = JSON.parse(readFileSync(join(report, '../metrics.json'), 'utf8'));
  const moments = [...metrics.events.backtest, { cutoff: metrics.events.cutoffs.at(-1), learned_from: metrics.rows.train, rows: metrics.rows.test, figures: metrics.test }];
  check('backtest: three moments and the verdict', moments.length === 4, JSON.stringify(moments));
  await charts('backtest', page);
  check('backtest: it has a chart', (await page.$$('[data-chart="backtest"] svg path')).length >= moments.length);
  const titles = { ru: 'Во времени: сработало бы это раньше?', en: 'Over time: would it have worked at earlier moments?', pt: 'Ao longo do tempo: teria funcionado antes?' };
  for (const [language, title] of Object.entries(titles)) {
    await page.locator('nav select').first().selectOption(language);
    check(`backtest: ${language} has the section`, (await page.innerText('#backtest h2')) === title);
    check(`backtest: ${language} links to it`, (await page.$$('nav a[href="#backtest"]')).length === 1);
    const rows = await page.$$eval('#backtest > .scroll tbody tr', (all) => all.map((row) => [...row.cells].map((one) => one.textContent)));
    check(`backtest: ${language} has a row a moment`, rows.length === moments.length, String(rows.length));
    moments.forEach((m, i) => {
      const { value, low, high } = m.figures.roc_auc;
      const digits = (v) => (language === 'en' ? v.toFixed(3) : v.toFixed(3).replace('.', ','));
      const [cutoff, learned, tried, , auc] = rows[i] ?? [];
      check(`backtest: ${language} names ${m.cutoff}`, cutoff?.startsWith(m.cutoff), cutoff);
      check(`backtest: ${language} says the rows of ${m.cutoff}`, Number(learned?.replace(/\D/g, '')) === m.learned_from && Number(tried?.replace(/\D/g, '')) === m.rows, `${learned} ${tried}`);
      check(`backtest: ${language} has the interval of ${m.cutoff}`, [value, low, high].every((v) => auc?.includes(digits(v))), auc);
    });
    await accessible(`backtest ${language}`, page);
  }
  await quiet('backtest', opened);
}

// Every kind of finding that the audit names has its words in each language.
function kinds() {
  const audit = join(source, 'src/audit');
  const named = readdirSync(audit)
    .filter((name) => name.endsWith('.cc') && !name.endsWith('_test.cc'))
    .flatMap((name) => [...readFileSync(join(audit, name), 'utf8').matchAll(/kind = "([a-z-]+)"/g)])
    .map((match) => match[1]);
  check('the audit names its kinds', named.length > 20, String(named.length));
  for (const language of ['en', 'ru', 'pt']) {
    const words = readFileSync(join(source, `web/src/words/${language}.ts`), 'utf8');
    for (const kind of new Set(named)) check(`${language} has words for ${kind}`, new RegExp(`^  '?${kind}'?: \\[`, 'm').test(words));
  }
}

try {
  kinds();
  await shop(makeShop());
  await hostile(makeHostile());
  await overTime(makeLog());
} catch (error) {
  wrong.push(String(error.stack ?? error));
} finally {
  await browser.close();
}
for (const one of wrong) console.error(`wrong: ${one}`);
console.log(`${passed} passed, ${wrong.length} failed`);
process.exit(wrong.length > 0 ? 1 : 0);
