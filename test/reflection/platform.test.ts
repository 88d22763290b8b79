import { ActivityContent, activityKinds } from '../../protocol/activities.ts';
import { workspaceEventTypes } from '../../protocol/events.ts';
import { errorCodes } from '../../protocol/errors.ts';
import { routes } from '../../protocol/routes.ts';
import { filesOf, none, textOf } from './support.ts';

describe('what the protocol lists', () => {
  const platform = (): string => filesOf('platform/**/*.ts').map(textOf).join('\n');

  it('is told by the platform, each kind of event', () => {
    const text = platform();
    none(
      workspaceEventTypes
        .filter((type) => !text.includes(`'${type}'`))
        .map((type) => `protocol/events.ts: nothing in platform/ tells '${type}'`),
    );
  });

  it('is a whole list, of the kinds of activities', () => {
    const kinds = ActivityContent.options.map(({ shape }) => shape.kind.value);
    none(kinds.filter((kind) => !activityKinds.includes(kind)).map((kind) => `protocol/activities.ts: activityKinds lacks '${kind}'`));
  });

  it('is used somewhere, each error code', () => {
    const text = filesOf('{platform,protocol,client,worker,extension,cli}/**/*.ts')
      .filter((file) => file !== 'protocol/errors.ts')
      .map(textOf)
      .join('\n');
    none(errorCodes.filter((code) => !text.includes(`'${code}'`)).map((code) => `protocol/errors.ts: nothing answers with '${code}'`));
  });

  it('is described, each route', () => {
    none(
      Object.entries(routes)
        .filter(([, { summary }]) => summary.trim() === '')
        .map(([name]) => `protocol/routes.ts: ${name} has no summary`),
    );
  });

  it('is asked for by somebody, each route', () => {
    const text = filesOf('{client,worker,extension,cli,platform,test,webview}/**/*.ts')
      .filter((file) => !file.includes('node_modules') && !file.startsWith('platform/api/'))
      .map(textOf)
      .join('\n');
    none(
      Object.keys(routes)
        .filter((name) => !new RegExp(`\\.${name}\\(|'${name}'|\\b${name}:`, 'u').test(text))
        .map((name) => `protocol/routes.ts: neither a program nor a test calls ${name}`),
    );
  });
});
