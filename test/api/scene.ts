/** A workspace with something of everything in it, and for each operation a request that succeeds. */
import assert from 'node:assert/strict';
import { claimTokenHeader } from '../../protocol/exchange.ts';
import type { ClaimGrant } from '../../protocol/exchange.ts';
import { result } from '../store/fixture.ts';
import type { Platform, Sent } from '../support/platforms.ts';

const json = { 'content-type': 'application/json' };
const write = (path: string, body: unknown, headers: Record<string, string> = {}, method = 'POST'): Sent => ({
  method,
  path,
  headers: { ...json, ...headers },
  body: JSON.stringify(body),
});
const read = (path: string): Sent => ({ method: 'GET', path });

export class Scene {
  readonly platform: Platform;
  readonly instanceId = 'scene';
  agentId = '';
  workerId = '';
  itemId = '';
  repositoryId = '';
  private made = 0;

  constructor(platform: Platform) {
    this.platform = platform;
  }

  static async open(platform: Platform): Promise<Scene> {
    const scene = new Scene(platform);
    const { api } = platform;
    const execution = platform.kind === 'team' ? 'cloud' : 'local';
    scene.agentId = (await api.ensureAgent({ body: { slug: 'scene', name: 'Scene', execution, driver: 'd' } })).id;
    const worker = {
      machine: 'm',
      execution,
      agentIds: [scene.agentId],
      capacity: 9,
      instanceId: scene.instanceId,
      program: 't',
      version: '1',
    } as const;
    scene.workerId = (await api.ensureWorker({ body: { ...worker, agentIds: [scene.agentId] } })).id;
    const repository = { name: 'r', remote: 'https://example.org/r', rootCommit: null, defaultBranch: 'main' };
    scene.repositoryId = (await api.ensureRepository({ body: repository })).id;
    scene.itemId = (await api.createItem({ body: { kind: 'bug', title: 'An item' } })).id;
    await api.addComment({ params: { id: scene.itemId }, body: { body: 'A comment' } });
    await api.addDocument({ params: { id: scene.itemId }, body: { title: 'A document', body: 'text' } });
    return scene;
  }

  async queued(): Promise<string> {
    const body = {
      itemId: this.itemId,
      title: 'A session',
      agentId: this.agentId,
      mode: 'code',
      repositoryId: null,
      workerId: this.workerId,
    } as const;
    return (await this.platform.api.createSession({ body: { ...body, prompt: { kind: 'sections', sections: [] }, folder: '' } })).id;
  }

  async claimed(): Promise<ClaimGrant> {
    const sessionId = await this.queued();
    const body = { workerId: this.workerId, instanceId: this.instanceId, requestId: `s${(this.made += 1)}`, capacity: 1, sessionId };
    const { claims } = await this.platform.api.poll({ body });
    assert.equal(claims[0]?.session.id, sessionId);
    return claims[0];
  }

  holder({ fence }: ClaimGrant) {
    return { instanceId: this.instanceId, fence };
  }

  async asked(grant: ClaimGrant): Promise<string> {
    const body = {
      kind: 'question',
      actionHash: 'h',
      title: 'What now?',
      detail: '',
      options: [],
      acceptsText: true,
      expiresInMs: 60_000,
    } as const;
    const { id } = await this.platform.api.ask({
      params: { id: grant.session.id },
      claimToken: grant.claimToken,
      body: { ...body, options: [], holder: this.holder(grant), key: `q${(this.made += 1)}` },
    });
    return id;
  }

  async ended(): Promise<string> {
    const grant = await this.claimed();
    const body = { holder: this.holder(grant), result, usage: null };
    await this.platform.api.complete({ params: { id: grant.session.id }, claimToken: grant.claimToken, body });
    return grant.session.id;
  }

  /** What the holder of a fresh claim sends. */
  private async held(
    path: string,
    body: (grant: ClaimGrant) => Promise<object> | object,
    inner?: (grant: ClaimGrant) => Promise<string>,
  ): Promise<Sent> {
    const grant = await this.claimed();
    const place = inner ? path.replace('*', await inner(grant)) : path;
    return write(
      `/v1/sessions/${grant.session.id}/${place}`,
      { holder: this.holder(grant), ...(await body(grant)) },
      { [claimTokenHeader]: grant.claimToken },
    );
  }

