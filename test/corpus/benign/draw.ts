/**
 * Draws the commands anew, by hand: `node scripts/node.mjs test/corpus/benign/draw.ts`. From named packages it takes every command
 * line of their scripts, CI files and Makefiles, leaves out what the rules are against, what does not end outside of any sandbox
 * in time, and of those that fail there all but as many as make up a fifth.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { format } from 'prettier';
import { drawnFile, type Drawn, type DrawnCommand, type DrawnPackage } from './drawn.ts';
import { commandsOf, scriptsOf } from './extract.ts';
import { fetchPackage, install, renameInstalled } from './fetch.ts';
import { sources } from './sources.ts';
import { reasonAgainst } from './rules.ts';
import type { Attempt } from './onePackage.ts';
import { inLanes } from '../../support/lanes.ts';
import { attempt } from './work.ts';

/** Dependencies that bring a browser, a compiler of native code, or are for publishing only. */
const leftOut =
  /airtap|zuul|karma|puppeteer|playwright|cypress|sauce|browserstack|coveralls|codecov|husky|semantic-release|^aud$|publish|docsify/u;
const mostOfOne = 14;
const shareOfFailing = 0.2;

const versions = z.record(z.string(), z.string()).catch({}).default({});
const Manifest = z.object({ dependencies: versions, devDependencies: versions });
const Version = z.object({ version: z.string() });

interface Found {
  readonly drawn: DrawnPackage;
  readonly skipped: readonly (DrawnCommand & { readonly why: string })[];
  readonly failing: readonly DrawnCommand[];
}

/** What is installed of `ranges`, by exact version. */
function pinned(modules: string, ranges: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.keys(ranges)
      .sort()
      .flatMap((name) => {
        const file = path.join(modules, name, 'package.json');
        return existsSync(file) ? [[name, Version.parse(JSON.parse(readFileSync(file, 'utf8'))).version]] : [];
      }),
  );
}

function recipeIn(folder: string): (target: string) => string | null {
  return (target) => {
    try {
      const asked = ['-n', ...(target === '' ? [] : [target])];
      return execFileSync('make', asked, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    } catch {
      return null;
    }
  };
}

/** Runs outside, kept in the cache: a draw with more packages than the last takes the time of those. */
async function tried(drawn: DrawnPackage): Promise<Attempt[]> {
  const file = path.join(path.dirname((await fetchPackage(drawn.name, drawn.version)).files), 'outside.json');
  const asked = JSON.stringify(drawn);
  if (existsSync(file)) {
    const kept = JSON.parse(readFileSync(file, 'utf8')) as { asked: string; attempts: Attempt[] };
    if (kept.asked === asked) return kept.attempts;
  }
  const attempts = await attempt(drawn, 'outside');
  writeFileSync(file, JSON.stringify({ asked, attempts }));
  return attempts;
}

async function find(name: string, version: string): Promise<Found> {
  const { files: folder, integrity } = await fetchPackage(name, version);
  const read = (file: string): string => readFileSync(path.join(folder, file), 'utf8');
  const { dependencies, devDependencies } = Manifest.parse(JSON.parse(read('package.json')));
  const ranges = Object.fromEntries(Object.entries({ ...dependencies, ...devDependencies }).filter(([other]) => !leftOut.test(other)));
  const needs = pinned(await install(name, version, ranges), ranges);
  renameInstalled(name, version, ranges, needs);
  const modules = await install(name, version, needs);
  const bins = new Set(existsSync(path.join(modules, '.bin')) ? readdirSync(path.join(modules, '.bin')) : []);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const known = { scripts: scriptsOf(read('package.json')), bins, files: new Set(files), recipe: recipeIn(folder) };
  const skipped: (DrawnCommand & { why: string })[] = [];
  const possible: DrawnCommand[] = [];
  for (const entry of commandsOf(files, read)) {
    const why = reasonAgainst(entry.command, known) ?? (possible.length < mostOfOne ? null : 'enough of this package');
    if (why === null) possible.push(entry);
    else skipped.push({ ...entry, why });
  }
  const attempts = await tried({ name, version, integrity, needs, commands: possible });
  const commands: DrawnCommand[] = [];
  const failing: DrawnCommand[] = [];
  for (const [index, entry] of possible.entries()) {
    const code = attempts[index]?.outside[0] ?? null;
    const why = code === null ? 'takes too long outside' : code === 126 || code === 127 ? 'its program is missing outside' : null;
    if (why !== null) skipped.push({ ...entry, why });
    else commands.push(entry);
    if (why === null && code !== 0) failing.push(entry);
  }
  console.error(`${name}@${version}: ${commands.length} commands, ${failing.length} of them fail outside; ${skipped.length} skipped`);
  return { drawn: { name, version, integrity, needs, commands }, skipped, failing };
}

const found = (
  await inLanes(sources, 2, async (source) => {
    const at = source.lastIndexOf('@');
    try {
      return await find(source.slice(0, at), source.slice(at + 1));
    } catch (error) {
      console.error(`${source} cannot be used: ${String(error).slice(0, 300)}`);
      return null;
    }
  })
).filter((entry) => entry !== null);

/** Evenly from all packages: the first failing one of each, then the second, as many as there may be. */
const succeeding = found.reduce((sum, { drawn, failing }) => sum + drawn.commands.length - failing.length, 0);
const mostFailing = Math.floor((succeeding * shareOfFailing) / (1 - shareOfFailing));
const kept = new Set(
  found
    .flatMap(({ failing }) => failing.map((entry, turn) => ({ entry, turn })))
    .sort((a, b) => a.turn - b.turn)
    .slice(0, mostFailing)
    .map(({ entry }) => entry),
);
const stays = ({ failing }: Found, entry: DrawnCommand): boolean => !failing.includes(entry) || kept.has(entry);
const drawn: Drawn = {
  packages: found
    .map((one) => ({ ...one.drawn, commands: one.drawn.commands.filter((entry) => stays(one, entry)) }))
    .filter(({ commands }) => commands.length > 0),
  skipped: found.flatMap((one) => [
    ...one.skipped.map((entry) => ({ package: one.drawn.name, ...entry })),
    ...one.failing
      .filter((entry) => !kept.has(entry))
      .map((entry) => ({ package: one.drawn.name, ...entry, why: 'enough that fail outside' })),
  ]),
};
writeFileSync(drawnFile, await format(JSON.stringify(drawn), { parser: 'json', printWidth: 140 }));
console.log(
  JSON.stringify({
    packages: drawn.packages.length,
    commands: drawn.packages.flatMap(({ commands }) => commands).length,
    skipped: drawn.skipped.length,
  }),
);
