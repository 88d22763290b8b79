/** Accepts one result and ends: the process that a test kills. Says when it begins. */
import { acceptResult, type AcceptRequest } from '../../worker/workspace/accept.ts';

process.stdout.write('begin\n');
await acceptResult(JSON.parse(process.argv[2] ?? '') as AcceptRequest);
