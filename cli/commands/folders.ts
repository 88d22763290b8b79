import path from 'node:path';
import { openMachine } from '../../worker/base/machine.ts';
import { command, connected } from '../base/command.ts';
import { bindHere } from '../session/context.ts';
import { state } from '../base/here.ts';
import { everyEntry } from '../base/names.ts';
import { table } from '../base/table.ts';

export const folders = command({
  options: { bind: { value: 'PATH', says: 'let this folder be the one of its repository from now on' } },
  examples: [
    ['folders', 'which folder of this machine each repository is'],
    ['folders --bind ~/work/shop', 'results go there from now on'],
  ],
  json: 'a list of {repositoryId, name, folder}',
  run: connected(async (connection, { options, output }) => {
    if (options.bind !== undefined) await bindHere(connection, path.resolve(options.bind));
    const names = new Map<string, string>();
    for await (const { id, name } of everyEntry((page) => connection.api.listRepositories({ query: page }))) names.set(id, name);
    const found = Object.entries(openMachine(state).bindings).map(([repositoryId, folder]) => ({
      repositoryId,
      name: names.get(repositoryId) ?? '',
      folder,
    }));
    output.answer(
      found,
      found.length === 0 ? 'No folder is bound.' : table(found.map(({ name, folder }) => [{ text: name, style: 'bold' }, folder])),
    );
    return 0;
  }),
});
