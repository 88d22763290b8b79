/**
 * Where the queues begin. While somebody keeps an old transaction open, every session that was claimed since leaves a
 * dead entry at the head of the queue's index, and each claim would step over all of them. So we look from time to time
 * when the oldest session that still waits was queued, and claims begin there.
 */

/** So old may a look be that claims rely on. A session that was committed later than others of its time waits as long. */
const freshMs = { again: 500, most: 2_000 };

interface Head {
  queuedAt: number;
  /** When we looked, in ms of a clock that never jumps; -Infinity before the first look. */
  at: number;
  looking: boolean;
}

export class QueueHeads {
  private readonly heads = new Map<string, Head>();
  /** Gives when the oldest queued session was queued, 0 when there is none. */
  private readonly look: (workspaceId: string, execution: string) => Promise<number>;

  constructor(look: (workspaceId: string, execution: string) => Promise<number>) {
    this.look = look;
  }

  /** No session that waits was queued before this time; 0 when that is not known. `now` is of a clock that never jumps. */
  of(workspaceId: string, execution: string, now: number): number {
    const key = `${execution} ${workspaceId}`;
    let head = this.heads.get(key);
    if (!head) this.heads.set(key, (head = { queuedAt: 0, at: -Infinity, looking: false }));
    if (!head.looking && now - head.at > freshMs.again) void this.refresh(head, workspaceId, execution, now);
    return now - head.at <= freshMs.most ? head.queuedAt : 0;
  }

  private async refresh(head: Head, workspaceId: string, execution: string, now: number): Promise<void> {
    head.looking = true;
    try {
      head.queuedAt = await this.look(workspaceId, execution);
      head.at = now;
    } catch {
      // Not known, then: claims look at the whole queue.
    } finally {
      head.looking = false;
    }
  }
}
