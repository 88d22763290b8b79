import assert from 'node:assert/strict';
import { allowList, parseHostPort } from '../../../../worker/policy/hosts.ts';

describe('the list of allowed hosts', () => {
  it('takes exact hosts with a port', () => {
    assert.deepEqual(parseHostPort('API.Example.com:443'), { host: 'api.example.com', port: 443 });
    assert.deepEqual(parseHostPort('[::1]:80'), { host: '::1', port: 80 });
  });
  const refused = [
    'example.com',
    'example.com:',
    'example.com:0',
    'example.com:65536',
    '*:443',
    '*.example.com:443',
    'a b:1',
    'exa\0mple.com:443',
    '-a.com:1',
    '127.1:80',
    '::1:80',
    'http://a.com:80',
    'a.com:80/x',
    'user@a.com:80',
    '',
  ];
  for (const text of refused)
    it(`refuses ${JSON.stringify(text)}`, () => assert.throws(() => parseHostPort(text), /is not a host with a port/));
  it('brings the addresses of this machine along with its name, with the same port only', () => {
    assert.deepEqual(allowList(['localhost:11434', 'a.com:443', 'a.com:443']), [
      'localhost:11434',
      '127.0.0.1:11434',
      '[::1]:11434',
      'a.com:443',
    ]);
    assert.deepEqual(allowList([]), []);
  });
});
