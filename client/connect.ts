/** The one way to the platform a person chose. */
import type { ChosenPlatform } from './chosenPlatform.ts';
import type { Connection } from './connection.ts';
import { connectEmbedded, type ConnectOptions } from './embedded.ts';
import { connectTeam } from './team.ts';

export async function connectChosen({ team }: ChosenPlatform, options: ConnectOptions): Promise<Connection> {
  return team ? await connectTeam(team, options.version) : await connectEmbedded(options);
}
