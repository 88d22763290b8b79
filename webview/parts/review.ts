import { html, nothing, type TemplateResult } from 'lit';
import type { SessionPage } from '../../protocol/panelPages.ts';
import type { ResultFile, Review, Session, SessionResult } from '../../protocol/records.ts';
import { pathText } from '../../protocol/resultFiles.ts';
import { callHost } from '../base/host.ts';
import { t } from '../base/l10n.ts';
import { decisionLooks } from '../model/describe.ts';
import { oneLine, pathParts, spellOutInvisible } from '../model/text.ts';
import { store } from '../base/store.ts';
import { icon, lineCounts, lookIcon, section, slotIcon, timeTag, untrustedText } from './bits.ts';
import { openRow } from './itemRow.ts';
import { longList } from './longList.ts';
import { failureAt } from './failure.ts';
import { isSending, onSendKey, sendBox } from './sending.ts';

/** What the review keeps while the person decides. */
export interface ReviewView {
  readonly yes: ReadonlySet<string>;
  readonly setYes: (path: string, yes: boolean) => void;
  readonly busy: string | null;
  /** True when it was done. */
  readonly act: (name: string, action: () => Promise<unknown>, done: string) => Promise<boolean>;
  /** Files that the person changed too, of the Accept that met them. */
  readonly conflicts: readonly string[];
  readonly asking: 'discard' | 'send_back' | null;
  readonly ask: (what: 'discard' | 'send_back' | null) => void;
}

export function recapCard(result: SessionResult): TemplateResult {
  const checks = result.checks.map((check) => {
    const hasPassed = check.exitCode === 0;
    return html`<li>
      ${icon(hasPassed ? 'pass' : check.exitCode === null ? 'circle-large-outline' : 'error', hasPassed ? 'ok' : check.exitCode === null ? 'dim' : 'bad')}<code
        >${spellOutInvisible(check.command)}</code
      ><span class=${hasPassed ? 'dim' : 'bad'}
        >${hasPassed ? t('passed') : check.exitCode === null ? t('not finished') : t('exit {0}', check.exitCode)}</span
      >
    </li>`;
  });
  const base = result.baseCommit === null ? '' : t('from {0}', result.baseCommit.slice(0, 8));
  const commits =
    result.agentCommits === 0
      ? ''
      : result.agentCommits === 1
        ? t('1 commit by the agent')
        : t('{0} commits by the agent', result.agentCommits);
  const origin = [commits, base].filter(Boolean).join(', ');
  return html`<section class="recap" aria-label=${t('Recap')}>
    <h2>${t('Recap')}</h2>
    ${result.summary === '' ? html`<p class="quiet-text">${t('The agent left no summary.')}</p>` : html`<belay-markdown .text=${result.summary}></belay-markdown>`}
    ${
      checks.length > 0
        ? html`<ul class="checks" aria-label=${t('Checks')}>
            ${checks}
          </ul>`
        : nothing
    }
    ${origin === '' ? nothing : html`<p class="meta">${origin}</p>`}
  </section>`;
}

const hostExecuted = (result: SessionResult): ResultFile[] => result.files.filter((file) => file.class === 'host_executed');

