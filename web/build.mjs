// Builds the page: web/src -> one HTML file without links to others.
//   node web/build.mjs OUT.html      (asks the network only when package-lock.json has changed)
//   node web/build.mjs --install [FOLDER]    only installs what FOLDER's lock file pins (default: web)
// Works with Node.js 18 and npm 9 (Debian 12) and later.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const web = dirname(fileURLToPath(import.meta.url));

// npm ci in `folder`, unless what stands there was installed from the same lock file.
export function install(folder) {
  const hash = createHash('sha256').update(readFileSync(join(folder, 'package-lock.json'))).digest('hex');
  const stamp = join(folder, 'node_modules', '.installed-from');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;
  console.error(`web: installing what ${join(folder, 'package-lock.json')} pins, from npm`);
  const options = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  execFileSync('npm', options, { cwd: folder, stdio: ['ignore', 2, 2] });
  writeFileSync(stamp, hash);
}

// Scripts and styles of the bundle move into the HTML. An HTML parser ends a script at "</script"
// and reads "<!--" in it as something else, so both are written differently.
function inlined(output) {
  const html = output.find((one) => one.fileName === 'index.html');
  const script = output.filter((one) => one.type === 'chunk').map((one) => one.code).join('\n');
  const style = output
    .filter((one) => one.type === 'asset' && one.fileName.endsWith('.css'))
    .map((one) => one.source)
    .join('\n');
  const safe = script.replace(/<\/(script)/gi, '<\\/$1').replace(/<!--/g, '<\\!--');
  return html.source
    .replace(/<script type="module"[^>]*><\/script>\s*/, '')
    .replace(/<link rel="stylesheet"[^>]*>\s*/, '')
    .replace('</head>', () => `<style>${style}</style></head>`)
    .replace('</body>', () => `<script>${safe}</script></body>`);
}

async function page(out) {
  const { build } = await import('vite');
  const result = await build({
    root: web,
    configFile: false,
    logLevel: 'warn',
    build: {
      write: false,
      target: 'es2021',
      modulePreload: false,
      cssCodeSplit: false,
      rollupOptions: { output: { format: 'iife', inlineDynamicImports: true } },
    },
  });
  mkdirSync(dirname(resolve(out)), { recursive: true });
  writeFileSync(`${out}.new`, inlined(result.output));
  renameSync(`${out}.new`, out);
}

// Two builds of one tree must not install at the same time: a folder is a lock.
async function locked(action) {
  const lock = join(web, '.installing');
  const deadline = Date.now() + 300_000;
  for (;;) {
    try {
      mkdirSync(lock);
      break;
    } catch {
      if (Date.now() > deadline) rmSync(lock, { recursive: true, force: true });
      await new Promise((done) => setTimeout(done, 500));
    }
  }
  try {
    return action();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

async function main(argument, folder) {
  if (!argument) {
    console.error('usage: node web/build.mjs OUT.html | --install [FOLDER]');
    process.exit(2);
  }
  await locked(() => install(argument === '--install' && folder ? resolve(folder) : web));
  if (argument !== '--install') await page(argument);
}
// (The browser's tests import `install` from here.)
if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  await main(...process.argv.slice(2));
}
