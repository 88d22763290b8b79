/** Packs the extension as a .vsix for this platform. Returns its path and size. */
import { createVSIX } from '@vscode/vsce';
import { mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

export async function packExtension(): Promise<{ file: string; bytes: number }> {
  const file = path.join(root, '.cache', 'belay.vsix');
  mkdirSync(path.dirname(file), { recursive: true });
  await createVSIX({
    cwd: root,
    packagePath: file,
    dependencies: false,
    allowMissingRepository: true,
    rewriteRelativeLinks: false,
    skipLicense: true,
    target: `${process.platform}-${process.arch}`,
  });
  return { file, bytes: statSync(file).size };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { file, bytes } = await packExtension();
  console.log(`${path.relative(root, file)} ${Math.round(bytes / 1024)} KB`);
}
