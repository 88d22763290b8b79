/** Statements of reviews. */
import { sqlOf } from '../../base/sql.ts';

export const reviewSql = sqlOf({
  reviewList: 'SELECT * FROM review WHERE session_id = :session AND n > :after ORDER BY n LIMIT :limit',
  reviewNext: 'SELECT COALESCE(MAX(n), 0) + 1 AS n FROM review WHERE session_id = :session',
});
