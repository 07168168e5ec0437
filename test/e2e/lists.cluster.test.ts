import { describe, expect, test } from 'vitest';
import { refusing } from '../stage/api-proxy/fault.ts';
import { look } from './look.ts';
import { anIssuer, aTenant, aWorkload } from './objects.ts';
import { onOwnControlPlane, useStage } from './use-stage.ts';

describe.runIf(onOwnControlPlane())('an API server that cannot begin a watch with what is there', () => {
  const stage = useStage({ controller: false, apiProxied: true });
  const see = look(stage);

  test('is asked for lists, of every kind that is watched', async () => {
    stage.api.fault({ where: ({ query }) => query.has('sendInitialEvents') }, refusing(422, 'Invalid'));
    await stage.apply([anIssuer({ url: stage.issuerURL }), ...aTenant('listed'), ...aWorkload('listed')]);
    await stage.startController();
    await see.until('binding', 'listed/api', 'True');
    const asked = (verb: string) =>
      new Set(stage.api.requests.filter((request) => request.verb === verb).map(({ resource }) => resource));
    expect(asked('watch').size).toBeGreaterThan(6);
    expect(asked('list')).toEqual(asked('watch'));
  });
});
