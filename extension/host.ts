/** What `main` loads when Belay is first used. */
export { Belay } from './belay.ts';
export { runCommand } from './commands.ts';
