/** Asks for a line that nobody should read over a person's shoulder. */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

/** Null where the person left instead. */
export async function secretLine(question: string): Promise<string | null> {
  const nowhere = new Writable({
    write: (_chunk, _encoding, done) => {
      done();
    },
  });
  process.stderr.write(question);
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true, historySize: 0 });
  try {
    return await new Promise((resolve) => {
      lines.once('line', resolve);
      lines.once('SIGINT', () => {
        resolve(null);
      });
      lines.once('close', () => {
        resolve(null);
      });
    });
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}
