/** Writes docs/authorization.md from the table itself. `npm run -s docs:authorization`. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import prettier from 'prettier';
import { authorization, type Grant } from '../platform/domain/authorize.ts';
import { operations } from '../platform/store/operations.ts';
import { permissions } from '../protocol/permissions.ts';
import { routes, type Route } from '../protocol/routes.ts';

export const authorizationFile = fileURLToPath(new URL('../docs/authorization.md', import.meta.url));

const words: Readonly<Record<Grant, string>> = {
  always: 'yes',
  own: 'their own',
  involved: 'their own, and what they started',
  own_when_local: 'in the cloud, and their own',
  never: 'no',
};
const roles = ['owner', 'admin', 'member', 'guest'] as const;

const namesOf = (all: Readonly<Record<string, { needs: string | null }>>, permission: string): string =>
  Object.entries(all)
    .filter(([, { needs }]) => needs === permission)
    .map(([name]) => `\`${name}\``)
    .join(', ');

export async function authorizationText(): Promise<string> {
  const rows = Object.entries(authorization).map(([permission, rule]) => [
    `\`${permission}\``,
    ...roles.map((role) => words[rule[role]]),
    namesOf(routes as Record<string, Route>, permission),
  ]);
  const table = [['Permission', ...roles.map((role) => role[0]?.toUpperCase() + role.slice(1)), 'Routes'], Array(6).fill('---'), ...rows];
  const text = `# Who may do what

Written by \`npm run -s docs:authorization\` from \`platform/domain/authorize.ts\`; a test fails where the two differ.

A route names the one permission it needs, and so does every operation of the store (${Object.keys(operations).length} of them): whoever
asks is refused at both. There are ${permissions.length} permissions. \`public\` needs no credential (${namesOf(routes as Record<string, Route>, 'public')}).
\`session.hold\` is nobody's by role: it takes the token of a live claim, and is for the session of that claim alone
(${namesOf(routes as Record<string, Route>, 'session.hold')}).

${table.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}

"Their own": the caller owns the agent, session or worker. "In the cloud, and their own": what runs on somebody's machine is that person's
alone. Replies say as \`can\` what the caller may do with the thing they show, state and permission together: no client works it out.
`;
  return prettier.format(text, { ...(await prettier.resolveConfig(authorizationFile)), filepath: authorizationFile });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(authorizationFile, await authorizationText());
