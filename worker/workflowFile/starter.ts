/** A first `WORKFLOW.md` for a repository, made from what lies in its folder. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';

interface Kind {
  readonly setUp: string | null;
  readonly test: string | null;
}

const Package = z.object({ scripts: z.record(z.string(), z.string()).default({}), packageManager: z.string().optional() });

/** How the project is set up and tested, as far as its files tell. */
export function detect(folder: string): Kind {
  const has = (name: string): boolean => existsSync(path.join(folder, name));
  if (has('package.json')) {
    const read = Package.safeParse(json(path.join(folder, 'package.json'))).data;
    const manager = has('pnpm-lock.yaml') ? 'pnpm' : has('yarn.lock') ? 'yarn' : has('bun.lock') || has('bun.lockb') ? 'bun' : 'npm';
    const locked = has('package-lock.json') || has('npm-shrinkwrap.json');
    const installs = { pnpm: 'pnpm install --frozen-lockfile', yarn: 'yarn install --immutable', bun: 'bun install --frozen-lockfile' };
    const setUp = manager === 'npm' ? (locked ? 'npm ci' : 'npm install') : installs[manager];
    return { setUp, test: read?.scripts['test'] === undefined ? null : `${manager}${manager === 'bun' ? ' run' : ''} test` };
  }
  if (has('Cargo.toml')) return { setUp: 'cargo fetch', test: 'cargo test' };
  if (has('go.mod')) return { setUp: 'go mod download', test: 'go test ./...' };
  if (has('uv.lock')) return { setUp: 'uv sync', test: 'uv run pytest' };
  if (has('poetry.lock')) return { setUp: 'poetry install', test: 'poetry run pytest' };
  if (has('pyproject.toml') || has('requirements.txt'))
    return {
      setUp: has('requirements.txt') ? 'python3 -m venv .venv && .venv/bin/pip install -r requirements.txt' : null,
      test: 'python3 -m pytest',
    };
  if (has('pom.xml')) return { setUp: null, test: has('mvnw') ? './mvnw test' : 'mvn test' };
  if (has('build.gradle') || has('build.gradle.kts')) return { setUp: null, test: has('gradlew') ? './gradlew test' : 'gradle test' };
  if (has('Gemfile')) return { setUp: 'bundle install', test: 'bundle exec rake' };
  if (has('Makefile')) return { setUp: null, test: 'make test' };
  return { setUp: null, test: null };
}

function json(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

export function starterFile({ setUp, test }: Kind): string {
  return `---
# How agents work in this repository. It counts once it is committed and approved:
# belay workflow check, then belay workflow approve
version: 1

agent:
  max_turns: 20
  turn_timeout_ms: 3600000

# Commands at fixed points of a run, in its sandbox. The network is closed there but for
# what the person opened: a set-up that downloads needs its host in their policy.
# There are after_create, before_run, after_run and before_remove.
# hooks:
#   after_create: ${setUp ?? './scripts/set-up'}
#   timeout_ms: 300000

# Rules narrow what agents may do. An "allow" is a request to the person who approves this file.
# policy:
#   - class: write
#     decision: ask
#     match: ['.github/**']

# Variables the work needs; each person binds the values on their own machine.
# secrets: [SOME_TOKEN]
---

You work on {{ item.key }} in {{ repository.name }}.

- Read the project's own guidance first, and write code as its neighbours are written.
- Keep the change to what the item asks. Say what else you noticed; do not do it.
${test === null ? "- Run the project's checks before you finish, and say which." : `- Run \`${test}\` before you finish, and say how it went.`}
{% if session.mode == "fix" %}- Show the problem with a failing test first, then fix its cause.
{% endif %}{% if attempt %}- This is retry {{ attempt }}: look first at what is already there.
{% endif %}`;
}
