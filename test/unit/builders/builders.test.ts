import assert from 'node:assert/strict';
import type * as z from 'zod';
import { Activity } from '../../../protocol/activities.ts';
import { ClaimGrant } from '../../../protocol/exchange.ts';
import * as records from '../../../protocol/records.ts';
import { anActivity } from '../../builders/activity.ts';
import { anAgent, aStoredAgent } from '../../builders/agent.ts';
import { aComment } from '../../builders/comment.ts';
import { aGrant } from '../../builders/grant.ts';
import { aHandoff } from '../../builders/handoff.ts';
import { anAnsweredInput, anInput } from '../../builders/input.ts';
import { anItem, aStoredItem } from '../../builders/item.ts';
import { aMessage } from '../../builders/message.ts';
import { aResult, aResultFile } from '../../builders/result.ts';
import { aReview } from '../../builders/review.ts';
import { aClaim, aSession, aSessionDetail, aStoredSession } from '../../builders/session.ts';

describe('a record made for a test', () => {
  const all: readonly (readonly [string, z.ZodType, unknown])[] = [
    ['activity', Activity, anActivity({ kind: 'plan', body: { steps: [] } })],
    ['agent', records.Agent, anAgent()],
    ['stored agent', records.StoredAgent, aStoredAgent()],
    ['claim', records.Claim, aClaim()],
    ['comment', records.Comment, aComment()],
    ['grant', ClaimGrant, aGrant()],
    ['hand-off', records.Handoff, aHandoff()],
    ['question', records.Input, anInput()],
    ['answered question', records.Input, anAnsweredInput('yes')],
    ['item', records.WorkItem, anItem()],
    ['stored item', records.StoredItem, aStoredItem()],
    ['message', records.Message, aMessage()],
    ['result', records.SessionResult, aResult({ files: [aResultFile('src/a.ts')] })],
    ['review', records.Review, aReview()],
    ['session', records.Session, aSession()],
    ['stored session', records.StoredSession, aStoredSession()],
    ['session with its prompt', records.SessionDetail, aSessionDetail()],
  ];
  for (const [name, schema, value] of all)
    it(`is as the contract has it: ${name}`, () => {
      // Strictly: the same value comes back, with nothing left out.
      assert.deepEqual(schema.parse(value), value);
    });
});
