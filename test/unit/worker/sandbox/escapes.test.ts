import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { lookup } from 'node:dns/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import type { Session } from '../../../../protocol/records.ts';
import type { RunSettings } from '../../../../worker/run/spec.ts';
import { scripted, Workbench } from '../../../fakes/workbench.ts';

/** Each try prints `name=done` when it got through and `name=refused` when it did not. */
const tries = (entries: Record<string, string>): string =>
  Object.entries(entries)
    .map(([name, command]) => `if (${command}) >/dev/null 2>&1; then echo "${name}=done"; else echo "${name}=refused"; fi`)
    .join('\n');

const outcomes = (session: Session): Record<string, string> =>
  Object.fromEntries([...(session.result?.summary ?? '').matchAll(/^(\w+)=(\w+)$/gm)].map((match) => [match[1], match[2]]));

describe('what an agent cannot do from inside the sandbox', function () {
  this.timeout(90_000);
  let bench: Workbench;
  let server: http.Server;
  let port: number;
  let hits: string[];
  const realHome = process.env['HOME'];
  let marker: string;
  const folders: string[] = [];

  beforeEach(async () => {
    hits = [];
    server = http.createServer((request, response) => {
      hits.push(request.url ?? '');
      response.end('reached');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  });
  afterEach(async () => {
    process.env['HOME'] = realHome;
    delete process.env['BELAY_TEST_SECRET'];
    server.closeAllConnections();
    server.close();
    await bench.close();
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  });

  /** Runs `script` as the agent's only command; `again` is the next session in the same folder. */
  async function run(
    script: string,
    hosts: readonly string[] = [],
    again?: string,
    settings: Partial<RunSettings> = {},
    furnish: (personHome: string) => void = () => undefined,
  ): Promise<Session> {
    const agents = [scripted('probe', { env: { ELECTRON_RUN_AS_NODE: '1', PROBE: script }, hosts: [...hosts] })];
    bench = await Workbench.open({ agents, settings });
    const home = path.join(bench.folder, 'person');
    mkdirSync(path.join(home, '.ssh'), { recursive: true });
    writeFileSync(path.join(home, '.ssh/id_ed25519'), 'PRIVATE KEY');
    furnish(home);
    writeFileSync(path.join(bench.folder, 'outside.txt'), "another program's temp file");
    process.env['HOME'] = home;
    marker = path.join(bench.folder, 'marker');
    await bench.worker.start();
    const { id } = await bench.queue({ agent: 'probe' });
    const session = await bench.ended(id);
    assert.equal(session.sandboxStep, 'ours', JSON.stringify(session.error));
    if (again === undefined) return session;
    const next = await bench.queue({ agent: 'probe', parentSessionId: id, note: again });
    return await bench.ended(next.id);
  }
  // The folder of a test is known only once it is open, so scripts find it from the clone.
  const top = 'top=$(cd ../../../.. && pwd)';

  it('leaves no memory images on the disk, and has a limit of processes', async function () {
    if (process.platform !== 'linux') this.skip();
    const session = await run('echo "core=$(ulimit -c) processes=$(cut -c 27-36 /proc/self/limits | sed -n 8p | tr -d " ")"');
    assert.match(session.result?.summary ?? '', /core=0 processes=4096/u);
  });

  it('what a rule of the person forbids, for every process and not only for what the agent asks', async () => {
    const host = `localhost:${port}`;
    const session = await run(
      tries({
        readOther: 'cat README.md',
        readClosed: 'cat src/save.js',
        listClosed: 'ls src/*',
        writeClosed: 'echo x >> locked/a.txt || mkdir -p locked && echo x > locked/new.txt',
        readOne: 'test -s one.txt && cat one.txt',
        network: `curl -sf --max-time 5 --noproxy "" http://${host}/`,
      }) + `\ncat src/save.js locked/new.txt 2>&1 | head -5`,
      [host],
      undefined,
      {
        rules: [
          { class: 'read', decision: 'deny', match: ['src/**'] },
          { class: 'write', decision: 'deny', match: ['locked/**'] },
          { class: 'network', decision: 'deny', match: ['localhost:*'] },
        ],
      },
    );
    assert.deepEqual(
      outcomes(session),
      {
        readOther: 'done',
        readClosed: 'refused',
        listClosed: 'refused',
        writeClosed: 'refused',
        readOne: 'refused',
        network: 'refused',
      },
      session.result?.summary,
    );
    assert.deepEqual(hits, []);
  });

  it('neither settings of the kernel nor what it keeps for all processes of a user, also as root', async function () {
    if (process.platform !== 'linux') this.skip();
    const calls = { x64: { addKey: 248, keyctl: 250, unshare: 272 }, arm64: { addKey: 217, keyctl: 219, unshare: 97 } };
    const call = calls[process.arch === 'arm64' ? 'arm64' : 'x64'];
    // Perl's own functions and its bare system calls need nothing but Debian's smallest perl.
    const perl = (script: string) => execFileSync('perl', ['-e', script], { encoding: 'utf8' });
    const inPerl = (script: string) => `perl -e '${script}'`;
    const key = 0x42654c00 + (process.pid % 256);
    const memory = perl(`print shmget(${key}, 64, 01600)`);
    const queue = perl(`print msgget(${key}, 01600)`);
    const words = 'my ($kind, $name, $value) = ("user", "belay-test", "value");';
    perl(`${words} syscall(${call.addKey}, $kind, $name, $value, 5, -4)`);
    try {
      const session = await run(
        `${tries({
          corePattern: 'value=$(cat /proc/sys/kernel/core_pattern); echo "$value" > /proc/sys/kernel/core_pattern',
          swappiness: 'value=$(cat /proc/sys/vm/swappiness); echo "$value" > /proc/sys/vm/swappiness',
          sysrq: 'test -w /proc/sysrq-trigger',
          hugePages: 'test -w /sys/kernel/mm/transparent_hugepage/enabled',
          memory: inPerl(`exit(defined(shmget(${key}, 64, 0)) ? 0 : 1)`),
          queue: inPerl(`exit(defined(msgget(${key}, 0)) ? 0 : 1)`),
          keyRead: inPerl(`${words} exit(syscall(${call.keyctl}, 10, -4, $kind, $name, 0) < 0 ? 1 : 0)`),
          keyAdd: inPerl(`${words} exit(syscall(${call.addKey}, $kind, $name, $value, 5, -4) < 0 ? 1 : 0)`),
          userNamespace: inPerl(`exit(syscall(${call.unshare}, 0x10000000) == 0 ? 0 : 1)`),
          hypervisor: inPerl('socket(my $s, 40, 1, 0) or exit 1'),
          crypto: inPerl('socket(my $s, 38, 5, 0) or exit 1'),
          kernelKeys: 'test -n "$(cat /proc/keys)"',
          hostName: 'hostname belay-inside',
          kernelLog: 'dmesg | grep -q .',
          ownShared: 'echo x > /dev/shm/x',
        })}`,
      );
      const got = outcomes(session);
      assert.equal(Object.keys(got).length, 15, session.result?.summary);
      for (const [name, outcome] of Object.entries(got)) assert.equal(outcome, name === 'ownShared' ? 'done' : 'refused', name);
      assert.equal(perl(`print shmget(${key}, 64, 0)`), memory);
      assert.equal(existsSync('/dev/shm/x'), false);
    } finally {
      perl(`shmctl(${memory}, 0, 0); msgctl(${queue}, 0, 0)`);
    }
  });

  it('reads tool folders that are open, and no credential in them', async () => {
    const session = await run(
      `${top}\nperson=$top/person\n` +
        tries({
          gem: 'cat $person/.gem/credentials',
          certificates: 'cat $person/.dotnet/corefx/cryptography/x509stores/my/a.pfx',
          address: 'cat $person/.cargo/git/db/private-1/config',
          npm: 'cat $person/.local/share/pnpm/global/.npmrc',
          token: 'cat $person/.asdf/plugins/x/.git/config',
          keyFile: 'cat $person/.opam/keys/id_ed25519 $person/.opam/keys/upload.key',
          tool: 'cat $person/.gem/ruby/tool.rb',
          objects: 'cat $person/.cargo/git/db/private-1/HEAD',
        }),
      [],
      undefined,
      {},
      (home) => {
        for (const file of [
          '.gem/credentials',
          '.gem/ruby/tool.rb',
          '.dotnet/corefx/cryptography/x509stores/my/a.pfx',
          '.cargo/git/db/private-1/HEAD',
          '.cargo/git/db/private-1/config',
          '.local/share/pnpm/global/.npmrc',
          '.asdf/plugins/x/.git/HEAD',
          '.asdf/plugins/x/.git/config',
          '.opam/keys/id_ed25519',
          '.opam/keys/upload.key',
        ]) {
          mkdirSync(path.dirname(path.join(home, file)), { recursive: true });
          writeFileSync(path.join(home, file), 'kept');
        }
      },
    );
    const got = outcomes(session);
    assert.equal(Object.keys(got).length, 8, session.result?.summary);
    for (const [name, outcome] of Object.entries(got)) assert.equal(outcome, ['tool', 'objects'].includes(name) ? 'done' : 'refused', name);
  });

  it('finds each tool folder that is open by its variable, and reads no cache that has none', async () => {
    const found: Record<string, readonly [file: string, how: string]> = {
      browsers: ['.cache/ms-playwright/chromium/marker', 'cat "$PLAYWRIGHT_BROWSERS_PATH/chromium/marker"'],
      corepack: ['.cache/node/corepack/v1/marker', 'cat "$COREPACK_HOME/v1/marker"'],
      crates: ['.cargo/registry/marker', 'cat "$CARGO_HOME/registry/marker"'],
      modules: ['go/pkg/mod/cache/download/marker', 'cat "$(echo "$GOPROXY" | sed "s#^file://##; s#,.*##")/marker"'],
      gems: ['.gem/ruby/3.1.0/marker', 'cat "${GEM_PATH%:}/marker" && echo "$GEM_PATH" | grep -q ":$"'],
      maven: ['.m2/repository/marker', 'cat "$(echo "$MAVEN_ARGS" | sed "s#.*tail=##")/marker"'],
      gradle: ['.gradle/caches/modules-2/marker', 'cat "$GRADLE_RO_DEP_CACHE/modules-2/marker"'],
      nuget: ['.nuget/packages/marker', 'cat "$NUGET_FALLBACK_PACKAGES/marker"'],
      asdf: ['.asdf/shims/marker', 'cat "$ASDF_DATA_DIR/shims/marker"'],
      python: ['.local/share/uv/python/marker', 'cat "$UV_PYTHON_INSTALL_DIR/marker"'],
    };
    const caches = ['.cache/pip', '.cache/uv', '.cache/yarn', '.cache/pnpm', '.cache/go-build', '.npm/_cacache', '.bun/install/cache'];
    const closed = Object.fromEntries(caches.map((folder, n) => [`closed${n}`, `cat "$person/${folder}/marker"`]));
    const session = await run(
      `${top}\nperson=$top/person\n` +
        tries({ ...Object.fromEntries(Object.entries(found).map(([name, [, how]]) => [name, how])), ...closed }),
      [],
      undefined,
      {},
      (home) => {
        for (const file of [...Object.values(found).map(([name]) => name), ...caches.map((folder) => `${folder}/marker`)]) {
          mkdirSync(path.dirname(path.join(home, file)), { recursive: true });
          writeFileSync(path.join(home, file), 'kept');
        }
      },
    );
    const wanted = {
      ...Object.fromEntries(Object.keys(found).map((name) => [name, 'done'])),
      ...Object.fromEntries(Object.keys(closed).map((name) => [name, 'refused'])),
    };
    assert.deepEqual(outcomes(session), wanted, session.result?.summary);
  });

  it('reads of the system only what programs need, by name', async function () {
    if (process.platform !== 'linux') this.skip();
    const session = await run(
      tries({
        passwords: 'cat /etc/shadow',
        hostKeys: 'ls /etc/ssh && test -n "$(ls /etc/ssh/*)"',
        varLog: 'test -n "$(ls /var/log)"',
        varLib: 'test -n "$(ls /var/lib/dpkg)"',
        boot: 'test -n "$(ls /boot /srv /media 2>/dev/null | grep -v :)"',
        names: 'cat /etc/passwd /etc/hosts',
        certificates: 'ls /etc/ssl || ls /etc/pki',
        libraries: 'ls /usr/lib',
        programs: 'git --version && sh -c true',
      }),
    );
    const open = ['names', 'certificates', 'libraries', 'programs'];
    const got = outcomes(session);
    assert.equal(Object.keys(got).length, 9, session.result?.summary);
    for (const [name, outcome] of Object.entries(got)) assert.equal(outcome, open.includes(name) ? 'done' : 'refused', name);
  });

  it('writes outside its three folders, reads homes, secrets, other lines and the checkout', async () => {
    process.env['BELAY_TEST_SECRET'] = 'leaked';
    const session = await run(
      `${top}\n` +
        tries({
          inside: 'echo x > inside.txt && rm inside.txt',
          tmp: 'echo x > $TMPDIR/x',
          home: 'echo x > $HOME/x',
          commit: 'echo y > y.txt && git add y.txt && git commit -q -m y',
          checkoutRead: 'cat $top/repo/README.md',
          state: 'ls $top/state/runs/* && cat $top/state/runs/*/run.json',
          database: 'cat $top/state/platform/*',
          tempFile: 'cat $top/outside.txt',
          personHome: 'cat $top/person/.ssh/id_ed25519',
          secret: 'env | grep -q ^BELAY_TEST',
          hostSecret: "cat /proc/*/environ | tr '\\0' '\\n' | grep -q ^BELAY_TEST",
          claimToken: 'env | grep -q ^[A-Z_]*CLAIM',
          remount: 'mount -o remount,rw /',
          namespace: 'unshare -Ur true',
          mount: 'mount -t tmpfs none "$TMPDIR"',
          otherNamespace: 'nsenter -t 1 -m true',
          device: 'mknod "$TMPDIR/device" b 8 0 && head -c1 "$TMPDIR/device"',
          linkOut: 'ln -s $top/person/.ssh/id_ed25519 stolen && cat stolen',
        }) +
        // What is closed may look like an empty folder that takes writes; they must reach nobody.
        `
        ln -s $top/repo out
        for file in $top/repo/README.md $top/repo/.git/config $top/repo/.git/worktrees $top/repo/.git/objects/x out/README.md; do echo planted > $file; done
        for file in $top/person/.bashrc $top/state/planted /etc/belay-probe /tmp/belay-probe /root/belay-probe; do echo planted > $file; done
        ln $top/repo/README.md hard; true`,
    );
    const got = outcomes(session);
    const allowed = ['inside', 'tmp', 'home', 'commit'];
    for (const [name, outcome] of Object.entries(got)) assert.equal(outcome, allowed.includes(name) ? 'done' : 'refused', name);
    assert.equal(Object.keys(got).length, 18);
    const at = (name: string) => path.join(bench.folder, name);
    for (const file of [
      at('repo/.git/worktrees'),
      at('repo/.git/objects/x'),
      at('person/.bashrc'),
      at('state/planted'),
      '/etc/belay-probe',
      '/tmp/belay-probe',
      '/root/belay-probe',
    ])
      assert.ok(!existsSync(file), file);
    for (const file of [at('repo/README.md'), at('repo/.git/config')]) assert.ok(!readFileSync(file, 'utf8').includes('planted'), file);
    const held = session.result?.heldBack.map((entry) => entry.path) ?? [];
    assert.ok(held.includes('stolen') && held.includes('out'), `links that lead out stay: ${held.join(' ')}`);
  });

  it('reaches nothing with an empty list (CVE-2025-66479): no host, no loopback service, no socket of the machine, no process', async () => {
    const script =
      `${top}\n` +
      tries({
        proxied: `curl -sf -m 3 http://127.0.0.1:${port}/proxied -x "$HTTP_PROXY" --noproxy ''`,
        direct: `curl -sf -m 3 --noproxy '*' http://127.0.0.1:${port}/direct`,
        name: `curl -sf -m 3 http://localhost:${port}/name`,
        outside: 'curl -sf -m 3 http://example.com/',
        socket: `node -e "require('net').connect(process.argv[1]).on('connect',()=>process.exit(0)).on('error',()=>process.exit(1))" $top/platform.sock`,
        // Brackets keep the pattern from finding itself.
        process: "cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep -q -- '[-]-embedded'",
        kill: `kill -0 ${process.pid}`,
        memory: `head -c1 /proc/${process.pid}/maps`,
      });
    const got = outcomes(await run(script));
    assert.equal(Object.keys(got).length, 8);
    for (const [name, outcome] of Object.entries(got)) assert.equal(outcome, 'refused', name);
    assert.deepEqual(hits, []);
  });

  it('reaches exactly the host and port in its list', async () => {
    const other = http.createServer((_, response) => response.end('other'));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const otherPort = (other.address() as AddressInfo).port;
    try {
      const script = tries({
        listed: `curl -sf -m 3 http://localhost:${port}/listed`,
        otherPort: `curl -sf -m 3 http://localhost:${otherPort}/`,
      });
      assert.deepEqual(outcomes(await run(script, [`localhost:${port}`])), { listed: 'done', otherPort: 'refused' });
      assert.deepEqual(hits, ['/listed']);
    } finally {
      other.close();
    }
  });

  it('is led to no service of this machine by a listed name that resolves to it (DNS rebinding)', async function () {
    const name = hostname();
    const found = await lookup(name).catch(() => null);
    if (found === null) this.skip();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    await new Promise<void>((resolve) => server.listen(port, '0.0.0.0', resolve));
    const session = await run(tries({ named: `curl -sf -m 3 --noproxy '' http://${name}:${port}/named` }), [`${name}:${port}`]);
    assert.deepEqual(outcomes(session), { named: 'refused' });
    assert.deepEqual(hits, []);
  });

  it('lives on while the gate reads, or after it', async function () {
    if (process.platform !== 'linux') this.skip();
    const session = await run(
      'printf x > grows.txt; (setsid sh -c "while :; do printf x >> grows.txt; sleep 0.005; done" >/dev/null 2>&1 &); while [ "$(wc -c < grows.txt)" -lt 5 ]; do :; done',
    );
    const clone = path.join(bench.stateDir, 'lines', session.lineId, 'clone');
    const handedOver = execFileSync('git', ['cat-file', 'blob', `${session.result?.headCommit ?? ''}:grows.txt`], {
      cwd: bench.repository,
    });
    assert.equal(handedOver.length, readFileSync(path.join(clone, 'grows.txt')).length);
    assert.ok(handedOver.length >= 5);
  });

  it('has its start-up files in the run home read by nobody outside, also not in the next session', async () => {
    const plant = `${top}; for f in .bashrc .bash_profile .profile .zshenv .zshrc .shrc .env; do echo "touch $top/marker" > $HOME/$f; done; git config --global core.fsmonitor "touch $top/marker"; echo "plant=done"`;
    const next = await run(plant, [], 'again');
    assert.equal(next.state, 'complete');
    assert.ok(readdirSync(path.join(bench.stateDir, 'lines', next.lineId, 'home', 'probe')).includes('.bashrc'), 'it was planted');
    assert.ok(!existsSync(marker));
  });

  it('has no git configuration, hook, filter or attribute of its clone run by the host', async () => {
    const evil = 'echo "#!/bin/sh\ntouch $top/marker; cat" > evil.sh && chmod +x evil.sh && evil=$PWD/evil.sh';
    const configured = [
      'core.fsmonitor',
      'core.sshCommand',
      'diff.external',
      'core.pager',
      'filter.x.clean',
      'filter.x.smudge',
      'gpg.program',
      'diff.x.textconv',
      'core.editor',
    ]
      .map((key) => `git config ${key} "$evil"`)
      .join('; ');
    const hooks =
      'for h in pre-commit post-commit post-checkout post-index-change reference-transaction; do cp evil.sh .git/hooks/$h; done';
    const session = await run(
      `${top}; ${evil}; echo x > a.txt; git add a.txt; git commit -q -m a; mkdir -p .git/hooks .git/info; ${hooks}; ${configured}; ` +
        `echo '* filter=x diff=x' > .gitattributes; echo '* filter=x diff=x' > .git/info/attributes; echo b > b.txt; rm -f $top/marker; echo "plant=done"`,
    );
    assert.equal(session.state, 'complete');
    assert.ok(session.result?.files.some((file) => file.path === 'b.txt'));
    assert.ok(!existsSync(marker));
  });

  it('has a replaced .git and a nested repository lead the host nowhere', async () => {
    const session = await run(
      `${top}; for d in nested other; do git init -q $d; git -C $d config core.fsmonitor "touch $top/marker; false"; echo z > $d/z; git -C $d add z; git -C $d -c user.name=n -c user.email=n commit -q -m z; done; ` +
        `echo kept > kept.txt; mv .git moved.git; git -C other config core.worktree "$PWD"; echo "gitdir: $PWD/other/.git" > .git; rm -f $top/marker; echo "plant=done"`,
    );
    assert.ok(!existsSync(marker));
    const paths = session.result?.files.map((file) => file.path) ?? [];
    assert.ok(!paths.some((file) => file === '.git' || /(^|\/)(\.git|HEAD|config|hooks|objects|refs)(\/|$)/.test(file)), paths.join(' '));
  });

  it('does not start at all without the programs it is made of', async () => {
    bench = await Workbench.open({ agents: [scripted('idle')], settings: { minimumStep: 'agent' }, path: pathWithout(['bwrap']) });
    await bench.worker.start();
    const { id } = await bench.queue({ agent: 'idle' });
    const session = await bench.ended(id);
    assert.equal(session.error?.code, 'sandbox_unavailable');
    assert.match(session.error.hint ?? '', /bubblewrap/);
  });

  it('fails and says what to install where our sandbox was asked for, also with an agent that has one of its own', async () => {
    bench = await Workbench.open({
      agents: [scripted('idle', { ownSandbox: true })],
      settings: { minimumStep: 'ours' },
      path: pathWithout(['bwrap']),
    });
    await bench.worker.start();
    const { id } = await bench.queue({ agent: 'idle' });
    const { state, error, sandboxStep } = await bench.ended(id);
    assert.deepEqual([state, error?.code, sandboxStep], ['error', 'sandbox_unavailable', null]);
    assert.match(error?.message ?? '', /bwrap.*nothing weaker than "ours"/s);
    assert.match(error?.hint ?? '', /apt install bubblewrap/);
    const phases = (await bench.activities(id)).flatMap(({ kind, body }) =>
      kind === 'progress' && body.type === 'phase' ? [body.phase] : [],
    );
    assert.deepEqual(phases, ['bind', 'clone', 'bootstrap']);
  });

  it('runs without a sandbox only where the person allowed it, and says so', async () => {
    bench = await Workbench.open({ agents: [scripted('idle')], settings: { minimumStep: 'none' }, path: pathWithout(['bwrap']) });
    await bench.worker.start();
    const { id } = await bench.queue({ agent: 'idle' });
    const session = await bench.ended(id);
    assert.equal(session.state, 'complete');
    assert.equal(session.sandboxStep, 'none');
  });

  /** A PATH with everything but some programs. */
  function pathWithout(names: readonly string[]): string {
    const folder = mkdtempSync(path.join(tmpdir(), 'bp-'));
    folders.push(folder);
    for (const place of ['/usr/bin', '/bin']) {
      for (const name of readdirSync(place)) {
        if (!names.includes(name) && !existsSync(path.join(folder, name))) symlinkSync(path.join(place, name), path.join(folder, name));
      }
    }
    return folder;
  }
});
