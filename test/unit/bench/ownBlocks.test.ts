import assert from 'node:assert/strict';
import { ownBlocks, type Profile } from '../../bench/ownBlocks.ts';

const node = (id: number, url: string, ...children: number[]) => ({ id, callFrame: { url }, children });

describe("whose work an extension host's blocks were", () => {
  // The root calls other's file (2) and ours (3), ours calls the editor's (4).
  const nodes = [node(1, '', 2, 3), node(2, 'file:///other.js'), node(3, 'file:///ours.js', 4), node(4, 'file:///editor.js')];
  const profile: Profile = { nodes, startTime: 1_000, samples: [2, 3, 4, 2, 3], timeDeltas: [0, 10_000, 20_000, 30_000, 5_000] };
  const ours = (url: string): boolean => url.endsWith('ours.js');

  it('counts what runs below a function of ours, within each gap, longest first', () => {
    // Ours run from 11 to 61 ms.
    const gaps = [
      [0, 21_000],
      [1_000, 66_000],
      [61_000, 66_000],
    ] as const;
    assert.deepEqual(ownBlocks({ profile, gaps }, ours), [50, 10, 0]);
  });

  it('is nothing where nothing was blocked', () => {
    assert.deepEqual(ownBlocks({ profile, gaps: [] }, ours), []);
  });
});
