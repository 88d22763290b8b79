import type * as r from '../../../../protocol/records.ts';
import { text, textOrNull, integer, integerOrNull, parsed, parsedOrNull } from '../../base/rows.ts';
import type { Row } from '../../base/values.ts';

export const inputOf = (row: Row): r.Input => ({
  id: text(row, 'id'),
  sessionId: text(row, 'session_id'),
  fence: integer(row, 'fence'),
  kind: text(row, 'kind') as r.Input['kind'],
  actionHash: text(row, 'action_hash'),
  title: text(row, 'title'),
  detail: text(row, 'detail'),
  options: parsed(row, 'options'),
  acceptsText: integer(row, 'accepts_text') === 1,
  state: text(row, 'state') as r.Input['state'],
  answer: parsedOrNull(row, 'answer'),
  answeredBy: textOrNull(row, 'answered_by'),
  askedAt: integer(row, 'asked_at'),
  expiresAt: integer(row, 'expires_at'),
  answeredAt: integerOrNull(row, 'answered_at'),
  deliveredAt: integerOrNull(row, 'delivered_at'),
});

export const messageOf = (row: Row): r.Message => ({
  id: text(row, 'id'),
  sessionId: text(row, 'session_id'),
  authorId: text(row, 'author_id'),
  kind: text(row, 'kind') as r.Message['kind'],
  body: text(row, 'body'),
  createdAt: integer(row, 'created_at'),
  deliveredAt: integerOrNull(row, 'delivered_at'),
  acknowledgedAt: integerOrNull(row, 'acknowledged_at'),
});
