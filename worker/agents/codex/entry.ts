import path from 'node:path';
import type { DriverEntry } from '../base/driver.ts';
import { readCodexConfig, readCodexLogin } from './login.ts';

const folder = '.codex';

/** Codex by its own app server. */
export const codex: DriverEntry = {
  open: async ({ argv, codexHome }, context, env) => {
    const { CodexDriver } = await import('./driver.ts');
    return new CodexDriver(context, { argv, env, login: codexHome === null ? null : await readCodexLogin(codexHome) });
  },
  prepareHome: (runHome) => ({ CODEX_HOME: path.join(runHome, folder) }),
  readConfig: async (home) => {
    const codexHome = path.join(home, folder);
    return { ...(await readCodexConfig(codexHome)), launch: { codexHome } };
  },
  probe: async (home) => (await readCodexLogin(path.join(home, folder))) !== null,
};
