import { html, nothing, type TemplateResult } from 'lit';
import type { Activity, ProgressBody } from '../../protocol/activities.ts';
import { t } from '../base/l10n.ts';
import { classWords, decisionWords } from '../model/audit.ts';
import { phaseWords } from '../model/describe.ts';
import type { AskedBody, CommandBody, FeedEntry, FeedPart, FileBody, PhaseBody, PolicyBody, ToolBody } from '../model/feed.ts';
import { durationText } from '../model/format.ts';
import { oneLine, pathParts, spellOutInvisible } from '../model/text.ts';
import { store } from '../base/store.ts';
import { icon, lineCounts, untrustedText, untrustedTextWithCode } from './bits.ts';
import { webLink } from './webLink.ts';

/** What the feed needs from its page: which entries are open, and how to open one. */
export interface FeedView {
  readonly sessionId: string;
  readonly isOpen: (id: string) => boolean;
  readonly toggle: (id: string) => void;
}

const line = (mark: TemplateResult, body: unknown, at: number, classes = ''): TemplateResult =>
  html`<div class="event ${classes}">
    ${mark}
    <div class="event-body">${body}</div>
    <time title=${store.times.full(at)}>${store.times.time(at)}</time>
  </div>`;

/** A line that opens to show more, or a plain one when there is no more. */
function opening(view: FeedView, id: string, head: unknown, more: (() => unknown) | null): TemplateResult {
  if (!more) return html`${head}`;
  const isOpen = view.isOpen(id);
  return html`<button class="disclose" aria-expanded=${isOpen} @click=${() => view.toggle(id)}>
      ${head}${icon(isOpen ? 'chevron-down' : 'chevron-right', 'dim')}
    </button>
    ${isOpen ? more() : nothing}`;
}

const output = (text: string, label: string): TemplateResult =>
  html`<pre class="output" tabindex="0" role="region" aria-label=${label}>${spellOutInvisible(text)}</pre>`;

const spinning = icon('sync', 'run codicon-modifier-spin');

function commandLine(view: FeedView, id: string, at: number, body: CommandBody): TemplateResult {
  const isRunning = body.status === 'running';
  const hasFailed = body.status === 'failed' || (body.exitCode !== null && body.exitCode !== 0);
  const shown = spellOutInvisible(body.command.trim());
  const isLong = shown.includes('\n') || shown.length > 120;
  const ended = isRunning
    ? html`<span class="run">${t('running')}</span>`
    : hasFailed
      ? html`<span class="bad">${body.exitCode === null ? t('failed') : t('exit {0}', body.exitCode)}</span>`
      : html`<span class="dim">${body.ms !== null && body.ms >= 1000 ? durationText(body.ms) : ''}</span>`;
  const head = html`<code title=${shown}>${shown.split('\n')[0]}</code> ${ended}`;
  const hasMore = isLong || (body.output ?? '') !== '';
  const more = (): TemplateResult =>
    html`${isLong ? output(body.command, t('Command')) : nothing}${body.output ? output(body.output, t('Output')) : nothing}`;
  return line(isRunning ? spinning : icon('terminal', hasFailed ? 'bad' : ''), opening(view, id, head, hasMore ? more : null), at);
}

const toolIcons: Record<string, string> = {
  read: 'eye',
  search: 'search',
  fetch: 'globe',
  edit: 'edit',
  think: 'lightbulb',
  delete: 'trash',
};

function toolSummary(calls: readonly FeedPart<ToolBody>[]): string {
  if (calls.every(({ body }) => body.tool === 'read')) return t('Read {0} files', calls.length);
  if (calls.every(({ body }) => body.tool === 'search')) return t('Searched {0} times', calls.length);
  return t('{0} steps', calls.length);
}

