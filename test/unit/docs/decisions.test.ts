import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const folder = path.resolve(import.meta.dirname, '../../../docs/decisions');
const pages = readdirSync(folder).filter((name) => name !== 'README.md');

describe('the pages of docs/decisions', () => {
  it('are all in its README.md, with title and status as they say them', () => {
    const rows = readFileSync(path.join(folder, 'README.md'), 'utf8').matchAll(/^\| \[(\d{4}) (.+)\]\((.+)\) +\| (.+?) +\|$/gmu);
    const listed = [...rows].map(([, number, title, file, status]) => ({ number, title, file, status }));
    const said = pages.map((file) => {
      const [heading = '', , status = ''] = readFileSync(path.join(folder, file), 'utf8').split('\n');
      return { number: file.slice(0, 4), title: heading.replace('# ', ''), file, status: status.replace(/\.$/u, '') };
    });
    assert.deepEqual(listed, said, 'docs/decisions/README.md does not say what the pages say');
  });

  it('say first whether they hold, and since when', () => {
    for (const file of pages) {
      const [, , status = ''] = readFileSync(path.join(folder, file), 'utf8').split('\n');
      assert.match(status, /^(?:Accepted|Superseded by \d{4}), \d{4}-\d{2}-\d{2}\.$/u, `docs/decisions/${file}, line 3`);
    }
  });
});
