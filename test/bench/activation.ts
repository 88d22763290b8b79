/**
 * `npm run -s bench:activation`: what Belay costs the editor. Activation is what VS Code itself reports
 * (load + activate); blocks are gaps in a timer of another extension in the same extension host. The same is taken in a
 * window without Belay, since other extensions and other processes on the machine make gaps as well.
 */
import { createVSIX } from '@vscode/vsce';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { packExtension } from '../../scripts/package.ts';
import { Stage, root } from '../e2e/stage.ts';
import { removeTempFolders, tempFolder } from '../support/repository.ts';
import { openFolder } from '../vscode/workbench.ts';
import { measurePlatform } from './platform.ts';

const rounds = 3;
const idleId = 'belay-bench.idle';

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

/** Packs an extension of one file. */
async function pack(name: string, activation: string, source: string): Promise<string> {
  const folder = tempFolder();
  writeFileSync(
    path.join(folder, 'package.json'),
    JSON.stringify({
      name,
      publisher: 'belay-bench',
      version: '0.0.1',
      engines: { vscode: '^1.105.0' },
      main: './main.js',
      activationEvents: [activation],
    }),
  );
  writeFileSync(path.join(folder, 'main.js'), source);
  const file = path.join(folder, `${name}.vsix`);
  await createVSIX({ cwd: folder, packagePath: file, dependencies: false, allowMissingRepository: true, skipLicense: true });
  return file;
}

async function blockIn(results: string): Promise<number> {
  while (!statSync(results, { throwIfNoEntry: false })?.size) await delay(100);
  const { longest } = JSON.parse(readFileSync(results, 'utf8')) as { longest: number };
  rmSync(results);
  return Math.round(longest);
}

async function measureOnce(probeVsix: string): Promise<{ activationMs: number; longestBlockMs: number }> {
  const results = path.join(tempFolder(), 'probe.json');
  const stage = await Stage.open({ vsix: [probeVsix], environment: { BELAY_PROBE_FILE: results } });
  try {
    // The second window is the one that counts: from then on everything behind Belay starts by itself.
    const panel = await stage.openPanel();
    await panel.getByText('A cart that survives a reload').first().waitFor({ timeout: 60_000 });
    await blockIn(results);
    await stage.page.reload();
    await panel.getByText('A cart that survives a reload').first().waitFor({ timeout: 60_000 });
    const longestBlockMs = await blockIn(results);
    await stage.command('Developer: Show Running Extensions');
    const row = stage.page.locator('.runtime-extensions-editor .extension', { hasText: 'Belay' }).first();
    await row.waitFor({ timeout: 20_000 });
    const text = await row.locator('.activation-time').innerText();
    return { activationMs: Number(/(\d+)\s*ms/u.exec(text)?.[1] ?? NaN), longestBlockMs };
  } finally {
    await stage.close();
  }
}

/** The longest block of a window in which an extension that does nothing stands for Belay. */
async function measureWithout(vsix: readonly string[]): Promise<number> {
  const results = path.join(tempFolder(), 'probe.json');
  const stage = await Stage.open({ belay: false, vsix, environment: { BELAY_PROBE_FILE: results } });
  try {
    await openFolder(stage.page, stage.editor, stage.repository);
    await blockIn(results);
    await stage.page.reload();
    return await blockIn(results);
  } finally {
    await stage.close();
  }
}

const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

const { bytes } = await packExtension();
const probeVsix = await pack('probe', '*', probe('belay.belay'));
const idle = [await pack('probe', '*', probe(idleId)), await pack('idle', 'onStartupFinished', 'exports.activate = () => undefined;')];
const runs: { activationMs: number; longestBlockMs: number; withoutBelayMs: number }[] = [];
for (let round = 0; round < rounds; round += 1) {
  runs.push({ ...(await measureOnce(probeVsix)), withoutBelayMs: await measureWithout(idle) });
  console.error(JSON.stringify(runs.at(-1)));
}
removeTempFolders();
const platform = await measurePlatform();
mkdirSync(path.join(root, 'test-results'), { recursive: true });
const report = {
  activationMs: median(runs.map((run) => run.activationMs)),
  longestBlockMs: median(runs.map((run) => run.longestBlockMs)),
  longestBlockWithoutBelayMs: median(runs.map((run) => run.withoutBelayMs)),
  bundleKb: Math.round((statSync(path.join(root, 'dist/extension.cjs')).size + statSync(path.join(root, 'dist/host.cjs')).size) / 1024),
  vsixKb: Math.round(bytes / 1024),
  ...platform,
};
writeFileSync(path.join(root, 'test-results', 'bench-activation.json'), JSON.stringify(report));
console.log(JSON.stringify(report));
process.exit(Object.values(report).every(Number.isFinite) ? 0 : 1);
