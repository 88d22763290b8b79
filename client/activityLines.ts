/** Activities as lines of text, for terminals. Pure, but for remembering the plan it told last. */
import type { Activity, PlanStep } from '../protocol/activities.ts';
import { barredLines, linesAfterMark, oneLine, quotedName } from '../protocol/shownText.ts';

export interface LineStyle {
  readonly plain: (text: string) => string;
  readonly quiet: (text: string) => string;
  readonly strong: (text: string) => string;
  readonly bad: (text: string) => string;
}
export const plainStyle: LineStyle = { plain: (text) => text, quiet: (text) => text, strong: (text) => text, bad: (text) => text };

const marks: Record<PlanStep['status'], string> = { completed: '✓', in_progress: '▸', pending: '○' };

/**
 * Returns a function that turns one session's activities, in order, into lines. No text of the agent begins a line or breaks
 * one; what it holds else is as it was sent, and the styles make it safe to show.
 */
export function activityLines(style: LineStyle): (activity: Activity) => string[] {
  let plan: readonly PlanStep[] = [];
  return (activity) => {
    switch (activity.kind) {
      case 'progress':
        return progressLines(activity.body, style);
      case 'plan': {
        const before = plan;
        plan = activity.body.steps;
        const step = ({ title, status }: PlanStep) =>
          (status === 'in_progress' ? style.strong : style.quiet)(`${marks[status]} ${oneLine(title)}`);
        // The whole plan once; after that only the steps that moved.
        const same = before.length === plan.length && plan.every((entry, index) => entry.title === before[index]?.title);
        return plan.filter((entry, index) => !same || entry.status !== before[index]?.status).map(step);
      }
      case 'policy':
        return [style.quiet(`${activity.body.decision}: ${activity.body.class} ${oneLine(activity.body.resource)}`)];
      case 'url':
        return [style.plain(`→ ${oneLine(activity.body.title)}: ${oneLine(activity.body.url)}`)];
      case 'release':
        return [style.quiet(`released: ${oneLine(activity.body.reason)}`)];
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
      return [style.quiet(`· ${body.phase}${body.detail ? `: ${oneLine(body.detail)}` : ''}`)];
    case 'message':
      return barredLines(body.text).map(style.plain);
    case 'command':
      if (body.status === 'running') return [];
      return [
        body.exitCode === 0 ? style.plain(`$ ${oneLine(body.command)}`) : style.bad(`$ ${oneLine(body.command)} (${body.exitCode ?? '?'})`),
      ];
    case 'tool_call':
      return body.status === 'running' ? [style.quiet(`› ${oneLine(body.title)}`)] : [];
    case 'file_change':
      return [style.plain(`${body.change === 'added' ? '+' : body.change === 'deleted' ? '-' : '~'} ${quotedName(body.path)}`)];
    case 'commit':
      return [style.plain(`commit ${body.commit.slice(0, 8)} ${oneLine(body.subject)}`)];
    case 'blocker':
      return linesAfterMark('! ', body.text).map(style.bad);
    case 'input_asked':
      return linesAfterMark('? ', body.title).map(style.strong);
    case 'input_answered':
      return linesAfterMark('  ', body.answer).map(style.quiet);
    case 'message_delivered':
      return linesAfterMark('> ', body.text).map(style.quiet);
    case 'thought':
    case 'usage':
      return [];
  }
}