/** The decision: look first, then take it, send it back or throw it away. */
export function reviewActions(data: SessionPage, view: ReviewView): TemplateResult | typeof nothing {
  const { session, can, acceptBlocked } = data;
  const sessionId = session.id;
  const params = { sessionId };
  const result = session.result;
  if (!result || !(can.review || can.accept || can.close || can.undo || can.sendBack || can.discard || acceptBlocked)) return nothing;
  const isBusy = view.busy !== null;
  const unasked = hostExecuted(result).length - view.yes.size;
  const accept = (): void =>
    void view.act(
      'accept',
      () => callHost('accept', { sessionId, hostExecuted: [...view.yes] }),
      t('Accepted: the changes are in your working tree.'),
    );
  return html`<div class="actions primary-actions">
      ${can.commit ? afterAccept(session, view) : nothing}
      ${
        can.review
          ? html`<vscode-button
              ?secondary=${!can.accept && !acceptBlocked}
              ?disabled=${isBusy}
              @click=${() => view.act('review', () => callHost('reviewChanges', params), '')}
              >${slotIcon('git-pull-request-go-to-changes')}${t('Review changes')}</vscode-button
            >`
          : nothing
      }
      ${
        can.accept || acceptBlocked
          ? html`<vscode-button
              secondary
              ?disabled=${isBusy || !can.accept || acceptBlocked !== null}
              aria-describedby=${acceptBlocked ? 'accept-blocked' : nothing}
              @click=${accept}
              >${slotIcon('check')}${view.busy === 'accept' ? t('Accepting …') : t('Accept')}</vscode-button
            >`
          : nothing
      }
      ${
        can.close
          ? html`<vscode-button ?disabled=${isBusy} @click=${() => view.act('close', () => callHost('close', params), t('Closed'))}
              >${slotIcon('check')}${t('Close')}</vscode-button
            >`
          : nothing
      }
      ${
        can.undo
          ? html`<vscode-button
              secondary
              ?disabled=${isBusy}
              @click=${() => view.act('undo', () => callHost('undoAccept', params), t('Undone: your working tree is as it was.'))}
              >${slotIcon('discard')}${t('Undo')}</vscode-button
            >`
          : nothing
      }
      ${
        can.sendBack
          ? html`<vscode-button
              secondary
              ?disabled=${isBusy}
              data-ask="send_back"
              aria-expanded=${view.asking === 'send_back'}
              @click=${() => view.ask('send_back')}
              >${t('Send back')}</vscode-button
            >`
          : nothing
      }
      ${
        can.discard
          ? html`<vscode-button
              secondary
              ?disabled=${isBusy}
              data-ask="discard"
              aria-expanded=${view.asking === 'discard'}
              @click=${() => view.ask('discard')}
              >${t('Discard')}</vscode-button
            >`
          : nothing
      }
    </div>
    ${['review', 'accept', 'undo', 'commit'].map(failureAt)}
    ${acceptBlocked ? html`<p class="blocked" id="accept-blocked">${icon('info')}<span>${acceptBlocked}</span></p>` : nothing}
    ${
      can.accept && unasked > 0
        ? html`<p class="blocked">
            ${icon('warning', 'wait')}<span
              >${unasked === 1 ? t('1 file that runs on your machine stays out unless you say yes below.') : t('{0} files that run on your machine stay out unless you say yes below.', unasked)}</span
            >
          </p>`
        : nothing
    }
    ${view.asking === 'send_back' ? sendBack(sessionId, view) : nothing} ${view.asking === 'discard' ? discard(sessionId, view) : nothing}`;
}

/** Escape closes what was opened; the page stays. */
const onEscape =
  (close: () => void) =>
  (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || event.isComposing) return;
    event.stopPropagation();
    close();
  };

/** The changes are in the working tree: they are the person's now. */
function afterAccept({ id: sessionId, itemId }: Session, view: ReviewView): TemplateResult {
  const isBusy = view.busy !== null;
  const next = store.nextRow(itemId);
  return html`<vscode-button ?disabled=${isBusy} @click=${() => view.act('commit', () => callHost('commit', { sessionId }), '')}
      >${slotIcon('git-commit')}${t('Commit …')}</vscode-button
    ><vscode-button secondary @click=${() => void store.run('commit', callHost('showSourceControl', {}))}
      >${slotIcon('source-control')}${t('Source Control')}</vscode-button
    >${next ? html`<vscode-button secondary @click=${() => openRow(next)}>${slotIcon('arrow-right')}${t('Next item')}</vscode-button>` : nothing}`;
}

/** Of a result that met changes of the person's own: each file, to look at beside theirs. */
export function conflictFiles(data: SessionPage, { conflicts }: ReviewView): TemplateResult | typeof nothing {
  const files = data.session.result?.files.filter(({ path }) => conflicts.includes(path)) ?? [];
  if (files.length === 0) return nothing;
  const row = ({ path }: ResultFile): TemplateResult => {
    const place = { sessionId: data.session.id, path };
    const at = `mine ${path}`;
    const button = (name: 'compareMine' | 'openMine', words: string, label: string): TemplateResult =>
      html`<button class="link" aria-label=${label} @click=${() => void store.run(at, callHost(name, place))}>${words}</button>`;
    return html`<li class="file conflict">
      <span class="file-name" title=${spellOutInvisible(path)}><bdi>${spellOutInvisible(path)}</bdi></span>
      ${button('compareMine', t('Compare'), t('Compare {0}', spellOutInvisible(path)))}
      ${button('openMine', t('Open mine'), t('Open mine of {0}', spellOutInvisible(path)))} ${failureAt(at)}
    </li>`;
  };
  return section(t('Changed by you too'), String(files.length), longList(files, row));
}

function sendBack(sessionId: string, view: ReviewView): TemplateResult {
  const box = `back:${sessionId}`;
  const note = store.draft(box);
  const send = (): void => {
    const written = store.draft(box).trim();
    if (written === '' || view.busy !== null) return;
    void sendBox(box, () =>
      view.act(
        'send_back',
        async () => {
          await callHost('sendBack', { sessionId, note: written });
          view.ask(null);
        },
        t('Sent back'),
      ),
    );
  };
  return html`<div class="card quiet-card" @keydown=${onEscape(() => store.draft(box).trim() === '' && view.ask(null))}>
    <belay-text-box
      class="asking"
      .label=${t('What should be different?')}
      placeholder=${t('What should be different?')}
      rows="3"
      resize="vertical"
      .value=${note}
      @input=${(event: Event) => store.setDraft(box, (event.target as HTMLTextAreaElement).value)}
      @keydown=${onSendKey(send)}
    ></belay-text-box>
    <div class="actions">
      <vscode-button ?disabled=${note.trim() === '' || view.busy !== null || isSending(box)} @click=${send}
        >${t('Send back')}</vscode-button
      >
      <vscode-button secondary @click=${() => view.ask(null)}>${t('Cancel')}</vscode-button>
    </div>
    ${failureAt('send_back')}
  </div>`;
}

