// Debian's Chromium, without anything that would ask the network.
import { install } from '../build.mjs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

export async function open() {
  install(dirname(fileURLToPath(import.meta.url)));
  const { chromium } = await import('playwright-core');
  const browser = await chromium.launch({
    executablePath: process.env.PERENNIAL_CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync',
    ],
  });
  return { browser, context: await browser.newContext({ acceptDownloads: true }) };
}
