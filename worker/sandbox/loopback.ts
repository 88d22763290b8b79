/**
 * The loopback of the sandbox is its own: what an agent serves there it reaches there, by every name. A port of this machine
 * that is listed is brought inside under the same number, for programs that know proxies and for those that do not.
 */
import net from 'node:net';
import { hostname } from 'node:os';
import { parseHostPort, type HostPort } from '../policy/hosts.ts';

/**
 * Every spelling of it, since clients compare texts: with brackets and without, and single addresses beside their block,
 * which few understand.
 */
const names = [
  ...['localhost', '.localhost', 'localhost.localdomain', 'ip6-localhost', 'ip6-loopback', hostname()],
  ...['127.0.0.1', '127.1', '127.0.0.2', '127.0.1.1', '0.0.0.0', '127.0.0.0/8'],
  ...['::1', '[::1]', '::', '[::]'],
  ...['::ffff:127.0.0.1', '[::ffff:127.0.0.1]', '::ffff:7f00:1', '[::ffff:7f00:1]'],
].join(',');

/** The same where inside and outside share one loopback: what is named goes by the proxy, which knows what is listed. */
const addresses = '127.0.0.1,::1';

/** The variables that say where no proxy is asked. */
export function directVariables(ownLoopback: boolean): Record<'NO_PROXY' | 'no_proxy', string> {
  const direct = ownLoopback ? names : addresses;
  return { NO_PROXY: direct, no_proxy: direct };
}

const connectMs = 500;

/** Those of these ports of this machine where something listens: an agent may use any other itself. */
export async function servedHere(services: readonly string[]): Promise<HostPort[]> {
  const byPort = [...new Map(services.map(parseHostPort).map((entry) => [entry.port, entry])).values()];
  const served = await Promise.all(byPort.map(isServed));
  return byPort.filter((_, index) => served[index]);
}

function isServed({ host, port }: HostPort): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ host, port, timeout: connectMs });
    const say = (is: boolean) => () => {
      socket.destroy();
      resolve(is);
    };
    socket.once('connect', say(true)).once('error', say(false)).once('timeout', say(false));
  });
}

/** Lines of a shell inside that bring the ports there and wait until they are. What they start is no child of the program. */
export function bringInside(served: readonly HostPort[]): string {
  const relays = served.flatMap(({ host, port }) => {
    const target = `"PROXY:localhost:${host.includes(':') ? `[${host}]` : host}:${port},proxyport=\${way##*:},proxyauth=$who"`;
    return ['TCP4-LISTEN', 'TCP6-LISTEN'].map(
      (kind) =>
        `(socat ${kind}:${port},bind=${kind === 'TCP4-LISTEN' ? '127.0.0.1' : '[::1]'},fork,reuseaddr ${target} </dev/null >/dev/null 2>&1 &);`,
    );
  });
  const there = served.map(({ port }) => `grep -qi ":${port.toString(16).padStart(4, '0')} 0*:0000 0A" /proc/net/tcp`).join(' && ');
  return [
    // The login of the proxy stands in its address with its signs escaped.
    'way=${HTTP_PROXY#http://}; who=$(env printf %b "$(printf %s "${way%@*}" | sed "s/%/\\\\\\\\x/g")"); way=${way##*@}; way=${way%/};',
    ...relays,
    `n=0; until { ${there}; } 2>/dev/null || [ $n -ge 300 ]; do n=$((n+1)); sleep 0.01; done;`,
    'unset way who n;',
  ].join(' ');
}
