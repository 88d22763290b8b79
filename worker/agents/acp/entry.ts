import type { DriverEntry } from '../base/driver.ts';

/** Agents that speak the Agent Client Protocol. */
export const acp: DriverEntry = {
  open: async ({ argv, freeMode }, context, env) => {
    const { AcpDriver } = await import('./driver.ts');
    return new AcpDriver(context, { argv, env, ...(freeMode !== undefined && { freeMode }) });
  },
};
