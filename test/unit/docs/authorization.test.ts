import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { authorizationFile, authorizationText } from '../../../scripts/authorizationDoc.ts';

describe('the table of permissions', () => {
  it('stands in docs/authorization.md as it is', async () => {
    assert.equal(
      readFileSync(authorizationFile, 'utf8'),
      await authorizationText(),
      'docs/authorization.md is older than platform/domain/authorize.ts: run "npm run -s docs:authorization".',
    );
  });
});
