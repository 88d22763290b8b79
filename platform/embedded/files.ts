/** The files of an embedded platform: private folder, claim key, log. */
import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import * as path from 'node:path';
import { BelayError, messageOf } from '../../protocol/errors.ts';

const keyBytes = 32;
const logBytes = 1024 * 1024;

function readOnly(folder: string, cause: unknown): BelayError {
  const full = cause instanceof Error && 'code' in cause && cause.code === 'ENOSPC';
  return new BelayError(full ? 'storage_full' : 'storage_read_only', `Belay cannot write in ${folder}: ${messageOf(cause)}.`, {
    hint: full ? 'Free some space, then try again.' : 'Check the permissions of the folder.',
    cause,
  });
}

/** Makes the folder for this user only, or closes the one that is there to everybody else. */
export function privateFolder(folder: string): void {
  makeFolder(folder);
  try {
    if (process.platform !== 'win32' && (statSync(folder).mode & 0o077) !== 0) chmodSync(folder, 0o700);
  } catch (cause) {
    throw readOnly(folder, cause);
  }
}

/** Makes the folder for this user only. One that is there, which a person may have named, keeps its mode. */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw readOnly(folder, cause);
  }
}

/** The key that signs claim tokens, made on first use. */
export function claimKey(folder: string): Uint8Array {
  const file = path.join(folder, 'claim.key');
  try {
    if (!existsSync(file)) {
      // Written whole under another name first: a half-written key would sign nothing that can be checked later.
      const draft = `${file}.${process.pid}`;
      writeFileSync(draft, randomBytes(keyBytes), { mode: 0o600, flush: true });
      try {
        linkSync(draft, file);
      } finally {
        rmSync(draft, { force: true });
      }
    }
    const key = readFileSync(file);
    if (key.length === keyBytes) return key;
  } catch (cause) {
    throw readOnly(folder, cause);
  }
  throw new BelayError('internal', `The key file ${file} is damaged. It was left as it is.`, {
    hint: 'Remove it while no session runs; a new one is made.',
  });
}

/** Appends lines with a time; keeps one older file. A log that cannot be written is no reason to fail. */
export function openLog(file: string): (message: string) => void {
  return (message) => {
    try {
      if (existsSync(file) && statSync(file).size > logBytes) renameSync(file, `${file}.1`);
      appendFileSync(file, `${new Date().toISOString()} ${message}\n`, { mode: 0o600 });
    } catch {
      return;
    }
  };
}
