/** Builds every bundle into dist/. `--watch` rebuilds on change. */
import * as esbuild from 'esbuild';
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { allBundles, copySandboxHelpers } from './scripts/bundles.ts';

const dist = path.join(path.dirname(fileURLToPath(import.meta.url)), 'dist');
const bundles = allBundles(dist).map((bundle) => ({ ...bundle, sourcemap: 'external', sourcesContent: false }));

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });
copySandboxHelpers(dist);
if (process.argv.includes('--watch')) for (const bundle of bundles) await (await esbuild.context(bundle)).watch();
else await Promise.all(bundles.map((bundle) => esbuild.build(bundle)));
