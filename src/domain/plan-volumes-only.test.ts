import { describe, expect, it } from 'vitest';
import { failed, fresh, plan } from '../../test/gen/binding-plans.ts';
import { bindingFacts, now } from '../../test/gen/facts.ts';
import {
  aBinding,
  aClient,
  aTenantScope,
  forVolumes,
  ofTenant,
  withSpec,
  withStatus,
} from '../../test/gen/objects.ts';
import { minutes } from '../std/duration.ts';
import { plus } from '../std/instant.ts';
import type { BindingFacts } from './binding-facts.ts';
import { planBinding } from './plan-binding.ts';

const binding = aBinding(forVolumes);
const granted = planBinding(bindingFacts({ binding }), now).grant!;
const holding = aBinding(forVolumes, withStatus({ grant: granted }));
const stray = { ...fresh, name: 'earlier-name' };

describe('a binding without a Secret', () => {
  it('is told what is granted, and no token is asked for here', () => {
    const { action, conditions, requeueAt } = planBinding(bindingFacts({ binding }), now);
    expect({ action, requeueAt }).toEqual({ action: undefined, requeueAt: undefined });
    expect(conditions).toMatchInlineSnapshot(`
      [
        {
          "message": "pods mount it by the volume attribute binding: billing-api",
          "reason": "Ready",
          "status": "True",
          "type": "Ready",
        },
        {
          "message": "",
          "reason": "Allowed",
          "status": "True",
          "type": "Allowed",
        },
      ]
    `);
    expect(granted).toMatchObject({ scopes: ['invoices.read'], deliveries: ['Volume', 'Secret'] });
  });

  it.each<[string, Partial<BindingFacts>, string]>([
    ['is ready whatever became of a token before', { attempt: failed() }, 'wait, True Ready'],
    ['waits for its client', { client: aClient(withStatus({})) }, 'wait, False ClientNotReady'],
    [
      'waits for the audience of its issuer',
      { audienceInstalled: false },
      'wait, False AudienceNotInstalled',
    ],
    ['loses the Secret that it named once', { strays: [stray] }, 'withdraw delivered elsewhere, True Ready'],
    [
      'loses that Secret too when it is refused',
      { strays: [stray], serviceAccountUID: undefined },
      'withdraw not allowed, False ServiceAccountNotFound',
    ],
    ['gets nothing in a namespace that goes away', { namespaceTerminating: true }, 'wait, tells nothing'],
  ])('%s', (_, facts, expected) => {
    expect(plan({ binding, ...facts })).toBe(expected);
  });

  it.each<[string, Partial<BindingFacts>]>([
    ['its client is still being registered', { client: aClient(withStatus({})) }],
    ['something cannot be read', { unreadable: 'OAuthClient: spec.scopes: Required' }],
  ])('keeps what was granted while %s', (_, facts) => {
    expect(planBinding(bindingFacts({ binding: holding, ...facts }), now).grant).toEqual(granted);
  });

  it('is not ready while what it had in a Secret cannot be removed', () => {
    const failure = { reason: 'SecretWriteFailed', message: 'no', retry: 'soon' } as const;
    const attempt = { fingerprint: 'withdraw', failure, at: now, count: 1 };
    expect(plan({ binding, strays: [stray], attempt })).toBe(
      'withdraw delivered elsewhere, False SecretWriteFailed',
    );
    expect(plan({ binding, attempt })).toBe('wait, True Ready');
  });

  it('keeps what was granted while its TenantScope may be gone by accident, and not longer', () => {
    const gone = bindingFacts({ binding: holding, tenancy: { kind: 'none' } });
    const counting = planBinding(gone, now);
    expect(counting).toMatchObject({ grant: granted, requeueAt: plus(now, minutes(10)) });
    expect(counting.conditions.map(({ type, status }) => `${type}=${status}`)).toEqual([
      'Ready=False',
      'Allowed=False',
    ]);
    const { withdrawal } = counting;
    const later = aBinding(forVolumes, withStatus({ grant: granted, withdrawal: withdrawal! }));
    const after = planBinding({ ...gone, binding: later }, plus(now, minutes(10)));
    expect(after.grant).toBeUndefined();
    expect(after.withdrawal).toMatchObject({
      effectiveAt: '2026-06-01T12:10:00Z',
      revocation: 'Unconfirmed',
      exposedUntil: '2026-06-01T12:20:00Z',
    });
  });

  it('says that its tokens are revoked where the issuer has ended all those of its client', () => {
    const suspended = { kind: 'tenant', scope: aTenantScope(withSpec({ suspend: true })) } as const;
    const client = aClient((one) => ({
      ...one,
      status: {
        ...one.status,
        withdrawal: {
          reason: 'Suspended',
          startedAt: '2026-06-01T12:00:00Z',
          effectiveAt: '2026-06-01T12:00:00Z',
          revocation: 'Confirmed',
        },
      },
    }));
    const taken = planBinding(bindingFacts({ binding: holding, tenancy: suspended, client }), now);
    expect(taken).toMatchObject({ grant: undefined, withdrawal: { revocation: 'Confirmed' } });
  });

  it('never takes the revocation of a token in a Secret for that of those in volumes', () => {
    const revocation = { resourceVersion: '7', startedAt: now, outcome: 'Confirmed' } as const;
    const facts = { binding: holding, serviceAccountUID: undefined };
    const taken = planBinding(
      bindingFacts({ ...facts, revocations: new Map([['uid-secret', revocation]]) }),
      now,
    );
    expect(taken.withdrawal).toMatchObject({ revocation: 'Unconfirmed' });
  });

  it('has nothing left of another tenant', () => {
    const scope = aTenantScope(ofTenant('globex'));
    const moved = bindingFacts({ binding: holding, tenancy: { kind: 'tenant', scope } });
    expect(planBinding({ ...moved, client: aClient(withStatus({})) }, now).grant).toBeUndefined();
  });
});
