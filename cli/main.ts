#!/usr/bin/env node
/** `belay`: the same platform, worker and runs from a terminal. */
import './base/environment.ts';
import { runProgram } from './program/program.ts';

process.exitCode = await runProgram(process.argv.slice(2));