function discard(sessionId: string, view: ReviewView): TemplateResult {
  const act = (): void =>
    void view.act(
      'discard',
      async () => {
        await callHost('discard', { sessionId });
        view.ask(null);
      },
      t('Discarded'),
    );
  return html`<div class="card wait" role="alert" @keydown=${onEscape(() => view.ask(null))}>
    <p class="card-title">${t('Throw this result away?')}</p>
    <p class="card-hint">${t('The changes are not kept. Your own files are not touched.')}</p>
    <div class="actions">
      <vscode-button ?disabled=${view.busy !== null} @click=${act}>${t('Discard')}</vscode-button>
      <vscode-button class="asking" secondary @click=${() => view.ask(null)}>${t('Keep')}</vscode-button>
    </div>
    ${failureAt('discard')}
  </div>`;
}

const fileIcons: Record<ResultFile['status'], [name: string, tone: string]> = {
  added: ['diff-added', 'added'],
  modified: ['diff-modified', 'modified'],
  deleted: ['diff-removed', 'deleted'],
  mode: ['diff-modified', 'dim'],
  renamed: ['diff-renamed', 'modified'],
};

function fileRow(sessionId: string, file: ResultFile, after: unknown): TemplateResult {
  const { name, folder } = pathParts(file.path);
  const [fileIcon, tone] = fileIcons[file.status];
  const open = (): void => void store.run(`file ${file.path}`, callHost('openChange', { sessionId, path: file.path }));
  return html`<li class="file">
    <button class="file-open" title=${spellOutInvisible(pathText(file))} @click=${open}>
      ${icon(fileIcon, tone)}<span class="file-name"
        ><bdi>${name}</bdi> <bdi class="dim">${file.reason && file.class !== 'ordinary' ? oneLine(file.reason) : folder}</bdi></span
      >
      ${lineCounts(file.added, file.deleted)}</button
    >${after} ${failureAt(`file ${file.path}`)}
  </li>`;
}

export function changedFiles(data: SessionPage, view: ReviewView): TemplateResult | typeof nothing {
  const result = data.session.result;
  if (!result || (result.files.length === 0 && result.heldBack.length === 0)) return nothing;
  const id = data.session.id;
  const ordinary = result.files.filter((file) => file.class !== 'host_executed');
  const special = hostExecuted(result);
  const canDecide = data.can.accept;
  const yes = (file: ResultFile): TemplateResult | typeof nothing =>
    canDecide
      ? html`<button
          class="switch"
          role="switch"
          aria-checked=${view.yes.has(file.path)}
          aria-label=${t('Take {0}', spellOutInvisible(file.path))}
          title=${t('Take {0}', spellOutInvisible(file.path))}
          @click=${() => view.setYes(file.path, !view.yes.has(file.path))}
        >
          <span class="switch-track" aria-hidden="true"></span>
        </button>`
      : nothing;
  return html`${
    ordinary.length > 0
      ? section(
          t('Changes'),
          lineCounts(result.added, result.deleted),
          longList(ordinary, (file) => fileRow(id, file, nothing)),
        )
      : nothing
  }
  ${
    special.length > 0
      ? section(
          t('Runs on your machine'),
          canDecide ? t('each needs its own yes') : nothing,
          longList(special, (file) => fileRow(id, file, yes(file))),
          'special',
        )
      : nothing
  }
  ${
    result.heldBack.length > 0
      ? section(
          t('Held back'),
          String(result.heldBack.length),
          longList(
            result.heldBack,
            (held) =>
              html`<li class="file held" title=${spellOutInvisible(held.path)}>
                ${icon('circle-slash', 'bad')}<span class="held-text"
                  ><bdi>${spellOutInvisible(held.path)}</bdi><bdi class="dim">${oneLine(held.reason)}</bdi></span
                >
              </li>`,
          ),
        )
      : nothing
  }`;
}

export function decisionList(reviews: readonly Review[], now: number): TemplateResult | typeof nothing {
  if (reviews.length === 0) return nothing;
  return section(
    t('Decisions'),
    nothing,
    html`<ul class="decisions">
      ${reviews.map((review) => {
        const look = decisionLooks[review.decision];
        return html`<li class="event">
          ${lookIcon(look)}
          <div class="event-body">
            ${t(look.word)}${review.commit === null ? nothing : html` <code>${review.commit.slice(0, 8)}</code>`}
            ${review.note === '' ? nothing : untrustedText(review.note, 'dim')}
          </div>
          ${timeTag(review.at, now)}
        </li>`;
      })}
    </ul>`,
  );
}
