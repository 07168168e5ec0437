import { beforeAll, describe, expect, test } from 'vitest';
import { kindOf, look } from '../e2e/look.ts';
import { aClient, anIssuer, aTenant, secretKind } from '../e2e/objects.ts';
import type { RequestMatch } from '../stage/api-proxy/api-request.ts';
import { losingTheAnswer as losingTheServersAnswer } from '../stage/api-proxy/fault.ts';
import { losingTheAnswer } from '../stage/issuer-proxy.ts';
import { giveLeaseBack } from './give-lease-back.ts';
import { since } from './record.ts';
import { useFaultStage } from './use-fault-stage.ts';

const stage = useFaultStage();
const see = look(stage);
const namespace = 'deletion';

beforeAll(() => stage.apply([anIssuer({ url: stage.issuerURL }), ...aTenant(namespace)]));

/** Which step of a deletion, and what becomes of it. */
interface Moment {
  readonly step: 'issuer' | RequestMatch;
  readonly what: 'the answer is lost' | 'SIGKILL before' | 'SIGKILL after';
}

const record: RequestMatch = { verb: 'delete', resource: 'secrets', namespace: 'grantor-system' };
const finalizer: RequestMatch = { verb: 'patch', resource: 'oauthclients', subresource: '', namespace };
const steps: readonly (readonly [string, Moment['step']])[] = [
  ['the client goes at the issuer', 'issuer'],
  ['our record of it goes', record],
  ['the finalizer goes', finalizer],
];
const rows = steps.flatMap(([name, step]) =>
  (['the answer is lost', 'SIGKILL before', 'SIGKILL after'] as const).map((what) => ({ name, step, what })),
);

/** Spoils the next such step. */
function spoil({ step, what }: Moment): void {
  const { pid } = stage.controller.program;
  const killing = async <T>(next: () => Promise<T>): Promise<void> => {
    if (what === 'SIGKILL after') await next();
    process.kill(pid, 'SIGKILL');
  };
  if (step !== 'issuer') {
    stage.api.fault(
      step,
      what === 'the answer is lost'
        ? losingTheServersAnswer()
        : async (_, next) => {
            await killing(next);
            return 'reset';
          },
      { times: 1 },
    );
    return;
  }
  const mend = stage.proxy.fault({ method: 'DELETE', about: namespace }, async (forward) => {
    mend();
    if (what === 'the answer is lost') return losingTheAnswer(forward);
    await killing(forward);
    throw new Error('killed');
  });
}

/**
 * By the issuer's own account: how many clients of this mark it had at the same time, and how many are left. One after the other it may
 * have two, since a mark that is registered again is how it is found out whether its client is gone.
 */
function clientsAtIssuer(name: string): { readonly atOnce: number; readonly left: number } {
  const there = new Set<string>();
  let atOnce = 0;
  for (const line of stage.issuer.log().split('\n')) {
    const [, event] = /"event":"client\.(registered|deleted)"/.exec(line) ?? [];
    if (event === undefined || !line.includes(`:${namespace}:${name}:`)) continue;
    const { client_id } = JSON.parse(line) as { readonly client_id: string };
    if (event === 'registered') there.add(client_id);
    else there.delete(client_id);
    atOnce = Math.max(atOnce, there.size);
  }
  return { atOnce, left: there.size };
}

describe('a deletion is cut short when', () => {
  test.each(rows)(
    '$name: $what; it is brought to its end, and no second client comes to be',
    async ({ name: step, ...moment }) => {
      const name = `${step} ${moment.what}`.replaceAll(/\W+/g, '-').toLowerCase();
      const key = `${namespace}/${name}`;
      const secretRef = { name: `${name}-credentials` };
      await stage.apply([aClient(namespace, name, { authentication: { secret: { secretRef } } })]);
      await see.until('client', key, 'True');
      const { metadata } = await see.object('client', key);
      const { program } = stage.controller;
      const seen = since(stage);

      spoil(moment);
      await see.remove(kindOf.client, key);
      if (moment.what !== 'the answer is lost') {
        await expect.poll(() => program.running, { timeout: 10_000 }).toBe(false);
        await giveLeaseBack(stage.kube);
        await stage.startController();
      }
      // An issuer that does not know the registration any more answers 401, of which the reason is looked for at leisure.
      await see.gone(kindOf.client, key, 45_000);
      await see.gone(secretKind, `grantor-system/client-${metadata.uid}`);
      expect(clientsAtIssuer(name)).toEqual({ atOnce: 1, left: 0 });
      if (program.running) seen.expectAlive();
    },
  );
});
