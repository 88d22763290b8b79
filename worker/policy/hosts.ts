/** Where a sandboxed agent may connect: exact `host:port` pairs, nothing wider. */
import { BelayError } from '../../protocol/errors.ts';

const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const byte = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
/** Four numbers as everybody reads them: a zero in front would make one octal for some. */
const addressFour = new RegExp(`^${byte}(?:\\.${byte}){3}$`, 'u');

/**
 * Checks one `host:port` and spells it in its one form: lower case, punycode, no dot at the end, an IPv4 address where
 * IPv6 wraps one. Throws `bad_request`: a host without a port opens every service on it.
 */
export function parseHostPort(text: string): HostPort {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+)):(\d{1,5})$/u.exec(text.trim());
  const port = Number(match?.[3]);
  const host = match?.[1] === undefined ? hostName(match?.[2] ?? '') : addressSix(match[1]);
  if (!match || host === null || port < 1 || port > 65_535) {
    throw new BelayError('bad_request', `"${text}" is not a host with a port.`, {
      hint: 'Write the exact host and port, as in api.example.com:443.',
    });
  }
  return { host, port };
}
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** Puts the two together, each as it is spelled. */
export const joinHostPort = ({ host, port }: HostPort): string => `${host.includes(':') ? `[${host}]` : host}:${port}`;

/** A name or an address of the machine itself. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '::1' || /^127\.\d+\.\d+\.\d+$/u.test(host);
}

/** The one form of `host:port`, or null where it is none. */
export function spellHostPort(text: string): string | null {
  try {
    return joinHostPort(parseHostPort(text));
  } catch {
    return null;
  }
}

/** A name of letters, digits and hyphens, or an IPv4 address in its usual form: other spellings of numbers are refused. */
export function hostName(text: string): string | null {
  if (addressFour.test(text)) return text;
  const ascii = /[^\u0021-\u007e]/u.test(text) ? punycode(text) : text.toLowerCase();
  const host = ascii.replace(/\.$/u, '');
  const labels = host.split('.');
  const numeric = /^(?:0x[0-9a-f]*|\d+)$/u.test(labels.at(-1) ?? '');
  return host.length <= 253 && !numeric && labels.every((part) => label.test(part)) ? host : null;
}

/** A name as DNS spells it; no name where it cannot be spelled, or where only the beginning of it is one. */
function punycode(text: string): string {
  if (/[^a-z0-9.\u0080-\u{10ffff}-]/iu.test(text)) return '';
  // An address stays there where the setter refuses the text, and no address in brackets passes for a name.
  const url = new URL('http://[::]/');
  url.hostname = text;
  return url.hostname;
}

/** `text` is of hexadecimal digits, colons and dots. */
function addressSix(text: string): string | null {
  if (!URL.canParse(`http://[${text}]/`)) return null;
  const address = new URL(`http://[${text}]/`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/u.exec(address);
  if (!mapped) return address;
  const [high, low] = [Number.parseInt(mapped[1] ?? '', 16), Number.parseInt(mapped[2] ?? '', 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/**
 * The runtime's allow list. A name that means this machine is dialled only when the address it
 * resolves to is listed too, so `localhost` brings its addresses along, with the same port.
 */
export function allowList(hosts: readonly string[]): string[] {
  const entries = hosts.flatMap((text) => {
    const { host, port } = parseHostPort(text);
    return host === 'localhost' ? [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`] : [joinHostPort({ host, port })];
  });
  return [...new Set(entries)];
}
