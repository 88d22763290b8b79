import assert from 'node:assert/strict';
import { isBelayError } from '../../../protocol/errors.ts';
import { platformToken, platformUrl } from '../../../transport/address.ts';

describe('the address of a platform', () => {
  const refusal = (read: (text: string) => string, text: string): string => {
    try {
      read(text);
    } catch (error) {
      assert.ok(isBelayError(error, 'bad_request') && error.hint, String(error));
      return `${error.message} ${error.hint}`;
    }
    throw new assert.AssertionError({ message: `${text} was taken` });
  };

  it('has one form: no slash at its end, the path before everything kept', () => {
    for (const [given, form] of [
      ['https://belay.example.com', 'https://belay.example.com'],
      [' https://Belay.Example.com/ ', 'https://belay.example.com'],
      ['https://example.com/tools/belay//', 'https://example.com/tools/belay'],
      ['https://example.com:443/belay', 'https://example.com/belay'],
      ['https://[2001:DB8::1]:8420', 'https://[2001:db8::1]:8420'],
      ['https://bücher.example', 'https://xn--bcher-kva.example'],
    ] as const)
      assert.equal(platformUrl(given), form);
  });

  it('is plain http only on this machine, however it is spelled', () => {
    for (const own of ['http://127.0.0.1:8420', 'http://localhost', 'http://[::1]:8420/belay', 'http://127.9.9.9', 'http://0x7f.1'])
      assert.ok(platformUrl(own).startsWith('http://'));
    for (const other of [
      'http://belay.example.com',
      'http://127.0.0.1.example.com',
      'http://127.example.com',
      'http://localhost.example.com',
      'http://0.0.0.0:8420',
      'http://[::ffff:10.0.0.1]',
      'http://192.168.1.2',
      'HTTP://EXAMPLE.COM',
    ])
      assert.match(refusal(platformUrl, other), /others can read it.*https:\/\//u);
  });

  it('is nothing else', () => {
    for (const other of [
      '',
      'belay.example.com',
      'example.com:8420',
      'ftp://example.com',
      'file:///etc/passwd',
      'javascript:alert(1)',
      '/run/x',
    ])
      assert.match(refusal(platformUrl, other), /no address of a platform/u);
  });

  it('carries nothing that may be secret, and the refusal does not repeat it', () => {
    for (const other of [
      'https://me:s3cret@example.com',
      'https://s3cret@example.com',
      'https://example.com/?token=s3cret',
      'https://example.com/#s3cret',
      'https://example.com/?',
      's3cret',
      'http://example.com/s3cret',
    ])
      assert.doesNotMatch(refusal(platformUrl, other), /s3cret/u);
  });

  it('goes with a token of one word, of which a refusal tells nothing', () => {
    assert.equal(platformToken(' a-token_42~ \n'), 'a-token_42~');
    for (const other of ['', ' \n', 'two words', 's3cret\nsecond line', 's3cret\u00e9', 's3cret\u0000', 's3cret\r\nx-other: 1'])
      assert.doesNotMatch(refusal(platformToken, other), /s3cret/u);
  });
});
