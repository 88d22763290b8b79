import assert from 'node:assert/strict';
import { isOpenable, linkChars } from '../../../protocol/links.ts';

describe('an address in a text by others', () => {
  it('can be opened when it is of the web or of mail and whole', () => {
    for (const url of [
      'https://example.test/?q=a%26b%3Dc#x%20y',
      'HTTP://example.test',
      'http://[::1]:8080/a[b]',
      'https://bücher.example/ä',
      'mailto:a@example.test?subject=a%26b',
    ])
      assert.ok(isOpenable(url), url);
  });

  it('cannot be opened when it is of another kind, in pieces, or read differently than it is written', () => {
    for (const url of [
      ...['', 'src/a.ts', '#part', '//example.test', 'example.test', 'javascript:alert(1)', 'file:///etc/passwd', 'vscode://x/y'],
      ...[
        'https://',
        'https:///example.test',
        'http:example.test',
        'http://a b',
        'mailto:',
        'https://exa\nmple.test',
        ' https://example.test',
        'https:\\\\example.test',
      ],
      ...['https://example.test/\u202egnp.exe', 'https://example.test/\u200b', 'https://[', 'command:belay.accept'],
      `https://example.test/${'x'.repeat(linkChars)}`,
    ])
      assert.ok(!isOpenable(url), url);
  });
});
