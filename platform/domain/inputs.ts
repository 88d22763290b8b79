/** Answers to what a holder asked. */
import type * as z from 'zod';
import { BelayError } from '../../protocol/errors.ts';
import type { Input } from '../../protocol/records.ts';
import type { AnswerInput } from '../../protocol/routes.ts';

type Answer = z.output<typeof AnswerInput>;

/** Throws when `answer` does not fit `input`: another action, an unknown option, text where none is taken, or too late. */
export function checkAnswer(input: Input, answer: Answer, now: number): void {
  if (answer.actionHash !== input.actionHash)
    throw new BelayError('conflict', 'This answer is for another action than the one asked about.', {
      hint: 'Look at the question again.',
    });
  if (input.state !== 'open') throw new BelayError('conflict', `This question is no longer open: it is ${input.state}.`);
  if (input.expiresAt <= now) throw new BelayError('conflict', 'This question is no longer open: its time is over.');
  if (answer.optionId === null && (answer.text === null || answer.text.trim() === ''))
    throw new BelayError('invalid_body', 'An answer needs an option or a text.');
  if (answer.optionId !== null && !input.options.some((option) => option.id === answer.optionId))
    throw new BelayError('invalid_body', `The question has no option "${answer.optionId}".`);
  if (answer.text !== null && answer.text !== '' && !input.acceptsText)
    throw new BelayError('invalid_body', 'This question takes one of its options, not a text.');
}

export const sameAnswer = (input: Input, answer: Answer): boolean =>
  input.state === 'answered' && input.answer?.optionId === answer.optionId && input.answer.text === answer.text;
