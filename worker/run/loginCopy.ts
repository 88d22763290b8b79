/**
 * A copy of the person's login for one run, and what comes back of it: an agent renews its tokens, and what else it writes
 * there stays behind. Its program would obey settings in its own login the next time it starts, outside.
 */
import { createHash } from 'node:crypto';
import { chmod, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { openBeneath } from '../workspace/beneath.ts';
import { readPrivate, writePrivate } from '../base/privateFiles.ts';
import type { AgentLaunch } from '../agents/base/launch.ts';
import { freePlace } from './workplace.ts';

const Copied = z.array(z.object({ from: z.string(), into: z.string(), sha256: z.string() }));
const mostBytes = 256 * 1024;
const recordFile = (lineDir: string, slug: string): string => path.join(lineDir, `login-${slug.replaceAll(/[^\w-]/gu, '_')}.json`);
const homeOf = (lineDir: string, slug: string): string => path.join(lineDir, 'home', slug);
const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Puts a copy of each login file into the run home. The login must be held. */
export async function copyLogin(lineDir: string, agent: Pick<AgentLaunch, 'slug' | 'loginFiles'>): Promise<void> {
  const copied: z.infer<typeof Copied> = [];
  for (const { from, into } of agent.loginFiles) {
    const text = await readFile(from, 'utf8').catch(() => null);
    if (text === null) continue;
    await writeFile(await freePlace(homeOf(lineDir, agent.slug), into), text, { mode: 0o600, flag: 'wx' });
    copied.push({ from, into, sha256: hash(text) });
  }
  writePrivate(recordFile(lineDir, agent.slug), copied);
}

/**
 * Takes the copies away and what the agent renewed in them into the person's own files: known keys, each with a value of
 * the kind it had. A file that the person's own program changed meanwhile stays as it is. Nothing of the run may live.
 */
export async function returnLogin(lineDir: string, agent: Pick<AgentLaunch, 'slug' | 'loginFiles'>): Promise<void> {
  const record = recordFile(lineDir, agent.slug);
  for (const { from, into, sha256 } of readPrivate(record, Copied) ?? []) {
    const renewed = agent.loginFiles.find((file) => file.from === from)?.renewed ?? [];
    const copy = await readCopy(homeOf(lineDir, agent.slug), into);
    const own = await readFile(from, 'utf8').catch(() => null);
    const next = copy === null || own === null || hash(own) !== sha256 ? null : withRenewed(own, copy, renewed);
    if (next !== null) await replace(from, next);
    // Where the agent put a link on the way there is no copy any more.
    await freePlace(homeOf(lineDir, agent.slug), into).catch(() => undefined);
  }
  await rm(record, { force: true });
}

async function readCopy(home: string, into: string): Promise<string | null> {
  const handle = await openBeneath(home, into);
  if (!handle) return null;
  try {
    const info = await handle.stat();
    return info.isFile() && info.size <= mostBytes ? await handle.readFile('utf8') : null;
  } finally {
    await handle.close();
  }
}

/** Whole or not at all, behind the link that a person may have put there. */
async function replace(file: string, text: string): Promise<void> {
  const real = await realpath(file);
  const { mode } = await stat(real);
  const staged = `${real}.belay-${process.pid}`;
  await writeFile(staged, text, { mode: 0o600, flag: 'wx' });
  await chmod(staged, mode & 0o777);
  await rename(staged, real);
}

/** The person's file with the values that the copy has under the `renewed` paths; null when none differs. Pure. */
export function withRenewed(own: string, copy: string, renewed: readonly (readonly string[])[]): string | null {
  const [before, after] = [parse(own), parse(copy)];
  if (before === null || after === null) return null;
  let changed = false;
  for (const steps of renewed) changed = renew(before, after, steps) || changed;
  return changed ? `${JSON.stringify(before, null, 2)}\n` : null;
}

type Values = Record<string, unknown>;

/** `*` stands for every key. Only what is there already is given another value. */
function renew(own: Values, copy: Values, [step = '', ...rest]: readonly string[]): boolean {
  let changed = false;
  for (const key of step === '*' ? Object.keys(own) : [step]) {
    if (!Object.hasOwn(own, key) || !Object.hasOwn(copy, key)) continue;
    const [before, after] = [own[key], copy[key]];
    if (rest.length > 0) changed = (isValues(before) && isValues(after) && renew(before, after, rest)) || changed;
    else if (before !== after && typeof before === typeof after && isToken(after)) {
      own[key] = after;
      changed = true;
    }
  }
  return changed;
}

/** A token, or the moment it ends. */
const isToken = (value: unknown): boolean =>
  typeof value === 'number' ? Number.isFinite(value) : typeof value === 'string' && /^[\w.~+/=:|-]{1,16000}$/u.test(value);

const isValues = (value: unknown): value is Values => typeof value === 'object' && value !== null && !Array.isArray(value);

function parse(text: string): Values | null {
  try {
    const value: unknown = JSON.parse(text);
    return isValues(value) ? value : null;
  } catch {
    return null;
  }
}
