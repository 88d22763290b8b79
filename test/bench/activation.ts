/**
 * `npm run -s bench:activation`: what Belay costs the editor. Activation is what VS Code itself reports
 * (load + activate); blocks are gaps in a timer of another extension in the same extension host. The same is taken in a
 * window in which an extension with an empty view stands for Belay, since the editor and other extensions take their time as
 * well; and how much of a gap Belay's own files ran is taken from a profile, in windows of its own since it costs time.
 */
import { createVSIX } from '@vscode/vsce';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { packExtension } from '../../scripts/package.ts';
import { Stage, root } from '../e2e/stage.ts';
import { removeTempFolders, tempFolder } from '../support/repository.ts';
import { openContainer, openFolder } from '../vscode/workbench.ts';
import { ownBlocks, profilingProbe, type Profiled } from './ownBlocks.ts';
import { measurePlatform } from './platform.ts';

const rounds = 3;

/** An extension whose view is open when its window opens: the editor activates it by that. */
interface Watched {
  readonly id: string;
  readonly name: string;
  readonly container: string;
  /** What its view says once it is there. */
  readonly shows: string;
}
const belay: Watched = { id: 'belay.belay', name: 'Belay', container: 'Belay', shows: 'A cart that survives a reload' };
const idle: Watched = { id: 'belay-bench.idle', name: 'idle', container: 'Idle', shows: 'Nothing here.' };

/** Notes the gaps between the ticks of a 1 ms timer from the moment the extension that is looked at is active. */
const probe = (watched: string): string => `
const vscode = require('vscode'), fs = require('fs');
exports.activate = () => {
  let last = performance.now(), since = null, longest = 0;
  const timer = setInterval(() => {
    const now = performance.now(), gap = now - last;
    last = now;
    if (since === null) { if (vscode.extensions.getExtension('${watched}')?.isActive) since = now; return; }
    longest = Math.max(longest, gap);
    if (now - since > 5000) { clearInterval(timer); fs.writeFileSync(process.env.BELAY_PROBE_FILE, JSON.stringify({ longest })); }
  }, 1);
};`;

const idleSource = `exports.activate = () => {
  require('vscode').window.registerWebviewViewProvider('idle', { resolveWebviewView: ({ webview }) => { webview.html = '${idle.shows}'; } });
};`;
const idleView = {
  viewsContainers: { activitybar: [{ id: 'idle', title: idle.container, icon: '$(circle)' }] },
  views: { idle: [{ id: 'idle', name: idle.name, type: 'webview' }] },
};

/** Packs an extension of one file. */
async function pack(name: string, source: string, manifest: object): Promise<string> {
  const folder = tempFolder();
  const own = { name, publisher: 'belay-bench', version: '0.0.1', engines: { vscode: '^1.105.0' }, main: './main.js' };
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ ...own, ...manifest }));
  writeFileSync(path.join(folder, 'main.js'), source);
  const file = path.join(folder, `${name}.vsix`);
  await createVSIX({ cwd: folder, packagePath: file, dependencies: false, allowMissingRepository: true, skipLicense: true });
  return file;
}

/** What a probe wrote, whole: it may be large. */
async function probed<T>(results: string): Promise<T> {
  for (;;) {
    try {
      const found = JSON.parse(readFileSync(results, 'utf8')) as T;
      rmSync(results);
      return found;
    } catch {
      await delay(100);
    }
  }
}

/** Opens a window twice and gives what `look` sees in the second: from then on everything behind Belay starts by itself. */
async function inSecondWindow<T, R>(
  watched: Watched,
  vsix: readonly string[],
  look: (stage: Stage, found: T) => Promise<R> | R,
): Promise<R> {
  const results = path.join(tempFolder(), 'probe.json');
  const stage = await Stage.open({ belay: watched === belay, vsix, environment: { BELAY_PROBE_FILE: results } });
  const shown = () => stage.panel().getByText(watched.shows).first().waitFor({ timeout: 60_000 });
  try {
    await openFolder(stage.page, stage.editor, stage.repository);
    await openContainer(stage.page, watched.container);
    await shown();
    await probed(results);
    await stage.page.reload();
    await shown();
    return await look(stage, await probed<T>(results));
  } finally {
    await stage.close();
  }
}

/** Load and activate of an extension, as the editor reports them. */
async function activationOf(stage: Stage, name: string): Promise<number> {
  await stage.command('Developer: Show Running Extensions');
  const row = stage.page.locator('.runtime-extensions-editor .extension', { hasText: name }).first();
  await row.waitFor({ timeout: 20_000 });
  return Number(/(\d+)\s*ms/u.exec(await row.locator('.activation-time').innerText())?.[1] ?? NaN);
}

const figuresOf = (watched: Watched, vsix: readonly string[]) =>
  inSecondWindow(watched, vsix, async (stage, { longest }: { longest: number }) => ({
    activationMs: await activationOf(stage, watched.name),
    longestBlockMs: Math.round(longest),
  }));

const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

const { bytes } = await packExtension();
const early = { activationEvents: ['*'] };
const beside = [await pack('probe', probe(belay.id), early)];
const without = [await pack('probe', probe(idle.id), early), await pack(idle.name, idleSource, { contributes: idleView })];
const profiling = [await pack('probe', profilingProbe(belay.id), early)];
const ofBelay = (url: string): boolean => url.includes(belay.id);
const runs: Record<'activationMs' | 'longestBlockMs' | 'idleActivationMs' | 'withoutBelayMs' | 'ownBlockMs', number>[] = [];
for (let round = 0; round < rounds; round += 1) {
  const figures = await figuresOf(belay, beside);
  const { activationMs: idleActivationMs, longestBlockMs: withoutBelayMs } = await figuresOf(idle, without);
  const ownBlockMs = await inSecondWindow(belay, profiling, (_, found: Profiled) => Math.round(ownBlocks(found, ofBelay)[0] ?? 0));
  runs.push({ ...figures, idleActivationMs, withoutBelayMs, ownBlockMs });
  console.error(JSON.stringify(runs.at(-1)));
}
removeTempFolders();
const platform = await measurePlatform();
mkdirSync(path.join(root, 'test-results'), { recursive: true });
const report = {
  activationMs: median(runs.map((run) => run.activationMs)),
  longestBlockMs: median(runs.map((run) => run.longestBlockMs)),
  longestOwnBlockMs: median(runs.map((run) => run.ownBlockMs)),
  idleActivationMs: median(runs.map((run) => run.idleActivationMs)),
  longestBlockWithoutBelayMs: median(runs.map((run) => run.withoutBelayMs)),
  bundleKb: Math.round((statSync(path.join(root, 'dist/extension.cjs')).size + statSync(path.join(root, 'dist/host.cjs')).size) / 1024),
  vsixKb: Math.round(bytes / 1024),
  ...platform,
};
writeFileSync(path.join(root, 'test-results', 'bench-activation.json'), JSON.stringify(report));
console.log(JSON.stringify(report));
process.exit(Object.values(report).every(Number.isFinite) ? 0 : 1);
