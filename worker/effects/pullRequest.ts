/** Opens a pull request for the pushed branch, over GitHub's REST API. https://docs.github.com/en/rest/pulls/pulls */
import * as z from 'zod';
import { BelayError } from '../../protocol/errors.ts';
import { knownForges, type EffectSettings } from '../workerConfig/effectSettings.ts';
import type { PlannedEffect } from './effect.ts';
import type { Remote } from './remote.ts';

export interface PullRequestPorts {
  readonly remote: () => Promise<Remote>;
  readonly forges: EffectSettings['forges'];
  readonly secrets: Readonly<Record<string, string>>;
  readonly branch: string;
  readonly base: string;
  /** Tells people where it is. */
  readonly onOpened: (url: string, title: string) => void;
}
export interface PullRequestWish {
  readonly title: string;
  readonly body: string;
  readonly draft: boolean;
}

const Pull = z.object({ html_url: z.url(), number: z.int() });
const answerMs = 30_000;

export async function planPullRequest(ports: PullRequestPorts, wish: PullRequestWish): Promise<PlannedEffect> {
  const remote = await ports.remote();
  const forge = { ...knownForges, ...ports.forges }[remote.host];
  const [owner, ...rest] = remote.slug.split('/');
  if (forge === undefined || owner === undefined || rest.length !== 1)
    throw new BelayError('conflict', `Belay cannot open pull requests at ${remote.host || 'a folder'}.`, {
      hint: 'Name the forge in the worker configuration, or leave it to the person: the branch is pushed.',
    });
  const token = ports.secrets[forge.secret];
  if (token === undefined)
    throw new BelayError('conflict', `No value is bound for "${forge.secret}".`, {
      hint: 'Bind it in the worker settings of this machine.',
    });
  const send = async (place: string, body?: unknown): Promise<unknown> => {
    const reply = await fetch(
      `${forge.api.replace(/\/$/u, '')}/repos/${encodeURIComponent(owner)}/${encodeURIComponent(rest[0] ?? '')}${place}`,
      {
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          accept: 'application/vnd.github+json',
          'x-github-api-version': '2022-11-28',
          authorization: `Bearer ${token}`,
          'user-agent': 'belay',
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        redirect: 'error',
        signal: AbortSignal.timeout(answerMs),
      },
    );
    const text = await reply.text();
    if (!reply.ok) throw new BelayError('conflict', `${remote.host} answered ${reply.status}: ${text.slice(0, 500)}`);
    return JSON.parse(text) as unknown;
  };
  const existing = async (): Promise<string | null> => {
    const query = new URLSearchParams({ head: `${owner}:${ports.branch}`, state: 'all' });
    const [first] = z.array(Pull).parse(await send(`/pulls?${query}`));
    return first ? first.html_url : null;
  };
  const opened = (url: string): string => {
    ports.onOpened(url, wish.title);
    return `The pull request is open: ${url}`;
  };
  return {
    resource: `pull_request:${remote.host}/${remote.slug}`,
    title: `Open a pull request: ${wish.title}`,
    detail: [
      `At: ${remote.host}/${remote.slug}`,
      `From: ${ports.branch}`,
      `Into: ${ports.base}`,
      `Draft: ${wish.draft ? 'yes' : 'no'}`,
      `Title: ${wish.title}`,
      '',
      wish.body,
    ].join('\n'),
    standing: async () => {
      const url = await existing();
      return url === null ? 'not_done' : { done: opened(url) };
    },
    perform: async () => {
      const before = await existing();
      if (before !== null) return opened(before);
      const made = await send('/pulls', { title: wish.title, body: wish.body, head: ports.branch, base: ports.base, draft: wish.draft });
      return opened(Pull.parse(made).html_url);
    },
  };
}
