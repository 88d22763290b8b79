/** Takes the page's messages in: checked by schema, sent to the one handler of their name, answered once. */
import {
  PanelCall,
  panelRequests,
  type PanelNotice,
  type PanelParams,
  type PanelReply,
  type PanelRequestName,
} from '../../protocol/panel.ts';
import { BelayError } from '../../protocol/errors.ts';
import { t } from '../base/l10n.ts';
import { toProblem } from '../base/problem.ts';

export type PanelHandlers = { readonly [N in PanelRequestName]: (params: PanelParams<N>) => Promise<PanelReply<N>> };

/** Answers one message. What is not a call of the contract is reported through `refuse` and otherwise ignored. */
export async function dispatch(
  message: unknown,
  handlers: PanelHandlers,
  post: (notice: PanelNotice) => void,
  refuse: (reason: string) => void,
): Promise<void> {
  const call = PanelCall.safeParse(message);
  if (!call.success) {
    refuse('a message that is not a call');
    return;
  }
  const { id, name } = call.data;
  const params = panelRequests[name].params.safeParse(call.data.params);
  if (!params.success) {
    refuse(`parameters of ${name} that do not fit`);
    post({
      type: 'reply',
      id,
      problem: toProblem(
        new BelayError('invalid_body', t('The panel sent "{0}" in an unknown form.', name), {
          hint: t('Reload the window.'),
        }),
      ),
    });
    return;
  }
  try {
    const handle = handlers[name] as (value: unknown) => Promise<unknown>;
    post({ type: 'reply', id, result: await handle(params.data) });
  } catch (error) {
    post({ type: 'reply', id, problem: toProblem(error) });
  }
}
