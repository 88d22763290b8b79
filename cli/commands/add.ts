import { BelayError } from '../../protocol/errors.ts';
import { oneLine } from '../../protocol/shownText.ts';
import { itemKinds } from '../../protocol/vocabulary.ts';
import { command, connected } from '../base/command.ts';
import { fieldOptions, fieldsOf, labelOf } from '../records/itemFields.ts';
import { textSource, wordsOrPipe } from '../base/texts.ts';

export const add = command({
  words: [
    {
      name: 'TITLE',
      says: `what is to be done, in a line; ${textSource}, whose further lines are the description`,
      optional: true,
      many: true,
    },
  ],
  options: { kind: { value: 'KIND', choices: itemKinds, says: 'todo if you do not say' }, ...fieldOptions },
  examples: [
    ['add Fix the greeting --kind bug --priority high', 'a bug'],
    ['add "Say hello" --description @notes.md --label component:shop', 'a todo with a description from a file'],
  ],
  json: 'Item',
  run: connected(async (connection, { args, options, output }) => {
    const [title = '', ...rest] = (await wordsOrPipe(args, 'An item needs a title.')).split(/\r?\n/u);
    const fields = await fieldsOf(connection, options);
    const more = rest.join('\n').trim();
    if (more !== '' && fields.description !== undefined)
      throw new BelayError('bad_request', 'The title has further lines, and there is a description as well.', {
        hint: 'A title is one line.',
      });
    const item = await connection.api.createItem({
      body: {
        assigneeIds: [connection.about.memberId],
        description: more,
        ...fields,
        kind: options.kind ?? 'todo',
        title: title.trim(),
        labels: options.label.map(labelOf),
      },
    });
    output.answer(item, `${item.key} ${oneLine(item.title)}`);
    return 0;
  }),
});
