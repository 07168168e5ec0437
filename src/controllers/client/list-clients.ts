import type { CallContext, IssuerDriver, MarkedClient } from '../../ports/issuer-driver.ts';
import type { IssuerFailure } from '../../ports/issuer-failure.ts';
import { err, ok, type Result } from '../../std/result.ts';

/** More than any issuer of ours has, a page of one client each. */
const mostPages = 100_000;

/** All clients that bear a mark of Grantor's, page by page. A list that does not come to its end is a failure, and no list. */
export async function listClients(
  driver: Pick<IssuerDriver, 'list'>,
  call: CallContext,
): Promise<Result<readonly MarkedClient[], IssuerFailure>> {
  const found: MarkedClient[] = [];
  const seen = new Set<string>();
  let page: string | undefined;
  for (let read = 0; read < mostPages; read++) {
    const answer = await driver.list(page, call);
    if (!answer.ok) return answer;
    found.push(...answer.value.clients);
    page = answer.value.next;
    if (page === undefined) return ok(found);
    if (seen.has(page))
      return err({ kind: 'malformed', detail: 'the list of clients goes round in circles' });
    seen.add(page);
  }
  return err({ kind: 'malformed', detail: `the list of clients has more than ${mostPages} pages` });
}