function toolLine(view: FeedView, id: string, at: number, calls: readonly FeedPart<ToolBody>[]): TemplateResult {
  const [first] = calls;
  if (!first) return html``;
  const failed = calls.filter(({ body }) => body.status === 'failed').length;
  const isRunning = calls.some(({ body }) => body.status === 'running');
  const mark = isRunning ? spinning : icon(toolIcons[first.body.tool] ?? 'tools', failed > 0 ? 'bad' : 'dim');
  const failures = failed > 0 ? html` <span class="bad">${calls.length === 1 ? t('failed') : t('{0} failed', failed)}</span>` : nothing;
  if (calls.length === 1) {
    const { detail } = first.body;
    return line(
      mark,
      opening(
        view,
        id,
        html`<bdi class="one-line">${oneLine(first.body.title)}</bdi>${failures}`,
        detail ? () => output(detail, t('Details')) : null,
      ),
      at,
    );
  }
  const more = (): TemplateResult =>
    html`<ul class="event-list">
      ${calls.map(
        ({ body }) =>
          html`<li class=${body.status === 'failed' ? 'bad' : ''}>
            <bdi>${oneLine(body.title)}</bdi>${body.detail ? output(body.detail, t('Details')) : nothing}
          </li>`,
      )}
    </ul>`;
  return line(mark, opening(view, id, html`${toolSummary(calls)}${failures}`, more), at);
}

const changeIcons = { added: 'diff-added', modified: 'edit', deleted: 'diff-removed' } as const;

function fileLine(view: FeedView, id: string, at: number, files: readonly FeedPart<FileBody>[]): TemplateResult {
  const name = ({ body }: FeedPart<FileBody>): TemplateResult => {
    const parts = pathParts(body.path);
    return html`<span class="file-name" title=${spellOutInvisible(body.path)}
        ><bdi>${parts.name}</bdi>${parts.folder === '' ? nothing : html` <bdi class="dim">${parts.folder}</bdi>`}</span
      >
      ${lineCounts(body.added, body.deleted)}`;
  };
  const [first] = files;
  if (!first) return html``;
  if (files.length === 1) return line(icon(changeIcons[first.body.change]), name(first), at);
  const sum = (key: 'added' | 'deleted'): number => files.reduce((total, { body }) => total + (body[key] ?? 0), 0);
  const more = (): TemplateResult =>
    html`<ul class="event-list">
      ${files.map((file) => html`<li>${name(file)}</li>`)}
    </ul>`;
  const head = html`${t('{0} files changed', files.length)} ${lineCounts(sum('added'), sum('deleted'))}`;
  return line(icon('edit'), opening(view, id, head, more), at);
}

function phaseText({ phase, detail, ms }: PhaseBody): TemplateResult {
  const said = oneLine(detail).replace(/\.$/, '');
  const took = ms !== null && ms >= 100 ? ` · ${durationText(ms)}` : '';
  return html`${t(phaseWords[phase])}${said === '' ? nothing : html` · <bdi>${said}</bdi>`}${took}`;
}

/** The newest phase speaks for those before it. */
function phaseLine(view: FeedView, id: string, phases: readonly FeedPart<PhaseBody>[]): TemplateResult {
  const last = phases.at(-1);
  if (!last) return html``;
  const more = (): TemplateResult =>
    html`<ul class="event-list">
      ${phases.slice(0, -1).map(({ body }) => html`<li>${phaseText(body)}</li>`)}
    </ul>`;
  const head = html`<span class="wrapping">${phaseText(last.body)}</span>`;
  return line(icon('circle-small-filled', 'dim'), opening(view, id, head, phases.length > 1 ? more : null), last.at, 'quiet');
}

const askedText = (body: AskedBody): TemplateResult => html`${t('Asked')}: ${untrustedTextWithCode(body.title)}`;

function questionLine(view: FeedView, id: string, at: number, asked: AskedBody, policy: PolicyBody): TemplateResult {
  const head = html`<span class="wrapping">${askedText(asked)}</span>`;
  const more = (): TemplateResult =>
    output([`${t(classWords[policy.class])} ${policy.resource}`, policy.rule, policy.detail].filter(Boolean).join('\n'), t('Rule'));
  return line(icon('question', 'wait'), opening(view, id, head, more), at);
}

