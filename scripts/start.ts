/**
 * `npm start`: a real VS Code with Belay installed, on a sample repository with planned work.
 * `npm start -- --headless-demo`: the main job once, in this terminal.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { connectEmbedded } from '../client/embedded.ts';
import { folderUrl, startEditor } from '../test/vscode/server.ts';
import manifest from '../package.json' with { type: 'json' };
import { playMainJob } from './demo.ts';
import { which } from '../worker/agents/discovery.ts';
import { packExtension } from './package.ts';
import { fillSampleItems, makeSampleRepository } from './sample.ts';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const sample = path.join(root, '.cache', 'sample');
const repository = path.join(sample, 'sample-shop');
/** The sample's data stay apart from a person's own, unless they name a folder themselves. */
const stateDir = process.env['BELAY_STATE_DIR'] ?? path.join(sample, 'state');

mkdirSync(sample, { recursive: true });
makeSampleRepository(repository);
process.env['BELAY_STATE_DIR'] = stateDir;

if (process.argv.includes('--headless-demo')) process.exitCode = await playMainJob(repository, stateDir);
else await openEditor();

async function openEditor(): Promise<void> {
  const { file } = await packExtension();
  const connection = await connectEmbedded({
    stateDir,
    program: 'start',
    version: manifest.version,
    platformBundle: path.join(root, 'dist', 'platform.mjs'),
  });
  await fillSampleItems(connection.api, connection.about.memberId);
  const desktop = desktopEditor();
  if (desktop) {
    connection.close();
    const folders = ['--user-data-dir', path.join(sample, 'desktop-data'), '--extensions-dir', path.join(sample, 'desktop-extensions')];
    spawnSync(desktop, [...folders, '--install-extension', file, '--force'], { stdio: 'inherit' });
    spawnSync(desktop, [...folders, '--new-window', '--wait', repository], { stdio: 'inherit', env: process.env });
    return;
  }
  installEditor();
  const editor = await startEditor({
    folder: path.join(sample, 'editor'),
    vsix: [file],
    home: process.env['HOME'] ?? sample,
    environment: { BELAY_STATE_DIR: stateDir },
    workspaceTrust: false,
    ...(process.env['PORT'] !== undefined && { port: Number(process.env['PORT']) }),
  });
  console.log(`\nBelay is ready. Open ${folderUrl(editor, repository)}\nand choose the Belay icon in the activity bar. Ctrl+C ends it.`);
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  connection.close();
  await editor.stop();
}

/** Without a desktop one the editor comes from the npm registry. */
function installEditor(): void {
  const prepared = spawnSync(process.env['npm_node_execpath'] ?? process.execPath, [path.join(root, 'scripts', 'prepare.mjs'), 'editor'], {
    stdio: 'inherit',
  });
  if (prepared.status !== 0) throw new Error('The editor could not be installed.');
}

/** VS Code's own command line program, where there is one and a screen to show it on. */
function desktopEditor(): string | null {
  if (process.platform === 'linux' && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY']) return null;
  const program = process.platform === 'win32' ? 'code.cmd' : 'code';
  return which(program, process.env['PATH'] ?? '');
}
