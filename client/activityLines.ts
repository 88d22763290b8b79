/** Activities as lines of text, for terminals. Pure, but for remembering the plan it told last. */
import type { Activity, PlanStep } from '../protocol/activities.ts';

export interface LineStyle {
  readonly plain: (text: string) => string;
  readonly quiet: (text: string) => string;
  readonly strong: (text: string) => string;
  readonly bad: (text: string) => string;
}
export const plainStyle: LineStyle = { plain: (text) => text, quiet: (text) => text, strong: (text) => text, bad: (text) => text };

const marks: Record<PlanStep['status'], string> = { completed: '✓', in_progress: '▸', pending: '○' };

/** Returns a function that turns one session's activities, in order, into lines. Text is as the agent sent it: the styles make it safe to show. */
export function activityLines(style: LineStyle): (activity: Activity) => string[] {
  let plan: readonly PlanStep[] = [];
  return (activity) => {
    switch (activity.kind) {
      case 'progress':
        return progressLines(activity.body, style);
      case 'plan': {
        const before = plan;
        plan = activity.body.steps;
        const step = ({ title, status }: PlanStep) => (status === 'in_progress' ? style.strong : style.quiet)(`${marks[status]} ${title}`);
        // The whole plan once; after that only the steps that moved.
        const same = before.length === plan.length && plan.every((entry, index) => entry.title === before[index]?.title);
        return plan.filter((entry, index) => !same || entry.status !== before[index]?.status).map(step);
      }
      case 'policy':
        return [style.quiet(`${activity.body.decision}: ${activity.body.class} ${activity.body.resource}`)];
      case 'url':
        return [style.plain(`${activity.body.title}: ${activity.body.url}`)];
      case 'release':
        return [style.quiet(`released: ${activity.body.reason}`)];
      case 'completion':
      case 'failure':
      case 'cancellation':
        return [];
    }
  };
}

function progressLines(body: Extract<Activity, { kind: 'progress' }>['body'], style: LineStyle): string[] {
  switch (body.type) {
    case 'phase':
      return [style.quiet(`· ${body.phase}${body.detail ? `: ${body.detail}` : ''}`)];
    case 'message':
      return [style.plain(body.text)];
    case 'command':
      if (body.status === 'running') return [];
      return [body.exitCode === 0 ? style.plain(`$ ${body.command}`) : style.bad(`$ ${body.command} (${body.exitCode ?? '?'})`)];
    case 'tool_call':
      return body.status === 'running' ? [style.quiet(`› ${body.title}`)] : [];
    case 'file_change':
      return [style.plain(`${body.change === 'added' ? '+' : body.change === 'deleted' ? '-' : '~'} ${body.path}`)];
    case 'commit':
      return [style.plain(`commit ${body.commit.slice(0, 8)} ${body.subject}`)];
    case 'blocker':
      return [style.bad(`! ${body.text}`)];
    case 'input_asked':
      return [style.strong(`? ${body.title}`)];
    case 'input_answered':
      return [style.quiet(`  ${body.answer}`)];
    case 'message_delivered':
      return [style.quiet(`> ${body.text}`)];
    case 'thought':
    case 'usage':
      return [];
  }
}
