/** Lines of JSON from an agent's standard output, with an eye on agents that print anything but that. */
import type { Readable } from 'node:stream';
import { AgentFailure } from './driver.ts';

export interface LineLimits {
  /** The longest line, bytes. */
  readonly lineBytes: number;
  /** Lines in a row that are not JSON before the agent is given up. */
  readonly garbage: number;
}
export const lineLimits: LineLimits = { lineBytes: 16 * 1024 * 1024, garbage: 100 };
/** So many of them are shown. */
const shownLines = 3;

/**
 * Yields each line that is a JSON object. Throws an AgentFailure when a line is too long, or when
 * nothing but noise comes: what a library prints now and then is no reason to end a working agent.
 */
export async function* jsonLines(
  stream: Readable,
  onNoise: (line: string) => void,
  limits: LineLimits = lineLimits,
): AsyncGenerator<Record<string, unknown>> {
  let told = 0;
  let noise = 0;
  let first: string[] = [];
  for await (const line of rawLines(stream, limits.lineBytes)) {
    const value = parse(line);
    if (value !== null) {
      noise = 0;
      first = [];
      yield value;
      continue;
    }
    if (line.trim() === '') continue;
    noise += 1;
    if (first.length < shownLines) first.push(line.slice(0, 200));
    // What goes on for hours must not fill a log.
    if (told < limits.garbage) onNoise(line.slice(0, 500));
    told += 1;
    if (noise > limits.garbage) {
      throw new AgentFailure(
        'agent_garbage',
        `The agent printed ${noise} lines in a row that are not messages of its protocol. The first:\n${first.join('\n')}`,
        'Check that the configured command starts the agent in its protocol mode, and nothing else prints to its standard output.',
      );
    }
  }
}

/** Lines of a stream without their ends. Throws an AgentFailure when one is longer than `lineBytes`. */
export async function* rawLines(stream: Readable, lineBytes: number): AsyncGenerator<string> {
  let parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    let rest = chunk;
    for (let end = rest.indexOf(0x0a); end >= 0; end = rest.indexOf(0x0a)) {
      parts.push(rest.subarray(0, end));
      yield Buffer.concat(parts).toString('utf8');
      parts = [];
      size = 0;
      rest = rest.subarray(end + 1);
    }
    size += rest.length;
    if (size > lineBytes) {
      throw new AgentFailure(
        'agent_garbage',
        `The agent printed a line of more than ${Math.round(lineBytes / 1024 / 1024)} MB.`,
        'Check that the configured command starts the agent in its protocol mode.',
      );
    }
    if (rest.length > 0) parts.push(rest);
  }
  if (size > 0) yield Buffer.concat(parts).toString('utf8');
}

function parse(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** Keeps the last part of a stream of text. */
export function tail(stream: Readable | null, bytes = 8192): () => string {
  let text = '';
  stream?.on('data', (chunk: Buffer) => {
    text = (text + chunk.toString('utf8')).slice(-bytes);
  });
  return () => text.trim();
}
