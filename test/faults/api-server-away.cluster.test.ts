import { beforeAll, describe, expect, test } from 'vitest';
import { sleep, systemClock } from '../../src/std/clock.ts';
import { seconds } from '../../src/std/duration.ts';
import { look } from '../e2e/look.ts';
import { aBinding, aClient, anIssuer, aServiceAccount, aTenant } from '../e2e/objects.ts';
import { prepareChanges } from './changes.ts';
import { since } from './record.ts';
import { followTokenLives } from './token-lives.ts';
import { useFaultStage } from './use-fault-stage.ts';

interface Outage {
  readonly away: number;
  /** Of the tokens, in seconds. */
  readonly life: number;
  readonly namespace: string;
  /** Lists and watches that may fail meanwhile, for each of the ten reflectors. */
  readonly mostFailures: number;
}

/** Tokens of which the outage is a good part of the life, so that some have to be renewed in the middle of it. */
const outages: readonly Outage[] = [
  { away: 5, life: 30, namespace: 'away-5', mostFailures: 8 },
  { away: 60, life: 240, namespace: 'away-60', mostFailures: 25 },
];
const bindings = Array.from({ length: 12 }, (_, n) => `b${n}`);

describe('the API server is away for', () => {
  const stage = useFaultStage();
  const see = look(stage);
  beforeAll(() => stage.apply([anIssuer({ url: stage.issuerURL })]));

  test.each(outages)(
    '$away s: nothing is lost, no token of $life s expires, and nobody hurries',
    async (outage) => {
      const { away, life, namespace, mostFailures } = outage;
      await stage.apply([
        ...aTenant(namespace),
        aServiceAccount(namespace),
        aClient(namespace, 'api', { accessTokenLifetime: `${life}s` }),
        ...bindings.map((name) =>
          aBinding(namespace, name, { serviceAccountName: 'api', clientRef: { name: 'api' } }),
        ),
      ]);
      for (const name of bindings) await see.until('binding', `${namespace}/${name}`, 'True');
      const changes = await prepareChanges(stage, see, namespace, 'x');
      const renewedBefore = await generations(namespace);
      const failuresBefore = await failures();

      const record = since(stage);
      const lives = followTokenLives(
        see,
        bindings.map((name) => `${namespace}/${name}-token`),
      );
      stage.api.refuse();
      await changes.make();
      await sleep(systemClock, seconds(away));
      const failed = (await failures()) - failuresBefore;
      await stage.api.listen();
      const back = Date.now();
      await changes.noticed(35_000);
      const noticedAfter = (Date.now() - back) / 1000;
      // Everything that was due meanwhile is renewed by now, or soon.
      await sleep(systemClock, seconds(5));
      const { smallest, looks } = await lives.stop();

      console.log(
        `away ${away} s: noticed after ${noticedAfter.toFixed(1)} s, ${failed} failures of 10 reflectors, smallest life left ${smallest.toFixed(1)} of ${life} s, ${(await generations(namespace)) - renewedBefore} renewals`,
      );
      record.expectAlive();
      expect(failed).toBeGreaterThan(0);
      expect(failed).toBeLessThanOrEqual(10 * mostFailures);
      expect(looks).toBeGreaterThan(away);
      expect(await generations(namespace)).toBeGreaterThan(renewedBefore);
      expect(smallest).toBeGreaterThan(0);
    },
  );

  /** The sum of the generations of all tokens of a namespace: it counts renewals. */
  async function generations(namespace: string): Promise<number> {
    const all = await Promise.all(bindings.map((name) => see.secret(`${namespace}/${name}-token`)));
    return all.reduce(
      (sum, secret) => sum + Number(secret?.metadata.annotations?.['grantor.dev/generation'] ?? 0),
      0,
    );
  }

  async function failures(): Promise<number> {
    const page = await (await fetch(`${stage.controller.probes}/metrics`)).text();
    return [...page.matchAll(/^reflector_failures_total\{.*\} (\d+)/gm)].reduce(
      (sum, [, value]) => sum + Number(value),
      0,
    );
  }
});
