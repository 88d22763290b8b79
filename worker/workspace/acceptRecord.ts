/** What is written down of an Accept or Undo: the journal that names what moves, before anything does. */
import { readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { BelayError } from '../../protocol/errors.ts';
import { FileState, writeSynced } from './fileState.ts';

const AcceptRecord = z.object({
  sessionId: z.string(),
  repositoryPath: z.string(),
  headCommit: z.string(),
  direction: z.enum(['accept', 'undo']),
  /** Names this decision wherever it is recorded, so that recording it twice is harmless. */
  decision: z.string(),
  /** `reverting`: files go back to where they were; `applied`: the files are there, the platform may not know yet. */
  state: z.enum(['decided', 'reverting', 'applied', 'recorded']),
  leftOut: z.array(z.string()),
  merged: z.array(z.string()),
  /** False where the person's git takes no notice of executable bits. */
  fileMode: z.boolean().default(true),
  changes: z.array(z.object({ path: z.string(), before: FileState, after: FileState })),
});
export type AcceptRecord = z.infer<typeof AcceptRecord>;
export type Change = AcceptRecord['changes'][number];

const recordName = 'record.json';
/** The accepted record while its Undo is under way, kept for the case that the Undo goes back. */
const acceptedName = 'accepted.json';
export const recordFolder = (recordsDir: string, sessionId: string) => path.join(recordsDir, sessionId.replaceAll(/[^A-Za-z0-9_-]/gu, '_'));

export async function readRecord(folder: string): Promise<AcceptRecord | null> {
  const file = path.join(folder, recordName);
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return null;
  try {
    return AcceptRecord.parse(JSON.parse(text));
  } catch (cause) {
    throw new BelayError('conflict', `The record of an Accept is damaged: ${file}`, {
      hint: 'Its folder holds the files as they were before. Move the folder away to go on without it.',
      cause,
    });
  }
}

export const writeRecord = (folder: string, record: AcceptRecord) => writeJson(folder, recordName, record);

/** Keeps the accepted record beside that of its Undo. */
export const keepAccepted = (folder: string, record: AcceptRecord) => writeJson(folder, acceptedName, record);

/** The Undo went back: the result stands accepted as before. */
export const takeBackAccepted = (folder: string) => rename(path.join(folder, acceptedName), path.join(folder, recordName));

async function writeJson(folder: string, name: string, record: AcceptRecord): Promise<void> {
  const file = path.join(folder, name);
  await writeSynced(`${file}.new`, Buffer.from(JSON.stringify(record)), 0o600);
  await rename(`${file}.new`, file);
}
