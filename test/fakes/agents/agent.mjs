/**
 * Agents that misbehave, one word each: `agent.mjs WORD`. They speak just enough ACP by hand to get
 * where they go wrong.
 */
import { Buffer } from 'node:buffer';
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { clearInterval, setInterval, setTimeout } from 'node:timers';

const word = process.argv[2];
const send = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
const update = (fields) => send({ method: 'session/update', params: { sessionId: 's', update: fields } });
const say = (text) => update({ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text } });

const waiting = new Map();
const request = (method, params) =>
  new Promise((resolve) => {
    waiting.set('r1', resolve);
    send({ id: 'r1', method, params });
  });

if (word === 'exit') {
  process.stderr.write('no licence found\n');
  process.exit(3);
}
if (word === 'garbage') {
  process.stdout.write('Welcome to the agent!\n');
  setInterval(() => process.stdout.write('\u0007 [32m> \n'), 5);
}
if (word === 'huge') {
  const block = 'x'.repeat(1024 * 1024);
  setInterval(() => process.stdout.write(block), 1);
}

/** Children that try to outlive their parent: another session, another group, deaf to asking. */
function breed() {
  for (const name of ['a', 'b']) {
    spawn('/bin/sh', ['-c', `trap '' TERM HUP INT; echo $$ >> ${name}.pid; while :; do sleep 1; done`], {
      detached: true,
      stdio: 'ignore',
    }).unref();
  }
}

/** A test decides when a turn goes on: once there is a file "go". */
async function go() {
  while (!existsSync('go')) await new Promise((resolve) => setTimeout(resolve, 50));
  rmSync('go');
}

const turns = {
  /** Ends its turn without having done anything. */
  idle: () => {
    say('There was nothing to do.');
    return { stopReason: 'end_turn' };
  },
  /** Works for ever and hears no cancel. */
  hang: () => {
    breed();
    say('I begin.');
    setInterval(() => say('still at it '), 200);
    return null;
  },
  /** Changes a file, and is done when it is told to go on. */
  wait: async () => {
    writeFileSync('written.txt', 'written\n');
    await go();
    say('Written.');
    return { stopReason: 'end_turn' };
  },
  /** Writes more than its share of the disk, and is done when it is told to go on. */
  fill: async () => {
    for (let count = 0; count < 15; count += 1) appendFileSync(`${process.env.TMPDIR}/large`, Buffer.alloc(1024 * 1024, 1));
    writeFileSync('written.txt', 'written\n');
    await go();
    say('Written.');
    return { stopReason: 'end_turn' };
  },
  /** Announces a command and says nothing more at all. */
  stuck: () => {
    update({ sessionUpdate: 'tool_call', toolCallId: 'c1', title: 'make', kind: 'execute', rawInput: { command: 'make' } });
    return null;
  },
  /** The same with a command that it has not named yet. */
  unnamed: () => {
    update({ sessionUpdate: 'tool_call', toolCallId: 'c1', title: 'make', kind: 'execute', status: 'pending' });
    return null;
  },
  /** Leaves a call open at the end of its turn; in the next it says nothing at all. */
  forgets: (prompt) => {
    if (prompt.some((block) => block.text?.includes('second'))) return null;
    update({ sessionUpdate: 'tool_call', toolCallId: 'c1', title: 'make', kind: 'execute', rawInput: { command: 'make' } });
    return { stopReason: 'end_turn' };
  },
  /** Prints what is no message, between messages: in all more than is borne in a row. */
  chatty: () => {
    for (let n = 0; n < 120; n += 1) {
      process.stdout.write('(node:7) Warning: a library speaks up\n');
      if (n % 40 === 39) say('Working. ');
    }
    return { stopReason: 'end_turn' };
  },
  /** Asks for leave and offers no answer. */
  ask: async () => {
    const { outcome } = await request('session/request_permission', {
      sessionId: 's',
      toolCall: { toolCallId: 'c1', title: 'Run make', kind: 'execute', rawInput: { command: 'make' } },
      options: [],
    });
    say(`The answer was ${outcome.outcome}.`);
    return { stopReason: 'end_turn' };
  },
  /** A conversation that is not this one speaks last. */
  strangers: () => {
    say('My words.');
    send({
      method: 'session/update',
      params: { sessionId: 'other', update: { sessionUpdate: 'agent_message_chunk', content: { type: 'text', text: 'Not mine.' } } },
    });
    return { stopReason: 'end_turn' };
  },
  /** Says nothing more at all. */
  stall: () => null,
  /** Asks a host that is not allowed, and waits for ever: silent once it was refused. */
  lost: () => {
    const asking = setInterval(() => say('asking '), 100);
    globalThis.fetch('http://model.example.com:8080/v1').then(
      () => clearInterval(asking),
      () => clearInterval(asking),
    );
    return null;
  },
  /** Reports faster than anyone can read. */
  flood: () => {
    for (let n = 0; n < 20_000; n += 1) {
      update({ sessionUpdate: 'tool_call', toolCallId: `c${n}`, title: `look ${n}`, kind: 'read', status: 'completed' });
    }
    writeFileSync('flooded.txt', 'done\n');
    return { stopReason: 'end_turn' };
  },
  /** Dies in the middle of its turn. */
  die: () => {
    writeFileSync('half.txt', 'half\n');
    setTimeout(() => process.exit(9), 100);
    return null;
  },
  /** Writes what it was told, one line a turn. */
  note: (prompt) => {
    const text = prompt.map((block) => block.text ?? '').join(' ');
    appendFileSync('notes.txt', `${text.slice(-40).replaceAll('\n', ' ')}\n`);
    say(`Noted: ${text.slice(-40)}`);
    return { stopReason: 'end_turn' };
  },
  /** Goes on with an earlier conversation, and tells whether it does. */
  remember: (prompt) => {
    const text = prompt.map((block) => block.text ?? '').join(' ');
    say(`${isLoaded ? 'Went on' : 'Began'}: ${text}`);
    return { stopReason: 'end_turn' };
  },
  /** Begins each conversation anew, under the same name. */
  forget: (prompt) => turns.remember(prompt),
  /** Takes the edges of its cage: each try is one line of what came of it. */
  probe: () => {
    const child = spawn('/bin/sh', ['-c', process.env.PROBE ?? 'true'], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    return new Promise((resolve) => {
      child.on('close', () => {
        say(output || 'nothing');
        resolve({ stopReason: 'end_turn' });
      });
    });
  },
};

let isLoaded = false;
if (word in turns) {
  createInterface({ input: process.stdin }).on('line', async (line) => {
    const message = JSON.parse(line);
    if (message.method === undefined) waiting.get(message.id)?.(message.result);
    const answer = (result) => send({ id: message.id, result });
    if (message.method === 'initialize') answer({ protocolVersion: 1, agentCapabilities: { loadSession: word === 'remember' } });
    if (message.method === 'session/new') answer({ sessionId: 's' });
    if (message.method === 'session/load') {
      isLoaded = true;
      answer({});
    }
    if (message.method === 'session/prompt') {
      const end = await turns[word](message.params.prompt);
      if (end) answer(end);
    }
  });
}
// `silent` reads nothing and says nothing.
setInterval(() => undefined, 60_000);
