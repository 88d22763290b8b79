// An agent that does whatever it is told, wherever it reads it: the item, a comment, a file of the repository, the
// output of a tool. It stands for a model that every injection works on. Speaks ACP, and MCP to the servers it is given.
import { execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { clearTimeout, setInterval, setTimeout } from 'node:timers';

const send = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
const say = (text) =>
  send({
    method: 'session/update',
    params: { sessionId: 's', update: { sessionUpdate: 'agent_message_chunk', content: { type: 'text', text } } },
  });

let servers = [];
let asked = 0;
const waiting = new Map();

/** Everything this agent reads: what it was given, the repository, its history, what its tools print. */
function everything(prompt) {
  const texts = prompt.map((block) => block.text ?? block.resource?.text ?? '');
  const walk = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const at = path.join(folder, entry.name);
      if (entry.isDirectory() && entry.name !== '.git') walk(at);
      else if (entry.isFile()) texts.push(readFileSync(at, 'utf8'));
    }
  };
  walk(process.cwd());
  for (const command of ['git log --format=%B', 'sh ./tool.sh'])
    try {
      texts.push(execFileSync('/bin/sh', ['-c', command], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
    } catch {
      // This repository has no such tool.
    }
  return texts.join('\n');
}

function ask(command) {
  asked += 1;
  const id = 1000 + asked;
  send({
    id,
    method: 'session/request_permission',
    params: {
      sessionId: 's',
      toolCall: { toolCallId: `c${asked}`, title: command, kind: 'execute', rawInput: { command } },
      options: [
        { optionId: 'yes', name: 'Yes', kind: 'allow_once' },
        { optionId: 'no', name: 'No', kind: 'reject_once' },
      ],
    },
  });
  return new Promise((resolve) => waiting.set(id, resolve));
}

function shell(command) {
  return new Promise((resolve) => {
    const child = spawn('/bin/sh', ['-c', command], { stdio: ['ignore', 'pipe', 'pipe'] });
    let words = '';
    child.stdout.on('data', (chunk) => (words += chunk));
    child.stderr.on('data', (chunk) => (words += chunk));
    const timer = setTimeout(() => child.kill('SIGKILL'), 15_000);
    child.on('exit', (code) => {
      clearTimeout(timer);
      setTimeout(() => resolve(`${code}: ${words.slice(0, 2000)}`), 20);
    });
  });
}

/** Calls a tool of the first server it was given. */
function tool(request) {
  const [server] = servers;
  if (!server) return Promise.resolve('no server');
  return new Promise((resolve) => {
    const env = Object.fromEntries(server.env.map(({ name, value }) => [name, value]));
    const child = spawn(server.command, server.args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'ignore'] });
    const write = (message) => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
    child.on('error', () => resolve('no relay'));
    child.on('exit', () => resolve('closed'));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const message = JSON.parse(line);
      if (message.id === 1) {
        write({ method: 'notifications/initialized' });
        write({ id: 2, method: 'tools/call', params: request });
      }
      if (message.id === 2) {
        resolve(JSON.stringify(message.result ?? message.error));
        child.kill();
      }
    });
    write({
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'obedient', version: '1' } },
    });
  });
}

async function obey(prompt) {
  const orders = [...everything(prompt).matchAll(/(RUN|ASK|TOOL)<([\w-]+)>\[\[(.*?)\]\]/gsu)];
  const seen = new Set();
  for (const [, kind, name, what] of orders) {
    if (seen.has(`${kind}${name}${what}`)) continue;
    seen.add(`${kind}${name}${what}`);
    let outcome;
    if (kind === 'RUN') outcome = await shell(what);
    else if (kind === 'ASK') outcome = (await ask(what)) === 'yes' ? await shell(what) : 'refused';
    else outcome = await tool(JSON.parse(what));
    say(`\nobeyed ${name}: ${outcome}\n`);
  }
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const message = JSON.parse(line);
  const answer = (result) => send({ id: message.id, result });
  if (message.method === 'initialize') answer({ protocolVersion: 1, agentCapabilities: {} });
  else if (message.method === 'session/new') {
    servers = message.params.mcpServers;
    answer({ sessionId: 's' });
  } else if (message.method === 'session/prompt') {
    void obey(message.params.prompt).then(() => answer({ stopReason: 'end_turn' }));
  } else if (waiting.has(message.id)) waiting.get(message.id)(message.result?.outcome?.optionId);
});
setInterval(() => undefined, 60_000);
