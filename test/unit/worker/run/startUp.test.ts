import assert from 'node:assert/strict';
import path from 'node:path';
import { build } from 'esbuild';

const root = path.resolve(import.meta.dirname, '../../../..');

/** The packages that a program loads before it does anything: all but what stands behind an `import()`. */
async function loadedAtOnce(program: string): Promise<Set<string>> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [program],
    outdir: 'unwritten',
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    metafile: true,
    write: false,
  });
  const packages = new Set<string>();
  const gather = (file: string): void => {
    for (const { path: name, kind, external } of metafile.outputs[file]?.imports ?? [])
      if (kind === 'import-statement' && external === true) packages.add(name);
      else if (kind === 'import-statement') gather(name);
  };
  for (const [file, { entryPoint }] of Object.entries(metafile.outputs)) if (entryPoint === program) gather(file);
  return packages;
}

describe('a run host', () => {
  it('loads what speaks to agents and tool servers, and what renders workflow files, with the first use of each', async () => {
    const packages = await loadedAtOnce('worker/run/main.ts');
    assert.ok(packages.has('zod'), [...packages].join(', '));
    assert.deepEqual(
      [...packages].filter((name) => /^@modelcontextprotocol\/|^@agentclientprotocol\/|^liquidjs$/u.test(name)),
      [],
    );
  });
});
