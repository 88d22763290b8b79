/** A short run of `npm run fuzz` on each platform. */
import assert from 'node:assert/strict';
import { Platforms, type Platform } from '../support/platforms.ts';
import { fuzz } from './fuzz.ts';

describe('bad and good requests, made from the description', function () {
  this.timeout(60_000);
  const platforms = new Platforms();
  after(() => platforms.end());

  const holds = async (platform: Platform): Promise<void> => {
    const report = await fuzz(platform, { requests: 1_500, seed: 7 });
    assert.deepEqual(report.violations, []);
    assert.ok((report.status['200'] ?? 0) > 100 && (report.status['201'] ?? 0) > 20, JSON.stringify(report.status));
  };

  it('get documented answers from a team’s platform, leave nothing of what is refused, and show no secret in its log', async () => {
    await holds(await platforms.team(await platforms.database(), '--limit-reads', '0', '--limit-writes', '0', '--limit-work', '0'));
  });

  it('get documented answers from an embedded platform, leave nothing of what is refused, and show no secret in its log', async () => {
    await holds(await platforms.embedded());
  });
});
