/** The authorities a person trusts beside the usual ones, as copies that an agent's programs can read. */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { certificateFiles, certificateFolders } from '../workspace/networkVariables.ts';

const block = /-----BEGIN (?:TRUSTED )?CERTIFICATE-----[\s\S]+?-----END (?:TRUSTED )?CERTIFICATE-----/gu;
const limits = { fileBytes: 8 * 1024 * 1024, files: 1000 } as const;

/**
 * Copies what the variables name into `folder`, which is new. Returns the variables for the copies. Only certificates are
 * taken: a file may hold a key beside them. What is missing or none is left out, as if it were not named.
 */
export function copyCertificates(folder: string, env: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const copied: Record<string, string> = {};
  const put = (name: string, text: string): string => {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  };
  const known = new Map<string, string>();
  for (const variable of certificateFiles) {
    const from = env[variable];
    const text = from === undefined ? '' : certificatesIn(from);
    if (from === undefined || text === '') continue;
    const file = known.get(from) ?? put(`${variable}.pem`, text);
    known.set(from, file);
    copied[variable] = file;
  }
  for (const variable of certificateFolders) {
    const into = path.join(folder, variable);
    for (const from of (env[variable] ?? '').split(path.delimiter).filter(Boolean))
      for (const name of namesIn(from).slice(0, limits.files)) {
        const text = certificatesIn(path.join(from, name));
        if (text !== '') put(path.join(variable, name), text);
      }
    if (existsSync(into)) copied[variable] = into;
  }
  return copied;
}

function certificatesIn(file: string): string {
  try {
    const { size } = statSync(file);
    if (size > limits.fileBytes) return '';
    return [...readFileSync(file, 'utf8').matchAll(block)].map(([text]) => `${text}\n`).join('');
  } catch {
    return '';
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
