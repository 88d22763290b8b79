import assert from 'node:assert/strict';
import { compareVersions } from '../../../protocol/versions.ts';

describe('versions', () => {
  it('compare by number, a pre-release before its release', () => {
    const ordered = ['0.1.0-alpha', '0.1.0-beta', '0.1.0', '0.2.0', '0.10.0', '1.0.0', '1.0.1'];
    for (const [i, a] of ordered.entries())
      for (const [j, b] of ordered.entries()) assert.equal(Math.sign(compareVersions(a, b)), Math.sign(i - j), `${a} and ${b}`);
  });

  it('what is missing counts as nothing, a build number not at all', () => {
    assert.equal(compareVersions('1', '1.0.0'), 0);
    assert.equal(compareVersions('1.0.0+5', '1.0.0'), 0);
  });
});
