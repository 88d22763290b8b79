/** Who the agent's commits are by: the person, wherever their configuration has the name. */
import { personGit, safeGit } from './git.ts';

const usual: Readonly<Record<string, string>> = { 'user.name': 'Belay agent', 'user.email': 'agent@localhost' };
const keys = ['user.name', 'user.email', 'author.name', 'author.email', 'committer.name', 'committer.email'] as const;
type Identity = Partial<Record<(typeof keys)[number], string>>;

/** As the person's own git would have it in that repository. */
async function identityOf(gitDir: string): Promise<Identity> {
  const identity: Identity = {};
  for (const key of keys) {
    const own = await personGit(['config', '--get', key], { gitDir, okCodes: [0, 1] });
    const value = own.text || usual[key];
    if (value !== undefined) identity[key] = value;
  }
  return identity;
}

/** Gives a clone the identity of the person whose repository it is of. */
export async function copyIdentity(person: string, gitDir: string): Promise<void> {
  for (const [key, value] of Object.entries(await identityOf(person))) await safeGit(['config', key, value], { gitDir });
}

export interface Makers {
  readonly author: string;
  readonly committer: string;
}

/** Who commits of such a clone are by, each as `Name <address>`. */
export async function makersOf(person: string): Promise<Makers> {
  const identity = await identityOf(person);
  const named = (role: 'author' | 'committer'): string =>
    `${identity[`${role}.name`] ?? identity['user.name'] ?? ''} <${identity[`${role}.email`] ?? identity['user.email'] ?? ''}>`;
  return { author: named('author'), committer: named('committer') };
}
