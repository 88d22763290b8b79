/** What Codex asks for, as a wish for the policy, and the answer in its words. */
import type { z } from 'zod';
import type { UserInputRequest } from './protocol.ts';
import type { DriverContext, PermissionAnswer, PermissionWish } from '../base/driver.ts';

const decisions = [
  { id: 'accept', label: 'Allow once', effect: 'allow_once' },
  { id: 'acceptForSession', label: 'Allow in this session', effect: 'allow_session' },
  { id: 'decline', label: 'Deny', effect: 'deny' },
] as const;

export function approval(
  wishClass: PermissionWish['class'],
  resource: string,
  title: string,
  detail: readonly (string | null | undefined)[],
): PermissionWish {
  return {
    class: wishClass,
    resource,
    title,
    detail: detail.filter(Boolean).join('\n\n').slice(0, 50_000),
    options: decisions,
    acceptsText: false,
  };
}

export function decisionOf(answer: PermissionAnswer): string {
  return decisions.find((decision) => decision.id === answer?.optionId)?.id ?? 'decline';
}

/** Puts its questions one after the other; the answers by the questions' ids. */
export async function askQuestions(
  request: z.infer<typeof UserInputRequest>,
  ask: DriverContext['ask'],
): Promise<Record<string, { answers: string[] }>> {
  const answers: Record<string, { answers: string[] }> = {};
  for (const question of request.questions) {
    const answer = await ask({
      class: 'effect',
      resource: question.header,
      title: question.question,
      detail: (question.options ?? []).map((option) => `${option.label}: ${option.description}`).join('\n'),
      options: (question.options ?? []).map((option) => ({
        id: option.label.slice(0, 80),
        label: option.label,
        effect: 'answer' as const,
      })),
      acceptsText: true,
    });
    answers[question.id] = { answers: answer ? [answer.text ?? answer.optionId ?? ''].filter(Boolean) : [] };
  }
  return answers;
}
