import assert from 'node:assert/strict';
import { looksLikeCheck } from '../../../../worker/run/checks.ts';

describe('commands that count as checks', () => {
  const checks = [
    'npm test',
    'npm run lint',
    'npx tsc --noEmit',
    'cargo clippy',
    'go vet ./...',
    'pytest -q',
    'node --test',
    'make build',
    "/bin/bash -lc 'yarn test:unit'",
    './node_modules/.bin/eslint .',
  ];
  const others = ['git status --short', 'cat package.json', 'ls test', 'npm install', 'echo testing', 'rg "lint" src', 'mkdir build'];
  for (const command of checks) it(`${command} is one`, () => assert.ok(looksLikeCheck(command)));
  for (const command of others) it(`${command} is none`, () => assert.ok(!looksLikeCheck(command)));
});
