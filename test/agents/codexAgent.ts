/** The real Codex as tests offer it: its model a scripted server on loopback, its configuration in the run home only. */
import path from 'node:path';
import type { OfferedAgent } from '../../worker/loop/worker.ts';
import { root } from '../fakes/workbench.ts';

const program = path.join(root, 'test/agents/node_modules/@openai/codex/bin/codex.js');

/** `port`: of the scripted model. */
export function codex(port: number): OfferedAgent {
  const config = [
    'model = "scripted"',
    'model_provider = "loopback"',
    '[model_providers.loopback]',
    'name = "Scripted"',
    `base_url = "http://localhost:${port}/v1"`,
    'wire_api = "responses"',
    'env_key = "SCRIPTED_KEY"',
    'request_max_retries = 1',
    'stream_max_retries = 1',
  ].join('\n');
  return {
    slug: 'codex',
    name: 'Codex',
    launch: {
      slug: 'codex',
      driver: 'codex',
      argv: [process.execPath, program],
      env: {},
      hosts: [`localhost:${port}`],
      readable: [path.join(root, 'test/agents/node_modules')],
      homeFiles: { '.codex/config.toml': `${config}\n` },
      loginFiles: [],
      secretNames: ['SCRIPTED_KEY'],
      codexHome: null,
      ownSandbox: true,
    },
  };
}
