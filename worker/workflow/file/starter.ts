/** A `WORKFLOW.md` to start from, made for the repository it stands in. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';

interface Checks {
  /** What prepares a fresh clone from the caches of the machine. */
  readonly install: string;
  /** What shows that a change is right. */
  readonly test: string | null;
}
const Manifest = z.object({ scripts: z.record(z.string(), z.string()).default({}) });

const managers = [
  ['pnpm-lock.yaml', 'pnpm install --frozen-lockfile --offline', 'pnpm'],
  ['yarn.lock', 'yarn install --offline', 'yarn'],
  ['bun.lock', 'bun install --frozen-lockfile', 'bun'],
  ['package.json', 'npm ci --offline --ignore-scripts', 'npm'],
] as const;
const others = [
  ['Cargo.toml', 'cargo test'],
  ['go.mod', 'go test ./...'],
  ['pyproject.toml', 'python -m pytest'],
  ['Makefile', 'make test'],
] as const;

function checksOf(folder: string): Checks {
  const has = (name: string): boolean => existsSync(path.join(folder, name));
  const [, install, manager] = managers.find(([name]) => has(name)) ?? managers[3];
  if (has('package.json')) return { install, test: scriptsOf(folder)['test'] === undefined ? null : `${manager} test` };
  return { install, test: others.find(([name]) => has(name))?.[1] ?? null };
}

/** A manifest that cannot be read names no script. */
function scriptsOf(folder: string): Record<string, string> {
  try {
    return Manifest.parse(JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'))).scripts;
  } catch {
    return {};
  }
}

export function starterWorkflow(folder: string): string {
  const { install, test } = checksOf(folder);
  return `---
# How agents work in this repository. Runs read it from the commit they start from, once you approved it on your machine.
version: 1

# Programs around the work of the agent, inside its sandbox.
hooks:
  # after_create: ${install}
  timeout_ms: 600000

limits:
  turn_timeout_ms: 3600000

# Rules narrow what the machine of whoever runs this allows.
policy:
  - class: run
    decision: ask
    match: ['git push *', 'npm publish *']

# Names of values that runs need in their environment.
secrets: []
---

You work on {{ item.key }}, a {{ item.kind }} of priority {{ item.priority }}, in {{ repository.name }}.

- Read the code around the change before you change it, and follow its style.
- Keep the change small: nothing that {{ item.key }} does not ask for.
${test === null ? '- Say in the summary how you checked the change.' : `- Run \`${test}\` and leave it passing.`}
{% if mode == "fix" %}- Show the cause with a failing test first.
{% endif %}{% if attempt > 1 %}- This is attempt {{ attempt }}: look at what is there already.
{% endif %}`;
}
