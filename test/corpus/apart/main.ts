/**
 * `npm run -s corpus:apart`: 200 results of ordinary work through the gate, neighbouring releases of public packages and work written
 * by hand. A result counts as falsely apart when a file is shown apart or held back that a person would call ordinary.
 */
import { chmodSync, cpSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { createClone } from '../../../worker/workspace/clone.ts';
import { runGate } from '../../../worker/workspace/gate.ts';
import { inLanes } from '../../support/lanes.ts';
import { git, removeTempFolders, tempFolder, writeFiles } from '../../support/repository.ts';
import { fetchPackage } from '../benign/fetch.ts';
import { apartForPeople, readWork, type Touched } from './work.ts';

interface Change {
  readonly title: string;
  readonly before: (folder: string) => void;
  readonly after: (folder: string) => void;
}
const wantedApart = apartForPeople();

const history = JSON.parse(readFileSync(path.join(import.meta.dirname, 'history.json'), 'utf8')) as Record<string, string[]>;
const published = await inLanes(Object.entries(history), 4, async ([name, versions]): Promise<Change[]> => {
  const releases: string[] = [];
  for (const version of versions) releases.push((await fetchPackage(name, version)).files);
  return releases.slice(1).map((files, index) => ({
    title: `${name} ${versions[index] ?? ''} → ${versions[index + 1] ?? ''}`,
    before: (folder) => {
      cpSync(releases[index] ?? '', folder, { recursive: true });
    },
    after: (folder) => {
      for (const entry of readdirSync(folder)) if (entry !== '.git') rmSync(path.join(folder, entry), { recursive: true });
      cpSync(files, folder, { recursive: true });
    },
  }));
});

function put(folder: string, touched: readonly Touched[], text: string): void {
  writeFiles(folder, Object.fromEntries(touched.map((file) => [file.path, `${file.how === 'executable' ? '#!/bin/sh\n' : ''}${text}\n`])));
  for (const { path: file, how } of touched) if (how === 'executable') chmodSync(path.join(folder, file), 0o755);
}
const written = readWork().map(({ title, touched }): Change => ({
  title,
  before: (folder) => {
    put(
      folder,
      touched.filter(({ how }) => how !== 'added'),
      'before',
    );
  },
  after: (folder) => {
    put(
      folder,
      touched.filter(({ how }) => how !== 'removed'),
      'after',
    );
    for (const { path: file, how } of touched) if (how === 'removed') rmSync(path.join(folder, file));
  },
}));

/** What a result shows apart or holds back although a person would call it ordinary. */
async function falselyApart({ before, after }: Change): Promise<string[]> {
  const top = tempFolder();
  const repositoryPath = path.join(top, 'repo');
  mkdirSync(repositoryPath);
  before(repositoryPath);
  git(repositoryPath, 'init', '--quiet');
  git(repositoryPath, 'add', '-A', '--force');
  git(repositoryPath, 'commit', '--quiet', '--allow-empty', '-m', 'Before');
  const lineDir = path.join(top, 'line');
  const clone = await createClone({ repositoryPath, lineDir, sessionId: 'ses_a', base: { kind: 'head' } });
  after(clone.path);
  const outcome = await runGate({ repositoryPath, lineDir, clone, sessionId: 'ses_a', fence: 1, subject: 'Result' });
  const isProgram = (file: string): boolean => {
    const at = path.join(clone.path, file);
    const info = lstatSync(at, { throwIfNoEntry: false });
    return info?.isFile() === true && (info.mode & 0o100) !== 0 && /^(?:#!|\x7fELF)/u.test(readFileSync(at, 'latin1'));
  };
  const becameExecutable = new Set(
    git(clone.path, 'diff', '--raw', '--no-renames', 'HEAD')
      .split('\n')
      .flatMap((line) => /^:(?!100755)\d+ 100755 .*\t(.+)$/u.exec(line)?.[1] ?? []),
  );
  const apart = [...outcome.files.filter((file) => file.class !== 'ordinary'), ...outcome.heldBack];
  return apart
    .filter((file) => !wantedApart(file.path, becameExecutable.has(file.path) || isProgram(file.path)))
    .map((file) => `${file.path} (${file.reason ?? ''})`);
}

const changes = [...published.flat(), ...written];
const found = await inLanes(changes, 2, falselyApart);
removeTempFolders();
for (const [index, files] of found.entries()) if (files.length > 0) console.error(`${changes[index]?.title ?? ''}: ${files.join(', ')}`);
const report = { results: changes.length, falselyApart: found.filter((files) => files.length > 0).length };
console.log(JSON.stringify(report));
process.exit(report.results >= 200 && report.falselyApart / report.results <= 0.05 ? 0 : 1);