  /** A request that `operation` answers with success. */
  async request(operation: string): Promise<Sent> {
    const { api } = this.platform;
    const none = {};
    const item = `/v1/items/${this.itemId}`;
    const inSession = async (place: string): Promise<Sent> => read(`/v1/sessions/${await this.queued()}${place}`);
    const requests: Readonly<Record<string, () => Promise<Sent> | Sent>> = {
      healthz: () => read('/healthz'),
      readyz: () => read('/readyz'),
      metrics: () => read('/metrics'),
      about: () => read('/v1/about'),
      openapi: () => read('/v1/openapi.json'),
      quit: () => write('/v1/quit', { version: '0.0.0' }),
      exportAll: () => read('/v1/export'),
      listItems: () => read('/v1/items?limit=2&status=open,planned&q=item&brief=yes'),
      createItem: () => write('/v1/items', { kind: 'todo', title: 't', labels: [{ group: 'g', name: 'n' }] }),
      getItem: () => read(item),
      getItemBundle: () => read(`${item}/bundle`),
      patchItem: async () => {
        const { version } = await api.getItem({ params: { id: this.itemId } });
        return write(item, { priority: version % 2 ? 'high' : 'low' }, { 'if-match': `"${version}"` }, 'PATCH');
      },
      listComments: () => read(`${item}/comments`),
      addComment: () => write(`${item}/comments`, { body: 'b' }, { 'idempotency-key': `c${(this.made += 1)}` }),
      addDocument: async () =>
        write(`/v1/items/${(await api.createItem({ body: { kind: 'todo', title: 'd' } })).id}/documents`, { title: 't', body: 'b' }),
      listHandoffs: () => read('/v1/handoffs?state=open'),
      createHandoff: () => write(`${item}/handoffs`, this.handoff),
      takeHandoff: async () => {
        const { id } = await api.createHandoff({ params: { id: this.itemId }, body: this.handoff });
        return write(`/v1/handoffs/${id}/taken`, none);
      },
      closeHandoff: async () => {
        const { id } = await api.createHandoff({ params: { id: this.itemId }, body: this.handoff });
        return write(`/v1/handoffs/${id}/close`, { result, recap: 'It did.' });
      },
      listAgents: () => read('/v1/agents'),
      ensureAgent: () => write('/v1/agents', { slug: 'other', name: 'O', execution: 'cloud', driver: 'd' }),
      listWorkers: () => read('/v1/workers'),
      ensureWorker: async () => {
        const agent = await api.ensureAgent({ body: { slug: 'other', name: 'O', execution: 'cloud', driver: 'd' } });
        return write('/v1/workers', {
          machine: 'm2',
          execution: 'cloud',
          agentIds: [agent.id],
          capacity: 1,
          instanceId: 'i2',
          program: 't',
          version: '1',
        });
      },
      listRepositories: () => read('/v1/repositories'),
      ensureRepository: () => write('/v1/repositories', { name: 'r2', remote: null, rootCommit: 'a'.repeat(40), defaultBranch: 'main' }),
      listSessions: () => read('/v1/sessions?archived=no&limit=3'),
      createSession: () =>
        write('/v1/sessions', {
          itemId: null,
          title: 't',
          agentId: this.agentId,
          mode: 'plan',
          repositoryId: this.repositoryId,
          prompt: { kind: 'sections', sections: [] },
          folder: '',
          workerId: this.workerId,
        }),
      getSession: () => inSession(''),
      getSessionPrompt: () => inSession('/prompt'),
      cancelSession: async () => write(`/v1/sessions/${await this.queued()}/cancel`, none),
      // Only time makes a session stale; here it is refused as documented.
      retrySession: async () => write(`/v1/sessions/${await this.queued()}/retry`, none),
      archiveSession: async () => write(`/v1/sessions/${await this.ended()}/archive`, none),
      listActivities: async () => read(`/v1/sessions/${await this.ended()}/activities?after=0&limit=10`),
      listLateActivities: () => inSession('/late-activities'),
      listInputs: async () => {
        await this.asked(await this.claimed());
        return read('/v1/inputs?state=open');
      },
      answerInput: async () =>
        write(`/v1/inputs/${await this.asked(await this.claimed())}/answer`, { optionId: null, text: 'go', actionHash: 'h' }),
      sendMessage: async () => write(`/v1/sessions/${await this.queued()}/messages`, { kind: 'steer', body: 'b' }),
      listMessages: () => inSession('/messages'),
      addReview: async () => write(`/v1/sessions/${await this.ended()}/reviews`, { decision: 'accepted', recap: 'Done.' }),
      listReviews: async () => {
        const id = await this.ended();
        await api.addReview({ params: { id }, body: { decision: 'accepted', recap: 'Done.' } });
        return read(`/v1/sessions/${id}/reviews`);
      },
      poll: async () => {
        await this.queued();
        return write('/v1/worker/poll', {
          workerId: this.workerId,
          instanceId: this.instanceId,
          requestId: `p${(this.made += 1)}`,
          capacity: 0,
        });
      },
      appendActivities: () =>
        this.held('activities', () => ({ activities: [{ key: 'k', at: 1, kind: 'progress', body: { type: 'message', text: 'm' } }] })),
      ask: () =>
        this.held('inputs', () => ({
          key: 'k',
          kind: 'approval',
          actionHash: '',
          title: 't',
          detail: '',
          options: [],
          acceptsText: true,
          expiresInMs: 1000,
        })),
      inputDelivered: () =>
        this.held(
          'inputs/*/delivered',
          () => none,
          async (grant) => {
            const id = await this.asked(grant);
            await api.answerInput({ params: { id }, body: { optionId: null, text: 'go', actionHash: 'h' } });
            return id;
          },
        ),
      withdrawInput: () =>
        this.held(
          'inputs/*/withdraw',
          () => none,
          (grant) => this.asked(grant),
        ),
      messageDelivered: () =>
        this.held(
          'messages/*/delivered',
          () => none,
          async (grant) => (await api.sendMessage({ params: { id: grant.session.id }, body: { kind: 'steer', body: 'b' } })).id,
        ),
      itemEffect: () => this.held('item-effects', () => ({ key: 'a'.repeat(64), effect: { type: 'comment', body: 'On it.' } })),
      updateStanding: () => this.held('standing', () => ({ sandboxStep: 'ours' })),
      complete: () => this.held('complete', () => ({ result, usage: null })),
      fail: () => this.held('fail', () => ({ error: { code: 'c', message: 'm', hint: null }, usage: null, result: null })),
      release: () => this.held('release', () => ({ reason: 'r', notBeforeMs: null })),
      park: () => this.held('park', async (grant) => (await this.asked(grant), none)),
      cancelled: () => this.held('cancelled', () => ({ text: 't', result: null, usage: null })),
      workspaceEvents: () => read('/v1/events'),
      sessionEvents: async () => read(`/v1/sessions/${await this.ended()}/events`),
    };
    const make = requests[operation];
    assert.ok(make, `The scene has no request for "${operation}".`);
    return make();
  }

  private readonly handoff = { target: 't', targetName: 'T', mode: 'code', detail: '', repositoryId: null, baseCommit: null } as const;
}
