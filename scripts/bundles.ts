/** What is bundled and how: into dist/ for what ships, into folders of their own for tests that start it. */
import type { BuildOptions, Plugin } from 'esbuild';
import { cpSync, existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

const common: BuildOptions = {
  bundle: true,
  minify: true,
  legalComments: 'none',
  logLevel: 'warning',
  absWorkingDir: root,
};

const programs = {
  platform: 'platform/main.ts',
  runHost: 'worker/run/main.ts',
  brokerRelay: 'worker/effects/relay.ts',
  practiceAgent: 'worker/agents/practice/main.ts',
  belay: 'cli/main.ts',
  languageServer: 'extension/language/server/main.ts',
  backgroundThread: 'extension/background/thread.ts',
} as const;
export type Program = keyof typeof programs;

export function programFile(name: Program, folder: string): string {
  return path.join(folder, `${name}.mjs`);
}

/**
 * An `import` of one of Node's modules reads every export of it, and `node:http` loads a whole client for one of them: a third of
 * the time a program takes to start. `require` reads what is used, so that is what imports of them become.
 */
const requiredBuiltins: Plugin = {
  name: 'required-builtins',
  setup({ onLoad }) {
    onLoad({ filter: /\.(?:[cm]?ts|m?js)$/, namespace: 'file' }, async ({ path: file }) => {
      const source = await readFile(file, 'utf8');
      const contents = source.replaceAll(builtinImport, (statement, whole, alone, names, from, name: string) =>
        isBuiltin(name) ? requireOf(name, (whole ?? alone) as string | undefined, (names ?? from) as string | undefined) : statement,
      );
      return contents === source ? undefined : { contents, loader: /ts$/.test(file) ? 'ts' : 'js' };
    });
  },
};

/** `import a from`, `import * as a from`, `import { b } from` and `import a, { b } from`; not what imports types only. */
const builtinImport =
  /^import\s+(?:\*\s+as\s+([\w$]+)|(?!type\s)([\w$]+)(?:\s*,\s*\{([^}]*)\})?|\{([^}]*)\})\s*from\s*['"]([\w:/]+)['"];?/gmu;

function requireOf(name: string, whole: string | undefined, names: string | undefined): string {
  const required = `require(${JSON.stringify(name)})`;
  // Who takes it whole starts a program now and then, and it is the largest of them.
  const later = `new Proxy({}, { get: (_, key) => ${required}[key] })`;
  const bindings = (names ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '' && !part.startsWith('type '))
    .map((part) => part.replace(/\s+as\s+/u, ': '));
  return [
    ...(whole === undefined ? [] : [`const ${whole} = ${/child_process$/u.test(name) ? later : required};`]),
    ...(bindings.length === 0 ? [] : [`const { ${bindings.join(', ')} } = ${required};`]),
  ].join(' ');
}

/** A program that runs under Node. */
export function programBundle(name: Program, folder: string): BuildOptions {
  return {
    ...common,
    platform: 'node',
    target: 'node22',
    format: 'esm',
    // CommonJS parts of dependencies ask for `require` in ES modules.
    banner: { js: "import { createRequire as __belayRequire } from 'node:module'; const require = __belayRequire(import.meta.url);" },
    plugins: [requiredBuiltins],
    ...(name === 'belay' ? inParts(name, folder) : { entryPoints: [programs[name]], outfile: programFile(name, folder) }),
  };
}

/** What is read by `import()` stands in files of its own, beside the program's: each command reads only what it needs. */
function inParts(name: Program, folder: string): BuildOptions {
  return {
    entryPoints: { [name]: programs[name] },
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    splitting: true,
    inject: ['cli/program/always.ts'],
    chunkNames: `${name}-[hash]`,
  };
}

/** The editor loads a few lines at once; everything behind them stands in a file of its own and is read on first use. */
function extensionBundles(folder: string): BuildOptions[] {
  const editor: BuildOptions = { ...common, platform: 'node', target: 'node22', format: 'cjs', external: ['vscode'] };
  /** Keeps `import()` of a file what it is: a file of its own, read when it is first asked for. */
  const apart = (name: string, filter: RegExp) => ({
    name: `${name}-apart`,
    setup: ({ onResolve }: { onResolve: (options: { filter: RegExp }, callback: () => { path: string; external: boolean }) => void }) => {
      onResolve({ filter }, () => ({ path: `./${name}.cjs`, external: true }));
    },
  });
  const hostApart = apart('host', /^\.\/host\.ts$/);
  const clientApart = apart('languageClient', /^\.\/client\.ts$/);
  return [
    { ...editor, entryPoints: ['extension/main.ts'], outfile: path.join(folder, 'extension.cjs'), plugins: [hostApart, clientApart] },
    { ...editor, entryPoints: ['extension/host.ts'], outfile: path.join(folder, 'host.cjs'), plugins: [clientApart] },
    { ...editor, entryPoints: ['extension/language/client.ts'], outfile: path.join(folder, 'languageClient.cjs') },
  ];
}

function pageBundle(folder: string): BuildOptions {
  return {
    ...common,
    platform: 'browser',
    target: 'es2022',
    format: 'esm',
    entryPoints: ['webview/main.ts'],
    outfile: path.join(folder, 'webview/panel.js'),
    loader: { '.ttf': 'file' },
    assetNames: '[name]',
  };
}

/** Everything that ships. */
export function allBundles(folder: string): BuildOptions[] {
  const names = Object.keys(programs) as Program[];
  return [...extensionBundles(folder), ...names.map((name) => programBundle(name, folder)), pageBundle(folder)];
}

/**
 * The sandbox's helpers are found beside the bundle: the system-call filter of this platform, and what
 * points Java programs at the sandbox's proxy.
 */
export function copySandboxHelpers(folder: string): void {
  const parts = [...(process.platform === 'linux' ? [path.join('seccomp', process.arch)] : []), 'java-proxy-agent/srt-proxy-agent.jar'];
  for (const part of parts) {
    const from = path.join(root, 'node_modules/@anthropic-ai/sandbox-runtime/vendor', part);
    if (existsSync(from)) cpSync(from, path.join(folder, 'vendor', part), { recursive: true });
  }
}
