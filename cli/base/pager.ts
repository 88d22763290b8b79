/** Shows a text with the person's pager, as git does. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const usual = 'less';

/** Resolves when the person has left it. A pager that is not there is none. */
export async function showInPager(text: string): Promise<void> {
  const pager = process.env['PAGER'] ?? usual;
  const rows = process.stdout.rows || 24;
  if (pager === '' || pager === 'cat' || text.split('\n').length <= rows) {
    process.stdout.write(text);
    return;
  }
  // The pager is a command line of the person's own.
  const child = spawn('/bin/sh', ['-c', pager], {
    stdio: ['pipe', 'inherit', 'inherit'],
    env: { LESS: 'FRX', ...process.env },
  });
  // Ctrl+C is the pager's, and who leaves it early does not read the rest.
  const leave = () => undefined;
  process.on('SIGINT', leave);
  child.stdin.on('error', leave);
  try {
    const ended = once(child, 'close') as Promise<[number | null]>;
    child.stdin.end(text);
    const [code] = await ended;
    if (code === 127) process.stdout.write(text);
  } catch {
    process.stdout.write(text);
  } finally {
    process.off('SIGINT', leave);
  }
}
