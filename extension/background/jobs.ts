/** What is done in a thread of its own: to start a program holds up the one that does it until the program runs. */
import { startPlatform } from '../../client/starter.ts';
import { findAgents, loginPath } from '../../worker/agents/discovery.ts';

export const threadJobs = { startPlatform, findAgents, loginPath };
