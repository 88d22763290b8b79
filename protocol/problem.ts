/** Problem details as they stand on the wire (RFC 9457). Apart from the errors, which programs load that check no reply. */
import * as z from 'zod';

export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string(),
  /** What the person can do about it. */
  hint: z.string().optional(),
  /** For what was sent: where in the body, the query or the path, and what is wrong there. */
  issues: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  /** Names the request in the platform's log; the reply's X-Request-Id. */
  requestId: z.string().optional(),
});
export type Problem = z.infer<typeof Problem>;
