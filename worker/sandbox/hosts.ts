/** Where a sandboxed agent may connect: exact `host:port` pairs, nothing wider. */
import { isIP } from 'node:net';
import { BelayError } from '../../protocol/errors.ts';

const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** Checks one `host:port` and spells it in its one form. Throws `bad_request`: a host without a port opens every service on it. */
export function parseHostPort(text: string): { readonly host: string; readonly port: number } {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text.trim());
  const port = Number(match?.[3]);
  const host = (match?.[1] ?? match?.[2] ?? '').toLowerCase();
  const valid = match?.[1] ? isIP(host) === 6 : isIP(host) === 4 || isHostName(host);
  if (!match || !valid || port < 1 || port > 65_535) {
    throw new BelayError('bad_request', `"${text}" is not a host with a port.`, {
      hint: 'Write the exact host and port, as in api.example.com:443.',
    });
  }
  return { host, port };
}

function isHostName(host: string): boolean {
  const labels = host.split('.');
  const last = labels.at(-1) ?? '';
  return host.length <= 253 && labels.every((part) => label.test(part)) && !/^\d+$/.test(last);
}

/**
 * The runtime's allow list. A name that means this machine is dialled only when the address it
 * resolves to is listed too, so `localhost` brings its addresses along, with the same port.
 */
export function allowList(hosts: readonly string[]): string[] {
  const entries = hosts.flatMap((text) => {
    const { host, port } = parseHostPort(text);
    const shown = host.includes(':') ? `[${host}]` : host;
    return host === 'localhost' ? [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`] : [`${shown}:${port}`];
  });
  return [...new Set(entries)];
}
