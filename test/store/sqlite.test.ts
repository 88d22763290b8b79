import { mkdtempSync, rmSync } from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { openSqliteStore } from '../../platform/store/sqlite/open.ts';
import { storeConformance } from './conformance.ts';

storeConformance('SQLite in memory', (settings) => Promise.resolve(openSqliteStore({ file: ':memory:', ...settings })));

describe('on disk', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'belay-store-'));
  let files = 0;
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  storeConformance('SQLite in a file', (settings) =>
    Promise.resolve(openSqliteStore({ file: path.join(folder, `${(files += 1)}.db`), ...settings })),
  );
});
