import { describe, expect, it } from 'vitest';
import { chosenClientID, isOwn } from './client-id.ts';

const mark = (uid = 'u1', name = 'billing', namespace = 'acme', cluster = 'c1'): string =>
  `grantor:${cluster}:${namespace}:${name}:${uid}`;

describe('the id that is chosen for a client', () => {
  it('can be read, and is the same for the same name whatever its UID', () => {
    expect(chosenClientID(mark())).toMatchInlineSnapshot(`"grantor-acme-billing-fdb5e85cb4aa"`);
    expect(chosenClientID(mark('u2'))).toBe(chosenClientID(mark()));
  });

  it.each([
    ['cluster', mark('u1', 'billing', 'acme', 'c2')],
    ['namespace', mark('u1', 'billing', 'globex')],
    ['name', mark('u1', 'invoices')],
    ['boundary between namespace and name', mark('u1', 'billing', 'acme-x')],
  ])('is another for another %s', (_, other) => {
    expect(chosenClientID(other)).not.toBe(chosenClientID(mark()));
  });

  it('is never too long for a server, and two long names stay apart', () => {
    const long = mark('u1', 'n'.repeat(253), 's'.repeat(63));
    expect(chosenClientID(long).length).toBeLessThanOrEqual(125);
    expect(chosenClientID(long)).not.toBe(chosenClientID(mark('u1', `${'n'.repeat(252)}m`, 's'.repeat(63))));
    expect(chosenClientID(mark('u1', 'x-billing', 'acme'))).not.toBe(
      chosenClientID(mark('u1', 'billing', 'acme-x')),
    );
  });

  it('does not depend on what a cluster calls itself', () => {
    expect(chosenClientID(mark('u1', 'billing', 'acme', 'prod:eu:1'))).toMatch(/^grantor-acme-billing-/);
  });
});

describe('a client that is found under the id of a wanted one', () => {
  const wanted = { mark: mark('u2'), tenantID: 'acme' };
  it.each([
    ['bears its mark', mark('u2'), 'globex', true],
    ['is that of a predecessor', mark('u1'), 'acme', true],
    ['is that of a predecessor without rights', mark('u1'), 'withdrawn', true],
    ['is that of a predecessor of another tenant', mark('u1'), 'globex', false],
    ['is of another cluster', mark('u1', 'billing', 'acme', 'c2'), 'acme', false],
    ['bears no mark', '', 'acme', false],
    ['bears a mark of somebody else', 'terraform', 'acme', false],
  ])('%s', (_, found, tenantID, own) => {
    expect(isOwn({ mark: found, tenantID }, wanted)).toBe(own);
  });

  it('may be taken its rights, whoever had them', () => {
    expect(isOwn({ mark: mark('u1'), tenantID: 'globex' }, { ...wanted, tenantID: 'withdrawn' })).toBe(true);
  });
});
