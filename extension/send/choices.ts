/** What a person is offered when they send something, and what goes when they said yes. */
import type { PromptWish } from '../../protocol/routes.ts';
import type { Offer } from '../../worker/targets/available.ts';
import { inEditorTask } from '../../worker/targets/belayTargets.ts';
import { t } from '../base/l10n.ts';
import type { Draft } from './promptDrafts.ts';

/** The same in their order, but the one that is likely wanted on top. */
export const withFirst = <T>(all: readonly T[], isFirst: (one: T) => boolean): T[] => [
  ...all.filter(isFirst),
  ...all.filter((one) => !isFirst(one)),
];

/** What comes of an offer, in one line. `agent`: the one of this machine that new sessions go to. */
export function outcomeOf({ target, way }: Offer, agent: string): string {
  if (way.id === inEditorTask.ways[0]?.id)
    return t('{0} starts at once, in a terminal of this window and its own clone; reviewed here', agent);
  if (target.rules === 'belay') return t('{0} takes it from the queue when it is free, in its own clone; reviewed here', agent);
  if (target.command) return t('Runs in a terminal: {0}', target.command.join(' ').slice(0, 200));
  return t("Runs under that tool's own rules; its result is recorded when you say so");
}

/** What the person saw is what goes: an edited prompt as they left it, an unedited one by its sections. */
export const promptSent = (draft: Pick<Draft, 'rendered' | 'sections'>, text: string): PromptWish =>
  text === draft.rendered ? { kind: 'sections', sections: draft.sections } : { kind: 'written', text };
