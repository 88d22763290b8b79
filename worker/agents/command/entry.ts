import type { DriverEntry } from '../base/driver.ts';

/** Any program that takes its task on standard input and writes what it does. */
export const command: DriverEntry = {
  open: async ({ argv }, context, env) => {
    const { CommandDriver } = await import('./driver.ts');
    return new CommandDriver(context, { argv, env });
  },
};
