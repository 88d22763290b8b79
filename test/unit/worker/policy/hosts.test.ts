import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import fc from 'fast-check';
import { allowList, hostName, parseHostPort, spellHostPort } from '../../../../worker/policy/hosts.ts';

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

  const joined = (parts: readonly string[], by: string, most: number) =>
    fc.array(fc.constantFrom(...parts), { minLength: 1, maxLength: most }).map((chosen) => chosen.join(by));
  it('takes for an address what the system takes for one', () => {
    const numbers = joined(['0', '1', '00', '01', '9', '99', '100', '199', '249', '255', '256', '1e1', '0x1', '', ' 1'], '.', 5);
    const groups = joined(['0', 'a', 'FFFF', '0db8', '00001', '', '', '127.0.0.1', '01.2.3.4'], ':', 9);
    fc.assert(
      fc.property(numbers, groups, (four, six) => {
        if (isIP(four) === 4) assert.equal(hostName(four), four);
        else assert.doesNotMatch(hostName(four) ?? '', /^[\d.]+$/u);
        assert.equal(spellHostPort(`[${six}]:1`) !== null, isIP(six) === 6, six);
      }),
      { numRuns: 5000 },
    );
  });
  it('spells a name as DNS does, and refuses what DNS cannot spell', () => {
    const parts = [...'a1.-ß。Ａ１\u00ad\u200b日\u2100\u0130', 'xn--', '\ud800'];
    fc.assert(
      fc.property(joined(parts, '', 9), (rest) => {
        const text = `é${rest}`;
        const spelled = domainToASCII(text);
        assert.equal(hostName(text), isIP(spelled) === 0 ? hostName(spelled) : null, JSON.stringify(text));
      }),
      { numRuns: 5000 },
    );
    fc.assert(
      fc.property(fc.constantFrom(...'/?#@:\\\t\n %[]_'), (other) => {
        assert.equal(hostName(`a.com${other}é`), null);
        assert.equal(hostName(`é${other}.a.com`), null);
      }),
    );
    assert.equal(hostName('bücher.example'), 'xn--bcher-kva.example');
  });
});
