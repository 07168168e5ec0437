import { expect, it } from 'vitest';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { anIssuer } from '../../test/gen/objects.ts';
import { seconds } from '../std/duration.ts';
import { ok } from '../std/result.ts';
import { withFewerLooks } from './fewer-looks.ts';

const issuer = anIssuer();
const { name } = issuer.metadata;

function setUp() {
  const clock = new FakeClock();
  const calls: string[] = [];
  const called = (call: string) => async () => {
    calls.push(call);
    return ok({} as never);
  };
  const forget = async () => void calls.push('forget');
  const issuers = withFewerLooks({ driver: called('driver'), refresh: called('refresh'), forget }, clock);
  return { clock, calls, issuers };
}

it('one volume looks for a CA bundle that was replaced, for all that fail within ten seconds', async () => {
  const { clock, calls, issuers } = setUp();
  for (let n = 0; n < 200; n++) {
    await issuers.refresh(issuer);
    await clock.advance(seconds(1));
  }
  expect(calls.filter((call) => call === 'refresh')).toHaveLength(20);
  expect(calls).toHaveLength(200);
});

it('an issuer that was made anew is looked at anew, and each by itself', async () => {
  const { calls, issuers } = setUp();
  await issuers.refresh(issuer);
  await issuers.refresh({ ...issuer, metadata: { ...issuer.metadata, name: 'another' } });
  await issuers.forget(name);
  await issuers.refresh(issuer);
  expect(calls).toEqual(['refresh', 'refresh', 'forget', 'refresh']);
});
