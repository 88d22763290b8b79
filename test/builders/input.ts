import type { Input } from '../../protocol/records.ts';

/** An open question with a yes and a no. */
export const anInput = (over: Partial<Input> = {}): Input => ({
  id: 'inp_1',
  sessionId: 'ses_1',
  fence: 1,
  kind: 'approval',
  actionHash: 'hash',
  title: 'May I?',
  detail: '',
  options: [
    { id: 'yes', label: 'Yes', effect: 'allow_once' },
    { id: 'no', label: 'No', effect: 'deny' },
  ],
  acceptsText: false,
  state: 'open',
  answer: null,
  answeredBy: null,
  askedAt: 1,
  expiresAt: 1_000,
  answeredAt: null,
  deliveredAt: null,
  ...over,
});

export const anAnsweredInput = (optionId: string | null, over: Partial<Input> = {}): Input =>
  anInput({ state: 'answered', answer: { optionId, text: null }, answeredBy: 'mem_1', answeredAt: 2, ...over });
