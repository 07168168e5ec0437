import { describe, expect, it } from 'vitest';
import { now } from '../../test/gen/facts.ts';
import type { Reason } from '../api/reasons.ts';
import { isFalse, isTrue } from '../domain/condition.ts';
import { minutes } from '../std/duration.ts';
import { plus } from '../std/instant.ts';
import { nextStatus } from './next-status.ts';

const metadata = { name: 'x', uid: 'uid-x', generation: 3, resourceVersion: '1' };
const planned = [isTrue('Ready', 'Ready', 'well')];
const later = plus(now, minutes(5));

describe('the status to write', () => {
  const first = nextStatus({ metadata }, planned, { clientID: 'c' }, now);

  it('carries the generation and the time at which each condition came to be', () => {
    expect(first).toMatchInlineSnapshot(`
      {
        "clientID": "c",
        "conditions": [
          {
            "lastTransitionTime": "2026-06-01T12:00:00Z",
            "message": "well",
            "observedGeneration": 3,
            "reason": "Ready",
            "status": "True",
            "type": "Ready",
          },
        ],
        "observedGeneration": 3,
      }
    `);
  });

  it('is none when the object has it, whatever the time and the order of its members', () => {
    const { conditions, ...rest } = first ?? {};
    const stored = { conditions, ...rest } as never;
    expect(nextStatus({ metadata, status: stored }, planned, { clientID: 'c' }, later)).toBeUndefined();
  });

  it('keeps the time of a condition that only says something else', () => {
    const next = nextStatus({ metadata, status: first }, [isTrue('Ready', 'Ready', 'very well')], {}, later);
    expect(next).toMatchObject({
      conditions: [{ message: 'very well', lastTransitionTime: '2026-06-01T12:00:00Z' }],
    });
  });

  it('has a new time for a condition that turned', () => {
    const next = nextStatus(
      { metadata, status: first },
      [isFalse('Ready', 'IssuerUnavailable', 'no')],
      {},
      later,
    );
    expect(next).toMatchObject({
      conditions: [{ status: 'False', lastTransitionTime: '2026-06-01T12:05:00Z' }],
    });
  });
});

describe('Stalled', () => {
  const typesOf = (reason: Reason): string[] | undefined => {
    const next = nextStatus({ metadata }, [isFalse('Ready', reason, 'no')], {}, now);
    return (next?.['conditions'] as { type: string }[] | undefined)?.map(({ type }) => type);
  };

  it('is told beside a Ready that stays False until somebody changes something', () => {
    expect(typesOf('ScopeNotAllowed')).toEqual(['Ready', 'Stalled']);
  });

  it.each<Reason>(['IssuerUnavailable', 'NoTenantScope', 'ClientNotFound'])(
    'is not told of %s, which may pass by itself or with what is applied next',
    (reason) => {
      expect(typesOf(reason)).toEqual(['Ready']);
    },
  );
});
