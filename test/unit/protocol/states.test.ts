import assert from 'node:assert/strict';
import { finalStates, isFinal, sessionEvents, sessionStates, stateTable, transition } from '../../../protocol/states.ts';

describe('the state table', () => {
  it('has one row for each standing and event', () => {
    const names = stateTable.map((row) => `${row.from}/${row.held}/${row.on}`);
    assert.equal(new Set(names).size, names.length);
  });

  it('leads nowhere from a final state', () => {
    for (const state of finalStates) for (const event of sessionEvents) assert.equal(transition({ state, held: false }, event), null);
  });

  it('has a way to an end from every state', () => {
    for (const state of sessionStates.filter((one) => !isFinal(one))) {
      const seen = new Set<string>();
      const open = [{ state, held: state === 'active' }];
      let ended = false;
      for (let next = open.pop(); next; next = open.pop()) {
        ended ||= isFinal(next.state);
        for (const event of sessionEvents) {
          const after = transition(next, event);
          if (!after || seen.has(`${after.state}/${after.held}`)) continue;
          seen.add(`${after.state}/${after.held}`);
          open.push(after);
        }
      }
      assert.ok(ended, state);
    }
  });

  it('knows a claim only where one can live', () => {
    for (const row of stateTable) if (row.holds) assert.ok(row.to === 'active' || row.to === 'awaiting_input', row.on);
  });
});
