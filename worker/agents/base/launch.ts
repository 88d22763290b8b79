import * as z from 'zod';

/** How the agent of a run is started. */
export const AgentLaunch = z.strictObject({
  /** Names the agent on this machine; a conversation is resumed by the same one only. */
  slug: z.string().min(1).max(60),
  /** By its name in the registry. */
  driver: z.string().min(1).max(60),
  argv: z.array(z.string()).min(1),
  env: z.record(z.string(), z.string()).default({}),
  /** `host:port` of its model, login and whatever else it must reach. */
  hosts: z.array(z.string()).default([]),
  /** Further folders it must read, its own program's among them. */
  readable: z.array(z.string()).default([]),
  /** Configuration written into the run home: path inside it → content. */
  homeFiles: z.record(z.string(), z.string()).default({}),
  /**
   * Login files of the person, copied into the run home; the agent's commands can read them. `renewed`: paths of keys in
   * them, `*` for any, whose new values go back to the person.
   */
  loginFiles: z
    .array(z.strictObject({ from: z.string(), into: z.string(), renewed: z.array(z.array(z.string())).default([]) }))
    .default([]),
  /** Variables it may have from the person: keys of its model. */
  secretNames: z.array(z.string().regex(/^[A-Z][A-Z0-9_]*$/)).optional(),
  /** Folder of Codex's own login, from which a run takes an access token or key. */
  codexHome: z.string().nullable().default(null),
  /** The agent's mode without questions of its own, used inside our sandbox only. */
  freeMode: z.string().optional(),
  /** It can confine itself when ours cannot start. */
  ownSandbox: z.boolean().default(false),
});
export type AgentLaunch = z.infer<typeof AgentLaunch>;
