/** A diff as a terminal may show it. */
import { lines, painted, type Shown, type Style } from '../base/shown.ts';

const styles: readonly (readonly [RegExp, Style])[] = [
  [/^(?:diff |index |--- |\+\+\+ |(?:new|deleted|old) |similarity |rename )/u, 'bold'],
  [/^@@/u, 'cyan'],
  [/^\+/u, 'green'],
  [/^-/u, 'red'],
];

/** Each line of the diff is one line, whatever a file holds: none can pass for another. */
export function coloured(text: string): Shown {
  return lines(
    text
      .replace(/\n$/u, '')
      .split('\n')
      .map((whole) => {
        const line = whole.replace(/\r$/u, '').replaceAll('\r', '<U+000D>');
        const style = styles.find(([form]) => form.test(line))?.[1];
        return style === undefined ? line : painted(style, line);
      }),
  );
}
