/** Which targets can be offered, and what exactly would be launched. Pure. */
import { BelayError } from '../../protocol/errors.ts';
import { inEditorTask, localAgent } from './belayTargets.ts';
import { claudeCode } from './claudeCode.ts';
import { codex } from './codex.ts';
import { cursor } from './cursor.ts';
import { editorChat } from './editorChat.ts';
import { directive, plainText } from '../base/encode.ts';
import { openCode } from './openCode.ts';
import type { Application, Environment, Handover, Installed, Launch, Target, Way } from './types.ts';
import { terminal, userTarget, type UserTarget } from './userTarget.ts';
import { windsurf } from './windsurf.ts';

export const builtInTargets: readonly Target[] = [
  inEditorTask,
  localAgent,
  editorChat,
  codex,
  claudeCode,
  cursor,
  windsurf,
  openCode,
  terminal,
];

export interface Offer {
  readonly target: Target;
  readonly way: Way;
}

/** A name that a person gave to several commands stands for each of them. */
function allTargets(own: readonly UserTarget[]): Target[] {
  const given = own.map(({ name }) => name);
  return [...builtInTargets, ...own.map((one, index) => userTarget(one, given.slice(0, index).filter((name) => name === one.name).length))];
}

/** The targets that work here now, each by its best way, in the order they are shown. */
export function available(
  environment: Environment,
  system: Environment['system'],
  application: Application,
  installed: Installed,
  own: readonly UserTarget[] = [],
): Offer[] {
  const situation = { environment: { ...environment, system }, application, installed };
  return allTargets(own).flatMap((target) => {
    const way = target.ways.find((candidate) => candidate.usable(situation));
    return way ? [{ target, way }] : [];
  });
}

/** A target by its ids, whether or not it can be used now. */
export function offerOf(targetId: string, wayId: string, own: readonly UserTarget[]): Offer | null {
  const target = allTargets(own).find(({ id }) => id === targetId);
  const way = target?.ways.find(({ id }) => id === wayId) ?? target?.ways[0];
  return target && way ? { target, way } : null;
}

export interface PreparedLaunch {
  readonly launch: Launch;
  /** The prompt went by file; the target got a line that names it. */
  readonly byFile: boolean;
}

/** What would be launched. Over the target's limit the prompt goes by file, never cut. Throws when even that does not fit. */
export function prepareLaunch(
  offer: Offer,
  handover: Handover,
  environment: Environment,
  application: Application,
  installed: Installed,
): PreparedLaunch {
  const situation = { environment, application, installed };
  const text = plainText(handover.prompt);
  // A prompt that begins with a dash would be read as an option.
  const whole = { ...handover, prompt: text.startsWith('-') ? ` ${text}` : text };
  if (offer.way.fits(whole.prompt, whole)) return { launch: offer.way.launch(whole, situation), byFile: false };
  const short = { ...handover, prompt: directive(handover.itemKey, handover.promptFile) };
  const byFile = offer.way.launch(short, situation);
  if (byFile.kind === 'link' && byFile.url.length > 8000)
    throw new BelayError('too_large', `${offer.target.name} takes no link this long.`, {
      hint: 'Choose another target, or copy the prompt.',
    });
  return { launch: byFile, byFile: true };
}

/** Whether a launch that went well shows that the target has the prompt: a program was started with it. Of a link or a chat nothing is heard. */
export function showsTaken(launch: Launch): boolean {
  return launch.kind === 'terminal';
}

/** How a prompt went out, as the hand-off keeps it. */
export function handoffDetail(offer: Offer, prepared: PreparedLaunch): string {
  return [
    offer.way.label,
    ...(prepared.byFile ? ['prompt by file'] : []),
    ...(showsTaken(prepared.launch) ? [] : ['Belay cannot see whether it was taken']),
  ].join(', ');
}

/** Whether a launch needs the private prompt file. */
export function needsPromptFile(prepared: PreparedLaunch): boolean {
  return (
    prepared.byFile ||
    (prepared.launch.kind === 'terminal' &&
      (prepared.launch.environment['BELAY_PROMPT_FILE'] !== undefined || prepared.launch.argv.length > 0))
  );
}
