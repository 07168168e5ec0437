import { ok } from '../../std/result.ts';
import type { Outcome } from '../complaint.ts';
import { type AnyObject, findNamed } from '../find-object.ts';
import { wantsAttention } from '../health.ts';
import { parseReference } from '../object-name.ts';
import { printStructured, type structuredFormats } from '../print-structured.ts';
import { withProgress } from '../progress.ts';
import type { Session } from '../session.ts';
import { type Explanation, explanationOf } from './explanation.ts';
import { explanationLines } from './print-explanation.ts';
import { bindingRestsOn, clientRestsOn } from './rests-on.ts';
import { tokenFacts } from './token-facts.ts';

export interface ExplainFlags {
  readonly output: 'text' | (typeof structuredFormats)[number];
}

/** `kubectl grantor explain KIND/NAME`: why it is as it is, and what to do about it. */
export async function explain(session: Session, { output }: ExplainFlags, name: string): Outcome {
  const wanted = parseReference(name);
  if (!wanted.ok) return wanted;
  return withProgress(session, 'reading the objects', async () => {
    const found = await findNamed(session, wanted.value);
    if (!found.ok) return found;
    const now = session.clock.now();
    const explanation: Explanation = {
      ...explanationOf(found.value, now),
      ...(await surroundings(session, found.value)),
    };
    if (output === 'text')
      session.terminal.out(explanationLines(session.terminal, explanation, now).join('\n'));
    else printStructured(session, output, 'Explanation', explanation);
    return ok(wantsAttention(explanation) ? 'found' : 'fine');
  });
}

async function surroundings(
  session: Session,
  object: AnyObject,
): Promise<Pick<Explanation, 'restsOn' | 'token'>> {
  switch (object.kind) {
    case 'OAuthClient':
      return { restsOn: await clientRestsOn(session, object) };
    case 'WorkloadIdentityBinding': {
      const [restsOn, token] = await Promise.all([
        bindingRestsOn(session, object),
        tokenFacts(session, object),
      ]);
      return token === undefined ? { restsOn } : { restsOn, token };
    }
    default:
      return { restsOn: [] };
  }
}
