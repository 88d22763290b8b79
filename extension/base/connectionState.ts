import type { PanelConnection } from '../../protocol/panel.ts';

/** What the panel says of the connection now; `asOf` is when what it shows was last known to be current. */
export function nextConnectionState(before: PanelConnection, state: 'online' | 'offline', now: number): PanelConnection {
  const wasCurrent = state === 'online' || before.state === 'online';
  return { state, asOf: wasCurrent ? now : before.asOf, problem: null };
}
