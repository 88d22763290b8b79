import { BelayError } from '../../protocol/errors.ts';
import { command, connected } from '../base/command.ts';
import { startWorker } from '../session/context.ts';

export const worker = command({
  options: { capacity: { value: 'N', says: 'how many sessions at once, from 1 to 10: 2' } },
  examples: [['worker', 'claim and run what is queued until Ctrl+C; runs that are under way go on then']],
  json: '{} once it has stopped; what happens goes to standard error',
  run: connected(async (connection, { options, output }) => {
    const capacity = Number(options.capacity ?? '2');
    if (!Number.isInteger(capacity) || capacity < 1 || capacity > 10)
      throw new BelayError('bad_request', '--capacity takes a whole number from 1 to 10.');
    const running = await startWorker(connection, capacity, (line) => {
      output.progress(line);
    });
    const { address } = connection;
    output.progress(
      `Worker on${'url' in address ? ` for ${address.url}` : ''}, ${capacity} at once. Stop with Ctrl+C; runs that are under way go on.`,
    );
    await new Promise<void>((resolve) => {
      process.once('SIGINT', resolve);
      process.once('SIGTERM', resolve);
    });
    await running.stop('finish');
    output.answer({}, 'Worker off.');
    return 0;
  }),
});
