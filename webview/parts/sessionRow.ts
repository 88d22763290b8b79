import { html, nothing, type TemplateResult } from 'lit';
import type { Session } from '../../protocol/records.ts';
import { t } from '../base/l10n.ts';
import { isRunning, modeWords, sessionLook } from '../model/describe.ts';
import { durationText } from '../model/format.ts';
import { oneLine } from '../model/text.ts';
import { store } from '../base/store.ts';
import { icon, lineCounts, lookIcon, untrustedText } from './bits.ts';

/** `Code · Codex`: what a session is, where its item is known. */
export function sessionName(session: Session): string {
  return `${t(modeWords[session.mode])} · ${oneLine(session.agentName)}`;
}

/** `withFiles`: there is room for their number. */
function sessionFacts(session: Session, now: number, withFiles: boolean): (string | TemplateResult)[] {
  const look = sessionLook(session);
  const facts: (string | TemplateResult)[] = [html`<span class=${look.tone}>${t(look.word)}</span>`];
  if (isRunning(session) && session.startedAt !== null) facts.push(durationText(now - session.startedAt));
  else if (session.state === 'pending' && session.notBefore !== null)
    facts.push(t('not before {0}', store.times.when(session.notBefore, now)));
  else if (session.queuedAt !== null && session.state === 'queued') facts.push(durationText(now - session.queuedAt));
  else if (session.finishedAt !== null) facts.push(store.times.when(session.finishedAt, now));
  if (session.result && session.result.files.length > 0) {
    if (withFiles) facts.push(session.result.files.length === 1 ? t('1 file') : t('{0} files', session.result.files.length));
    facts.push(lineCounts(session.result.added, session.result.deleted));
  }
  if (session.attempt > 1) facts.push(t('attempt {0}', session.attempt));
  return facts;
}

/** A session in a list. `title` is the item's where the list is of many items. */
export function sessionRow(session: Session, now: number, item: { key: string; title: string } | null, heldHere: boolean): TemplateResult {
  const step = isRunning(session) ? session.plan.find((one) => one.status === 'in_progress') : undefined;
  const recap = session.result?.summary ?? session.error?.message ?? step?.title ?? '';
  return html`<li>
    <button class="list-row" @click=${() => store.show({ page: 'session', id: session.id })}>
      ${lookIcon(sessionLook(session))}
      <span class="row-text">
        <span class="row-title">${item ? untrustedText(item.title) : sessionName(session)}</span>
        <span class="meta">
          ${item ? html`<span class="key">${item.key}</span>` : nothing}
          ${sessionFacts(session, now, item === null).map((fact) => html`<span>${fact}</span>`)}
          ${item ? untrustedText(sessionName(session), 'labels') : nothing} ${heldHere ? html`<span>${t('held here')}</span>` : nothing}
        </span>
        ${recap !== '' ? html`<span class="row-recap">${untrustedText(recap)}</span>` : nothing}
      </span>
      ${icon('chevron-right', 'dim')}
    </button>
  </li>`;
}
