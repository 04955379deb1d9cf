// Elements from plain values. Text always goes in as text, never as HTML: names and values of the
// data are somebody else's.
export type Child = Node | string | number | null | undefined | false | Child[];
type Attributes = Record<string, string | number | boolean | null | undefined | ((e: Event) => void)>;

export function h(tag: string, attributes: Attributes = {}, ...children: Child[]): HTMLElement {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === 'function') element.addEventListener(name.replace(/^on/, ''), value);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  append(element, children);
  return element;
}

export function append(parent: Node, children: Child[]) {
  for (const child of children) {
    if (Array.isArray(child)) append(parent, child);
    else if (child instanceof Node) parent.appendChild(child);
    else if (child !== null && child !== undefined && child !== false && child !== '') {
      parent.appendChild(document.createTextNode(String(child)));
    }
  }
}

export interface Column {
  title: string;
  numeric?: boolean;
}
export function table(columns: Column[], rows: Child[][], caption = ''): HTMLElement {
  return h(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption || columns.map((c) => c.title).join(', ') },
    h(
      'table',
      {},
      h('thead', {}, h('tr', {}, columns.map((c) => h('th', { scope: 'col', class: c.numeric ? 'n' : null }, c.title)))),
      h(
        'tbody',
        {},
        rows.map((row) => h('tr', {}, row.map((cell, i) => h('td', { class: columns[i]?.numeric ? 'n' : null }, cell)))),
      ),
    ),
  );
}
export const p = (text: Child, cls = '') => h('p', { class: cls || null }, text);
export const list = (items: Child[]) => h('ul', {}, items.map((item) => h('li', {}, item)));

export function save(name: string, content: Blob) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
