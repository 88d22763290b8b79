/** The statements alone, by pgbench: what the store sends, and the plainest pair that claims and completes. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import * as os from 'node:os';
import path from 'node:path';
import { claimChains } from '../../../platform/store/areas/claims/chains.ts';
import { endChains } from '../../../platform/store/areas/holders/chains.ts';
import type { Chain } from '../../../platform/store/base/chain.ts';
import { sentChain } from '../../../platform/store/postgres/texts.ts';
import { result } from '../../store/fixture.ts';
import { inFlight, type Stage } from './stage.ts';

/** The one on the PATH, or that which scripts/prepare.mjs unpacked. */
function pgbenchProgram(): string {
  const versions = path.resolve('.cache/debian/usr/lib/postgresql');
  const [unpacked] = existsSync(versions) ? readdirSync(versions) : [];
  return unpacked === undefined ? 'pgbench' : path.join(versions, unpacked, 'bin/pgbench');
}

/** Transactions per second of a pgbench script, which is one claim and its completion. */
export function pgbench(url: string, script: string, seconds: number): Promise<number> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'belay-bench-'));
  const file = path.join(folder, 'script.sql');
  writeFileSync(file, script);
  const args = ['-n', '-M', 'prepared', '-c', String(inFlight), '-j', '2', '-T', String(seconds), '-f', file, url];
  const child = spawn(pgbenchProgram(), args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      PGOPTIONS: '-c search_path=belay,public -c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c jit=off',
    },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      rmSync(folder, { recursive: true, force: true });
      const rate = /tps = ([\d.]+)/.exec(said)?.[1];
      if (code === 0 && rate && !/aborted/.test(said)) resolve(Number(rate));
      else reject(new Error(`pgbench: ${said}`));
    });
  });
}

/** A statement of the store with its values in place: `:name` for pgbench's own, SQL for the rest. */
function filled(chain: Chain, given: Readonly<Record<string, string>>): string {
  const { text, names } = sentChain(chain);
  return text.replace(/\$(\d+)/g, (_, place: string) => given[names[Number(place) - 1] ?? ''] ?? 'NULL').replace(/\s+/g, ' ');
}

/** Every statement that the store sends for one claim and its completion, in its order, reads included. */
export function rawScript({ call, workerId, agentId }: Stage): string {
  const { workspaceId, memberId } = call.caller;
  const text = (value: string): string => `'${value}'`;
  const instance = "('i' || :client_id)";
  const request = "('r' || :request)";
  const claim = {
    worker: text(workerId),
    instance,
    leaseMs: '60000',
    workspace: text(workspaceId),
    execution: "'cloud'",
    agents: `'{${agentId}}'`,
    owner: text(memberId),
    repositories: "'{}'",
    namedFirstMs: '10000',
    request,
    most: '1',
    from: '0',
    place: '0',
  };
  const end = {
    session: ':id::text',
    fence: ':fence',
    instance,
    endedBy: "'complete'",
    saidKind: "'completion'",
    saidBody: "'{}'",
    result: text(JSON.stringify(result)),
    expiryMs: '1',
    toReview: "'{code,fix}'",
  };
  // What the completion needs of the claim stands in columns of its own here.
  const claiming = filled(claimChains.claim, claim).replace('AS row FROM', 'AS row, seen.id, seen.fence FROM');
  return ['\\set request random(1, 1000000000000)', `${claiming} \\gset`, `${filled(endChains.complete, end)};`].join('\n');
}

export const plainTable = `DROP TABLE IF EXISTS plain; CREATE TABLE plain (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, state TEXT NOT NULL DEFAULT 'queued', fence BIGINT NOT NULL DEFAULT 0, worker BIGINT);
  CREATE INDEX plain_queue ON plain (id) WHERE state = 'queued'; INSERT INTO plain SELECT FROM generate_series(1, 60000); VACUUM ANALYZE plain; CHECKPOINT`;
export const plainScript = `UPDATE plain SET state = 'active', fence = fence + 1, worker = :client_id WHERE id = (SELECT id FROM plain WHERE state = 'queued' ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id, fence \\gset
UPDATE plain SET state = 'complete' WHERE id = :id AND fence = :fence AND worker = :client_id AND state = 'active';`;
