import * as z from 'zod';

/** What the broker needs of the person's configuration. */
export const EffectSettings = z.strictObject({
  /** Where pull requests go, by the host of the repository's remote; `secret` names a bound value. */
  forges: z.record(z.string().max(253), z.strictObject({ api: z.url().max(2000), secret: z.string().max(200) })).default({}),
  /** Tool servers (MCP over stdio) the broker may start: they run outside the sandbox, with the named secrets only. */
  toolServers: z
    .record(
      z.string().regex(/^[a-z][a-z0-9-]{0,30}$/u, 'A short name in lower case.'),
      z.strictObject({ command: z.array(z.string().max(4000)).min(1).max(100), secrets: z.array(z.string().max(200)).max(20).default([]) }),
    )
    .default({}),
});
export type EffectSettings = z.infer<typeof EffectSettings>;

/** The forge everybody knows needs no configuration but its token. */
export const knownForges: EffectSettings['forges'] = { 'github.com': { api: 'https://api.github.com', secret: 'GITHUB_TOKEN' } };

/** The bound values the broker may need. */
export function effectSecretNames({ forges, toolServers }: EffectSettings): string[] {
  const tools = Object.values(toolServers).flatMap((server) => server.secrets);
  return [...new Set([...Object.values({ ...knownForges, ...forges }).map((forge) => forge.secret), ...tools])];
}
