/** Builds every bundle into dist/. `--watch` rebuilds on change. */
import * as esbuild from 'esbuild';
import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(fileURLToPath(import.meta.url));
const at = (...parts) => path.join(root, ...parts);
const watch = process.argv.includes('--watch');

/** CommonJS parts of dependencies ask for `require` in ES modules. */
const requireBanner = "import { createRequire as __belayRequire } from 'node:module'; const require = __belayRequire(import.meta.url);";
const common = {
  bundle: true,
  minify: true,
  sourcemap: 'external',
  sourcesContent: false,
  legalComments: 'none',
  logLevel: 'warning',
  absWorkingDir: root,
};
const node = { ...common, platform: 'node', target: 'node22', format: 'esm', banner: { js: requireBanner } };

/** The editor loads a few lines at once; everything behind them stands in a file of its own and is read on first use. */
const editor = { ...common, platform: 'node', target: 'node22', format: 'cjs', external: ['vscode'] };
const hostApart = {
  name: 'host-apart',
  setup: ({ onResolve }) => onResolve({ filter: /^\.\/host\.ts$/ }, () => ({ path: './host.cjs', external: true })),
};

const bundles = [
  { ...editor, entryPoints: ['extension/main.ts'], outfile: 'dist/extension.cjs', plugins: [hostApart] },
  { ...editor, entryPoints: ['extension/host.ts'], outfile: 'dist/host.cjs' },
  { ...node, entryPoints: ['platform/main.ts'], outfile: 'dist/platform.mjs' },
  { ...node, entryPoints: ['worker/run/main.ts'], outfile: 'dist/runHost.mjs' },
  { ...node, entryPoints: ['worker/agents/practice/main.ts'], outfile: 'dist/practiceAgent.mjs' },
  { ...node, entryPoints: ['cli/main.ts'], outfile: 'dist/belay.mjs' },
  {
    ...common,
    platform: 'browser',
    target: 'es2022',
    format: 'esm',
    entryPoints: ['webview/main.ts'],
    outfile: 'dist/webview/panel.js',
    loader: { '.ttf': 'file' },
    assetNames: '[name]',
  },
];

/**
 * The sandbox's helpers are found beside the bundle: the system-call filter of this platform, and what
 * points Java programs at the sandbox's proxy.
 */
const copyHelpers = () => {
  const copy = (...parts) => {
    const from = at('node_modules/@anthropic-ai/sandbox-runtime/vendor', ...parts);
    if (existsSync(from)) cpSync(from, at('dist/vendor', ...parts), { recursive: true });
  };
  if (process.platform === 'linux') copy('seccomp', process.arch);
  copy('java-proxy-agent', 'srt-proxy-agent.jar');
};

rmSync(at('dist'), { recursive: true, force: true });
mkdirSync(at('dist'), { recursive: true });
copyHelpers();
if (watch) for (const bundle of bundles) await (await esbuild.context(bundle)).watch();
else await Promise.all(bundles.map((bundle) => esbuild.build(bundle)));
