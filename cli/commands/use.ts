import { readFileSync } from 'node:fs';
import { text as readAll } from 'node:stream/consumers';
import { choosePlatform, forgetPlatform, keepPlatform, keptFile, type ChosenPlatform } from '../../client/chosenPlatform.ts';
import { connectTeam } from '../../client/team.ts';
import { BelayError, messageOf } from '../../protocol/errors.ts';
import { platformToken, platformUrl } from '../../transport/address.ts';
import { command } from '../base/command.ts';
import { namedPlatform } from '../base/environment.ts';
import { state } from '../base/here.ts';
import { secretLine } from '../base/secretLine.ts';
import { version } from '../base/version.ts';

export const use = command({
  words: [{ name: 'URL', says: 'the address of a team’s platform; its token is asked for, or comes through a pipe', optional: true }],
  ownsExtraWords: true,
  options: {
    'token-file': { value: 'FILE', says: 'read the token from there' },
    embedded: { says: 'go back to the platform of this machine' },
  },
  examples: [
    ['use', 'say which platform is in use'],
    ['use https://belay.example.com', 'use that of your team from now on, in the terminal and in new windows of the editor'],
    ['use https://example.com/belay --token-file token', 'with the token that a file holds'],
    ['use --embedded', 'go back to the platform of this machine'],
  ],
  json: '{platform: "embedded" or "team", url, by: "environment", "kept" or "default"}',
  run: async ({ args: [address, ...more], options, output }) => {
    if (more.length > 0)
      throw new BelayError('bad_request', '"belay use" takes one address and nothing behind it.', {
        hint: 'A token is never a word of a command, since others on this machine can see those: it is asked for, or --token-file FILE.',
      });
    if ((address !== undefined && options.embedded) || (address === undefined && options['token-file'] !== undefined))
      throw new BelayError(
        'bad_request',
        options.embedded ? 'One of the two: an address, or --embedded.' : '--token-file belongs to an address.',
      );
    if (options.embedded) forgetPlatform(state);
    if (address !== undefined) {
      const url = platformUrl(address);
      const said = await tokenFrom(options['token-file']);
      if (said === null) return 130;
      const team = { url, credential: platformToken(said) };
      const connection = await output.during('Asking the platform', connectTeam(team, version));
      connection.close();
      keepPlatform(state, team);
    }
    const chosen = choosePlatform(state, namedPlatform);
    const { team, by } = chosen;
    output.answer({ platform: team ? 'team' : 'embedded', url: team?.url ?? null, by }, placeText(chosen));
    return 0;
  },
});

/** Null where the person left instead. */
async function tokenFrom(file: string | undefined): Promise<string | null> {
  if (file === undefined) return process.stdin.isTTY ? await secretLine('Token: ') : await readAll(process.stdin);
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new BelayError('bad_request', `${file} cannot be read: ${messageOf(cause)}`, { cause });
  }
}

function placeText({ team, by }: ChosenPlatform): string {
  const place = team ? `You are on the team's platform at ${team.url}.` : 'You are on the platform of this machine.';
  switch (by) {
    case 'environment':
      return `${place}\nBELAY_URL says so; without it "belay use" decides.`;
    case 'kept':
      return `${place}\nIts address and token are kept in ${keptFile(state)}.`;
    case 'default':
      return place;
  }
}
