// Pictures of a report, to look at: node web/test/shots.mjs REPORT.html FOLDER
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { open } from './browser.mjs';

const [report, folder] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const { browser, context } = await open();
const url = `file://${resolve(report)}`;
async function shot(name, { width = 1280, height = 800, dark = false, language = '', full = false, to = '' } = {}) {
  const page = await context.newPage();
  await page.setViewportSize({ width, height });
  await page.emulateMedia({ colorScheme: dark ? 'dark' : 'light' });
  await page.goto(url);
  if (language) await page.locator('select').first().selectOption(language);
  if (full) {
    await page.evaluate(() => window.dispatchEvent(new Event('beforeprint')));
    await page.waitForTimeout(300);
  }
  if (to) await page.evaluate((id) => document.getElementById(id).scrollIntoView(), to);
  await page.waitForTimeout(300);
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: full });
  await page.close();
}
await shot('desktop-en', { language: 'en' });
await shot('desktop-ru', { language: 'ru' });
await shot('desktop-pt', { language: 'pt' });
await shot('dark-en', { language: 'en', dark: true, to: 'who' });
await shot('full-en', { language: 'en', full: true });
await shot('phone-ru', { language: 'ru', width: 390, height: 844 });
const page = await context.newPage();
await page.goto(url);
await page.pdf({ path: join(folder, 'report.pdf'), format: 'A4' });
await browser.close();
