/** The same over HTTP: one replica as a process, asked on kept connections. */
import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { Platforms } from '../../support/platforms.ts';
import { result } from '../../store/fixture.ts';
import { median } from '../figures.ts';
import { inFlight, refill, type Rate } from './stage.ts';

/** The median rate of `rounds` of `ms` each, and how long all claims took. */
export async function httpFor(ms: number, rounds: number): Promise<Rate> {
  const platforms = new Platforms({ durable: true });
  try {
    const database = await platforms.database();
    const limits = [
      '--limit-work',
      '0',
      '--limit-writes',
      '0',
      '--limit-reads',
      '0',
      '--log-requests',
      'none',
      '--connections',
      String(inFlight),
    ];
    const { api } = await platforms.team(database, ...limits);
    const admin = new Client(platforms.postgres.url(database));
    await admin.connect();
    const agent = await api.ensureAgent({ body: { slug: 'a', name: 'A', execution: 'cloud', driver: 'd' } });
    const body = { machine: 'm', execution: 'cloud' as const, agentIds: [agent.id], capacity: 1, program: 'bench', version: '1' };
    let workerId = '';
    for (let instance = 0; instance < inFlight; instance++)
      workerId = (await api.ensureWorker({ body: { ...body, instanceId: `i${instance}` } })).id;
    const session = {
      itemId: null,
      title: 't',
      agentId: agent.id,
      mode: 'code',
      repositoryId: null,
      prompt: { kind: 'sections', sections: [] },
      folder: '',
    } as const;
    const claimMs: number[] = [];
    const perS: number[] = [];
    for (let round = 0; round < rounds; round++) {
      await refill(
        admin,
        (await api.createSession({ body: { ...session, prompt: { kind: 'sections', sections: [] }, folder: '' } })).id,
        ms * 2,
      );
      const started = performance.now();
      let done = 0;
      const one = async (instanceId: string): Promise<void> => {
        while (performance.now() - started < ms) {
          const asked = performance.now();
          const { claims } = await api.poll({ body: { workerId, instanceId, requestId: randomUUID(), capacity: 1, waitMs: 0 } });
          claimMs.push(performance.now() - asked);
          const [grant] = claims;
          if (!grant) throw new Error('The queue ran empty: queue more sessions.');
          const { session, claimToken, fence } = grant;
          await api.complete({ params: { id: session.id }, claimToken, body: { holder: { instanceId, fence }, result, usage: null } });
          done += 1;
        }
      };
      await Promise.all(Array.from({ length: inFlight }, (_, index) => one(`i${index}`)));
      perS.push((done * 1_000) / (performance.now() - started));
    }
    await admin.end();
    return { perS: median(perS), claimMs };
  } finally {
    await platforms.end();
  }
}
