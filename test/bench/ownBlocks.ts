/** Whose work the blocks of an extension host were: a profile of it, laid beside the gaps of a timer. */

/** What the V8 profiler gives; times in µs. https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile */
export interface Profile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: { readonly url: string }; readonly children?: readonly number[] }[];
  readonly startTime: number;
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}
export interface Profiled {
  readonly profile: Profile;
  /** From and to, µs on the profile's clock. */
  readonly gaps: readonly (readonly [number, number])[];
}

/** An extension that profiles its extension host and notes the gaps of a 1 ms timer, until 5 s after `watched` is active. */
export const profilingProbe = (watched: string): string => `
const vscode = require('vscode'), fs = require('fs'), { Session } = require('inspector');
exports.activate = () => {
  const session = new Session(), gaps = [];
  const micros = () => Number(process.hrtime.bigint() / 1000n);
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.setSamplingInterval', { interval: 500 });
  session.post('Profiler.start');
  let last = micros(), since = null;
  const timer = setInterval(() => {
    const now = micros();
    if (now - last > 5000) gaps.push([last, now]);
    last = now;
    if (since === null && vscode.extensions.getExtension('${watched}')?.isActive) since = now;
    if (since === null || now - since < 5e6) return;
    clearInterval(timer);
    session.post('Profiler.stop', (error, { profile }) => fs.writeFileSync(process.env.BELAY_PROBE_FILE, JSON.stringify({ profile, gaps })));
  }, 1);
};`;

/** The nodes whose stack has a function from a file of which `isOwn` holds. */
function ownNodes({ nodes }: Profile, isOwn: (url: string) => boolean): ReadonlySet<number> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const own = new Set<number>();
  const visit = (id: number, below: boolean): void => {
    const node = byId.get(id);
    if (!node) return;
    const is = below || isOwn(node.callFrame.url);
    if (is) own.add(id);
    for (const child of node.children ?? []) visit(child, is);
  };
  const first = nodes[0];
  if (first) visit(first.id, false);
  return own;
}

/** How long the files of which `isOwn` holds ran in each gap, ms, longest first. Waiting for a processor counts as running. */
export function ownBlocks({ profile, gaps }: Profiled, isOwn: (url: string) => boolean): number[] {
  const own = ownNodes(profile, isOwn);
  const spent = gaps.map(() => 0);
  let at = profile.startTime;
  profile.samples.forEach((id, index) => {
    // A sample stands for the time until the next one.
    at += profile.timeDeltas[index] ?? 0;
    const until = at + (profile.timeDeltas[index + 1] ?? 0);
    if (!own.has(id)) return;
    gaps.forEach(([from, to], gap) => {
      spent[gap] = (spent[gap] ?? 0) + Math.max(0, Math.min(to, until) - Math.max(from, at));
    });
  });
  return spent.map((us) => us / 1000).sort((a, b) => b - a);
}
