import type { Data } from '../data';
import { h, p, table } from '../dom';
import { bytes, count, int, t } from '../i18n';
import { calibration } from './quality';

export function method(d: Data): (HTMLElement | null)[] {
  return [
    p(t('method.split', { train: count('customers', d.rows.train), test: int(d.rows.test) })),
    d.rows.validation > 0 ? p(t(d.rows.refit ? 'method.validation.refit' : 'method.validation', { n: count('customers', d.rows.validation) })) : null,
    p(`${t('method.intervals')} ${calibration(d)}`),
    p(t('method.version', { version: d.study.version, seed: d.study.seed, file: d.study.file })),
    p(t('method.again')),
    h('pre', { tabindex: 0 }, `perennial run ${d.study.file} --seed ${d.study.seed}`),
    table(
      [{ title: t('method.file') }, { title: t('rows'), numeric: true }, { title: t('method.bytes'), numeric: true }, { title: 'SHA-256' }],
      d.files.map((f) => [f.file, int(f.rows), bytes(f.bytes), h('code', { class: 'hash' }, f.sha256)]),
      t('method.file'),
    ),
  ];
}
