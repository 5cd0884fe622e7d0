import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, it } from 'node:test';
import { PAGES, ROOT, textOf, WRITTEN } from './pages';

interface Link {
  readonly page: string;
  readonly target: string;
}

describe('the pages', () => {
  it('have no dead link, neither to a file nor to a heading', () => {
    const links = PAGES.flatMap(linksOf);
    assert.ok(links.length > 100, `${links.length} links were found`);
    assert.deepEqual(
      links.map(problemOf).filter((problem) => problem !== undefined),
      [],
    );
  });

  it('of docs/ are all linked from README, and those of docs/decisions from CONTRIBUTING', () => {
    const reached = new Set(
      ['README.md', 'CONTRIBUTING.md'].flatMap(linksOf).map(({ page, target }) => fileOf(page, target)),
    );
    assert.deepEqual(
      PAGES.filter((page) => page.startsWith('docs/') && !reached.has(page)),
      [],
    );
  });

  it('name no file of the repository that is not there', () => {
    const roots = [
      'src',
      'extension',
      'cli',
      'sandbox',
      'test',
      'build',
      'bench',
      'release',
      'docs',
      'examples',
      'projenrc',
    ];
    const named = new RegExp(`\`((?:${roots.join('|')})/[\\w./-]+\\.\\w+)\``, 'g');
    const missing = WRITTEN.flatMap((page) => [...textOf(page).matchAll(named)].map(([, file]) => ({ page, file })));
    assert.deepEqual(
      missing.filter(({ file }) => !existsSync(join(ROOT, file))),
      [],
    );
  });
});

describe('the checker of links', () => {
  it('notices a file and a heading that are not there', () => {
    for (const target of ['docs/nothing.md', '#nothing', 'docs/delivery.md#nothing', 'examples/#nothing']) {
      assert.notEqual(problemOf({ page: 'README.md', target }), undefined, target);
    }
    for (const target of [
      'docs/delivery.md',
      '#settings',
      'docs/delivery.md#memory',
      'examples',
      'https://example.com/x#y',
    ]) {
      assert.equal(problemOf({ page: 'README.md', target }), undefined, target);
    }
  });
});

/** Every target of `[…](…)`, `<a href="…">` and `[…]: …` outside code. */
function linksOf(page: string): Link[] {
  const text = proseOf(page);
  const forms = [
    /\]\(([^()\s]+(?:\([^()\s]*\)[^()\s]*)*)(?: "[^"]*")?\)/g,
    /<a href="([^"]+)"/g,
    /^\[[^\]]+\]: (\S+)/gm,
  ];
  return forms.flatMap((form) => [...text.matchAll(form)].map(([, target]) => ({ page, target })));
}

function problemOf({ page, target }: Link): string | undefined {
  if (/^(https?:|mailto:)/.test(target)) return undefined;
  const file = fileOf(page, target);
  const [, anchor] = /#(.*)$/.exec(target) ?? [];
  if (!existsSync(join(ROOT, file))) return `${page}: ${target}: there is no ${file}`;
  if (anchor === undefined) return undefined;
  if (statSync(join(ROOT, file)).isDirectory() || !anchorsOf(file).has(decodeURIComponent(anchor))) {
    return `${page}: ${target}: ${file} has no heading for #${anchor}`;
  }
  return undefined;
}

function fileOf(page: string, target: string): string {
  const path = target.replace(/#.*$/, '');
  return path === '' ? page : normalize(join(dirname(page), decodeURIComponent(path)));
}

const anchors = new Map<string, ReadonlySet<string>>();

/** The anchors that GitHub makes of headings, and those that stand in the page itself. */
function anchorsOf(page: string): ReadonlySet<string> {
  const known = anchors.get(page);
  if (known !== undefined) return known;
  const text = proseOf(page);
  const found = new Set(
    [...text.matchAll(/<a [^>]*>/g)].flatMap(([tag]) =>
      [...tag.matchAll(/ (?:name|id)="([^"]+)"/g)].map(([, name]) => name),
    ),
  );
  for (const [, heading] of text.matchAll(/^#{1,6} +(.+?) *#*$/gm)) {
    const slug = heading
      .replace(/<[^>]+>/g, '')
      .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
      .trim()
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
      .replaceAll(' ', '-');
    for (let copy = 0; ; copy++) {
      const name = copy === 0 ? slug : `${slug}-${copy}`;
      if (found.has(name)) continue;
      found.add(name);
      break;
    }
  }
  anchors.set(page, found);
  return found;
}

/** A page without its code, in which `](` and `#` mean something else. */
function proseOf(page: string): string {
  return textOf(page)
    .replace(/^```[^]*?^```$/gm, '')
    .replace(/(`+)[^`]*?\1/g, (code) => code.replace(/[[\](]/g, ''));
}
