/** The agents that Belay looks for: a new one is a file in `known/` and a line here. */
import { claudeCode } from './known/claudeCode.ts';
import { codex } from './known/codex.ts';
import { gemini } from './known/gemini.ts';
import { openCode } from './known/openCode.ts';
import type { AgentEntry } from './known/entry.ts';

export const knownAgents: readonly AgentEntry[] = [codex, claudeCode, openCode, gemini];
