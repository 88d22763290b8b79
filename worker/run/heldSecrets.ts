/** Which values of a run must not leave with a file. */
import type { RunParts } from './parts.ts';

/** Variables of an agent also hold ordinary words: a model, an address. */
const secretName = /key|token|secret|passw|credential|auth/iu;

export function heldSecrets({ spec, secretEnv, effectSecrets }: Pick<RunParts, 'spec' | 'secretEnv' | 'effectSecrets'>): string[] {
  const ofAgent = Object.entries(spec.agent.env).flatMap(([name, value]) => (secretName.test(name) ? [value] : []));
  return [spec.grant.claimToken, ...Object.values(secretEnv), ...Object.values(effectSecrets), ...ofAgent];
}
