import assert from 'node:assert/strict';
import { globSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { SecretFinder } from '../../../../worker/workspace/secrets.ts';
import { sampleTokens } from '../../../support/sampleTokens.ts';

const finder = new SecretFinder([]);

describe('finding secrets', () => {
  for (const [what, token] of Object.entries(sampleTokens))
    it(`knows ${what}`, () => {
      assert.deepEqual(finder.find(`first\nsecond "${token}" end\n`), { what, line: 2 });
      assert.equal(finder.find(`now "${token}"`, `before '${token}'`), null);
    });

  it('lets placeholders, hashes and samples be', () => {
    const harmless = [
      'AKIAIOSFODNN7EXAMPLE',
      `ghp_${'x'.repeat(36)}`,
      `npm_${'0'.repeat(36)}`,
      'sk_test_4eC39HqLyjWDarjtT1zdp7dc',
      'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIn0.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c',
      'integrity sha512-Rk2Vm0pQ0Z3N8m1Yy8h9cV1b2b3c4d5e6f7g8h9i0j1k2l3m4n5o6p7q8r9s0t1u2v3w4x5y6z7A8B9C0D1E2F3==',
      '-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAu1SU1LfVLPHCozMxH2Mo4lgOEePzNm0tRgeLezV6ffAt0gun',
      '-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----',
      'const secret = process.env.AWS_SECRET_ACCESS_KEY;',
    ];
    for (const text of harmless) assert.equal(finder.find(text), null, text);
  });

  it('finds a known value in each form it travels in, and not what is too short to be one', () => {
    const known = new SecretFinder(['päss wörd/1', 'short']);
    for (const text of ['päss wörd/1', encodeURIComponent('päss wörd/1'), Buffer.from('päss wörd/1').toString('base64')])
      assert.equal(known.find(`\n${text}`)?.line, 2);
    assert.equal(known.find('a short text'), null);
  });

  it('finds none in the sources of this repository and in those of its packages', () => {
    const top = path.join(import.meta.dirname, '../../../..');
    const files = globSync(['worker/**/*.ts', 'docs/**/*.md', 'node_modules/{zod,fastify,pg,lit}/**/*.{js,ts,md,json}'], { cwd: top });
    assert.ok(files.length > 500);
    const found = files.flatMap((file) => {
      const hit = statSync(path.join(top, file)).isFile() ? finder.find(readFileSync(path.join(top, file), 'utf8')) : null;
      return hit ? [`${file}:${hit.line} ${hit.what}`] : [];
    });
    assert.deepEqual(found, []);
  });
});
