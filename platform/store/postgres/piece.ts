/** Statements that go to the server one behind the other, without waiting for replies in between. */
import type { PoolClient, QueryConfig, QueryResult } from 'pg';
import type { Row } from '../base/values.ts';

export type Reply = QueryResult<Row>;

/**
 * The replies, in order. Each piece of its own would wake the server and be answered by itself. Without the driver's
 * pipeline mode it sends them one by one; the replies are the same.
 */
export function sendInOnePiece(client: PoolClient, queries: readonly QueryConfig[]): Promise<PromiseSettledResult<Reply>[]> {
  const { stream } = client.connection;
  stream.cork();
  try {
    return Promise.allSettled(queries.map((query) => client.query<Row>(query)));
  } finally {
    stream.uncork();
  }
}

/** All of the replies; throws the first failure. */
export const fulfilled = (replies: readonly PromiseSettledResult<Reply>[]): Reply[] =>
  replies.map((reply) => {
    if (reply.status === 'rejected') throw reply.reason as Error;
    return reply.value;
  });

/** What is wrong with a commit that says that it was none. */
export const notCommitted = (reply: QueryResult | undefined): Error | undefined =>
  reply?.command === 'COMMIT' ? undefined : new Error(`The transaction ended with ${reply?.command ?? 'nothing'}.`);