function progressLine(view: FeedView, id: string, at: number, body: ProgressBody): TemplateResult {
  switch (body.type) {
    case 'phase':
      return phaseLine(view, id, [{ at, body }]);
    case 'message':
      return line(icon('comment'), html`<belay-markdown .text=${body.text}></belay-markdown>`, at, 'said');
    case 'thought': {
      const first = oneLine(body.text.split('\n')[0] ?? '');
      const head = html`<bdi class="one-line">${first}</bdi>`;
      return line(
        icon('lightbulb', 'dim'),
        opening(view, id, head, body.text.length > 80 ? () => html`<belay-markdown .text=${body.text}></belay-markdown>` : null),
        at,
        'quiet',
      );
    }
    case 'commit':
      return line(icon('git-commit'), html`<code>${spellOutInvisible(body.commit.slice(0, 8))}</code> ${untrustedText(body.subject)}`, at);
    case 'blocker':
      return line(icon('warning', 'wait'), html`<span class="wait">${t('Blocked')}</span> ${untrustedText(body.text)}`, at);
    case 'input_asked':
      return line(icon('question', 'wait'), askedText(body), at);
    case 'input_answered':
      return line(icon('check', 'ok'), html`${t('Answered')}: ${untrustedText(body.answer)}`, at);
    case 'message_delivered':
      return line(icon('account'), html`<span class="author">${t('Your message')}</span> <bdi>${body.text}</bdi>`, at, 'said');
    case 'tool_call':
      return toolLine(view, id, at, [{ at, body }]);
    case 'command':
      return commandLine(view, id, at, body);
    case 'file_change':
      return fileLine(view, id, at, [{ at, body }]);
    case 'usage':
      return html``;
  }
}

/** One activity by itself, also used for those that came too late. */
export function activityLine(view: FeedView, id: string, activity: Pick<Activity, 'at'> & Activity): TemplateResult {
  const { at } = activity;
  switch (activity.kind) {
    case 'progress':
      return progressLine(view, id, at, activity.body);
    case 'policy': {
      const { decision, resource, rule, detail } = activity.body;
      const verdict = html`<span class=${decision === 'deny' ? 'bad' : ''}>${t(decisionWords[decision])}</span>`;
      // An effect says itself what it is, or is a question in an agent's own words.
      const what =
        activity.body.class === 'effect'
          ? html`: ${untrustedTextWithCode(resource)}`
          : html` ${t(classWords[activity.body.class])} <code>${spellOutInvisible(resource)}</code>`;
      const head = html`<span class="wrapping">${verdict}${what}</span>`;
      const mark = icon('shield', decision === 'deny' ? 'bad' : decision === 'ask' ? 'wait' : 'dim');
      const why = [rule, detail].filter(Boolean).join('\n');
      return line(mark, opening(view, id, head, why === '' ? null : () => output(why, t('Rule'))), at);
    }
    case 'url': {
      const { url, title } = activity.body;
      return line(icon('link'), webLink(url, title), at);
    }
    case 'completion':
      return line(icon('pass', 'ok'), t('Completed'), at);
    case 'failure':
      return line(
        icon('error', 'bad'),
        html`<span class="bad">${t('Failed')}</span> <code>${activity.body.code}</code> ${untrustedText(activity.body.message)}`,
        at,
      );
    case 'release':
      return line(icon('debug-step-back', 'dim'), html`${t('Claim given back')}: ${untrustedText(activity.body.reason)}`, at, 'quiet');
    case 'cancellation':
      return line(
        icon('circle-slash', 'dim'),
        html`${t('Stopped')}${activity.body.text === '' ? nothing : html`: ${untrustedText(activity.body.text)}`}`,
        at,
      );
    case 'plan':
      return line(icon('list-ordered', 'dim'), t('Plan of {0} steps', activity.body.steps.length), at, 'quiet');
  }
}

export function feedLine(view: FeedView, entry: FeedEntry): TemplateResult {
  switch (entry.type) {
    case 'command':
      return commandLine(view, entry.id, entry.at, entry.body);
    case 'tools':
      return toolLine(view, entry.id, entry.at, entry.calls);
    case 'files':
      return fileLine(view, entry.id, entry.at, entry.files);
    case 'phases':
      return phaseLine(view, entry.id, entry.phases);
    case 'question':
      return questionLine(view, entry.id, entry.at, entry.asked, entry.policy);
    case 'single':
      return activityLine(view, entry.id, entry.activity);
  }
}

/** About how high an entry will be, in px, until it has been drawn once. */
export function feedHeight(entry: FeedEntry): number {
  if (entry.type !== 'single' || entry.activity.kind !== 'progress') return 24;
  const { body } = entry.activity;
  return body.type === 'message' ? 24 + 18 * Math.min(20, Math.floor(body.text.length / 45)) : 24;
}
