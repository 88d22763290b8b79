/** Names of records. */
import { randomBytes } from 'node:crypto';

const timeDigits = 12;
const randomCount = 10;

/**
 * `prefix_` and 32 hexadecimal digits: the time in ms, then 80 random bits. What is made at the same time stands
 * together in an index, so that taking sessions in their order changes few pages.
 */
export const newId = (prefix: string, now: number): string =>
  `${prefix}_${now.toString(16).padStart(timeDigits, '0')}${randomBytes(randomCount).toString('hex')}`;
