/**
 * The objects that a working folder borrows: exactly those its base commit reaches, and no stash, branch or dropped work
 * beside them. One store for each repository keeps them as packs, each holding what one base has and the base before it
 * has not; a line links those it needs.
 */
import { createHash } from 'node:crypto';
import { copyFile, link, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { withLock } from '../base/lock.ts';
import { safeGit } from './git.ts';

const Pack = z.object({
  /** The file's name without its ending; null where the base had nothing of its own. */
  pack: z.string().nullable(),
  /** The base that this one adds to. */
  on: z.string().nullable(),
  usedAt: z.number(),
});
/** By base, and by what the repository lacked when it was packed: a shallow clone is deepened, a partial one made whole. */
const Store = z.record(z.string(), Pack);
type Store = z.infer<typeof Store>;

/** Git looks into every pack for every object; a longer chain begins anew. */
const longestChain = 30;
/** How many bases are looked at for one to add to, the newest first. */
const mostTried = 20;
const keepMs = 30 * 24 * 60 * 60 * 1000;
/** What a kill left of a pack has this name, too. */
const making = 'making';
/** The first packing of a large repository takes its time. */
const lockWaitMs = 15 * 60_000;

/** Where a line's borrowed objects are: what `objects` is in a repository. */
export function borrowedObjects(lineDir: string): string {
  return path.join(lineDir, 'base');
}

export interface BorrowRequest {
  /** The person's repository. */
  readonly gitDir: string;
  /** Shared by all its linked working trees. */
  readonly commonDir: string;
  readonly lineDir: string;
  readonly base: string;
  /** It has not everything that the base reaches, and what it has not is left out. */
  readonly isPartial: boolean;
  readonly signal?: AbortSignal;
}

/** Makes the objects of `base` available under `borrowedObjects(lineDir)`. */
export async function borrowObjects(request: BorrowRequest): Promise<void> {
  const store = path.join(
    path.dirname(request.lineDir),
    '.objects',
    createHash('sha256').update(request.commonDir).digest('hex').slice(0, 20),
  );
  await mkdir(store, { recursive: true, mode: 0o700 });
  const busy = 'Another session is taking over the objects of this repository.';
  await withLock(path.join(store, 'lock'), lockWaitMs, busy, async () => {
    const known = await readStore(store);
    const lacks = await lacking(request);
    const key = keyOf(request.base, lacks);
    if (!known[key]) await addBase(store, known, { ...request, lacks });
    const chain = chainOf(known, key);
    for (const link of chain) known[link] = { ...(known[link] ?? { pack: null, on: null }), usedAt: Date.now() };
    await forgetUnused(store, known);
    await linkPacks(
      store,
      chain.flatMap((link) => known[link]?.pack ?? []),
      request.lineDir,
    );
  });
}

const keyOf = (base: string, lacks: string): string => (lacks === '' ? base : `${base} ${lacks}`);
const baseOf = (key: string): string => key.split(' ')[0] ?? '';

/** Names what of its history or files a repository has not; nothing for a whole one. */
async function lacking({ commonDir, isPartial }: BorrowRequest): Promise<string> {
  const shallow = await readFile(path.join(commonDir, 'shallow'), 'utf8').catch(() => '');
  return `${shallow === '' ? '' : createHash('sha256').update(shallow).digest('hex').slice(0, 20)}${isPartial ? 'partial' : ''}`;
}

/** Packs what the base has beyond the newest known base that it grew from, or everything. */
async function addBase(store: string, known: Store, request: BorrowRequest & { lacks: string }): Promise<void> {
  const { gitDir, base, isPartial, lacks, signal } = request;
  const git = { gitDir, ...(signal && { signal }) };
  const on = await growsFrom(known, base, lacks, git);
  for (const name of await readdir(store)) if (name.startsWith(making)) await rm(path.join(store, name), { force: true });
  const to = path.join(store, making);
  const config = { 'pack.compression': '1', 'pack.writeReverseIndex': 'false' };
  const input = `${base}\n${on === null ? '' : `^${baseOf(on)}\n`}`;
  const options = ['--quiet', '--revs', '--delta-base-offset', '--window=0', ...(isPartial ? ['--missing=allow-any'] : [])];
  const made = await safeGit(['pack-objects', ...options, to], { ...git, config, input });
  const pack = /^[0-9a-f]{40,64}$/u.test(made.text) ? `pack-${made.text}` : null;
  if (pack !== null)
    for (const ending of ['.pack', '.idx']) await rename(`${to}-${made.text}${ending}`, path.join(store, `${pack}${ending}`));
  known[keyOf(base, lacks)] = { pack, on, usedAt: Date.now() };
}

interface Git {
  readonly gitDir: string;
  readonly signal?: AbortSignal;
}

async function growsFrom(known: Store, base: string, lacks: string, git: Git): Promise<string | null> {
  const alike = Object.entries(known).filter(([key]) => key === keyOf(baseOf(key), lacks));
  const newest = alike.sort(([, a], [, b]) => b.usedAt - a.usedAt);
  for (const [key] of newest.slice(0, mostTried)) {
    if (chainOf(known, key).length >= longestChain) continue;
    const reply = await safeGit(['merge-base', '--is-ancestor', baseOf(key), base], { ...git, okCodes: [0, 1, 128] });
    if (reply.code === 0) return key;
  }
  return null;
}

/** The base and all it adds to. */
function chainOf(known: Store, key: string): string[] {
  const chain: string[] = [];
  for (let at: string | null = key; at !== null && !chain.includes(at); at = known[at]?.on ?? null) chain.push(at);
  return chain;
}

async function readStore(store: string): Promise<Store> {
  const text = await readFile(path.join(store, 'packs.json'), 'utf8').catch(() => '{}');
  try {
    return Store.parse(JSON.parse(text));
  } catch {
    // What cannot be read is packed again.
    return {};
  }
}

/** Writes down what is known, without bases that no run used for long; lines that linked their packs keep them. */
async function forgetUnused(store: string, known: Store): Promise<void> {
  const used = new Set(
    Object.entries(known)
      .filter(([, { usedAt }]) => Date.now() - usedAt < keepMs)
      .flatMap(([key]) => chainOf(known, key)),
  );
  const kept = Object.fromEntries(Object.entries(known).filter(([key]) => used.has(key)));
  const file = path.join(store, 'packs.json');
  await writeFile(`${file}.new`, JSON.stringify(kept), { mode: 0o600 });
  await rename(`${file}.new`, file);
  const packs = new Set(Object.values(kept).map(({ pack }) => pack));
  for (const { pack } of Object.values(known))
    if (pack !== null && !packs.has(pack))
      for (const ending of ['.pack', '.idx']) await rm(path.join(store, `${pack}${ending}`), { force: true });
}

async function linkPacks(store: string, packs: readonly string[], lineDir: string): Promise<void> {
  const objects = borrowedObjects(lineDir);
  await rm(objects, { recursive: true, force: true });
  await mkdir(path.join(objects, 'pack'), { recursive: true, mode: 0o700 });
  await mkdir(path.join(objects, 'info'), { mode: 0o700 });
  for (const pack of new Set(packs))
    for (const ending of ['.pack', '.idx']) {
      const [from, to] = [path.join(store, `${pack}${ending}`), path.join(objects, 'pack', `${pack}${ending}`)];
      // Not every file system has hard links.
      await link(from, to).catch(() => copyFile(from, to));
    }
}
