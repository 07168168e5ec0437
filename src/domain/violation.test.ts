import { describe, expect, it } from 'vitest';
import { violationsField } from '../api/violations-field.ts';
import { aboveCeiling, joinViolations, listed } from './violation.ts';

const scopes = (count: number): string[] => Array.from({ length: count }, (_, n) => `s${n + 1}`);
const tooMuch = (values: readonly string[], allowed: readonly string[]) =>
  aboveCeiling({
    reason: 'ScopeNotAllowed',
    by: 'TenantScope acme',
    field: 'spec.token.scopes',
    values,
    allowed,
  });

describe('a refusal', () => {
  it.each([
    [
      'says which object, which field, which value, and what would do',
      ['admin'],
      ['invoices.*', 'openid'],
      'spec.token.scopes: TenantScope acme does not allow admin; allowed: invoices.*, openid',
    ],
    [
      'says so when nothing would do',
      ['admin'],
      [],
      'spec.token.scopes: TenantScope acme does not allow admin; allowed: nothing',
    ],
    [
      'shows ten of a long list and counts the rest',
      ['admin'],
      scopes(12),
      'spec.token.scopes: TenantScope acme does not allow admin; allowed: s1, s2, s3, s4, s5, s6, s7, s8, s9, s10 and 2 more',
    ],
  ])('%s', (_, values, allowed, message) => {
    expect(tooMuch(values, allowed)).toEqual({
      reason: 'ScopeNotAllowed',
      field: 'spec.token.scopes',
      message,
    });
  });

  it('in many parts is one text that always fits into a condition', () => {
    const violations = scopes(3).map((value) => tooMuch([value], []));
    expect(joinViolations(violations).split('. ')).toHaveLength(3);
    const endless = Array.from({ length: 1000 }, () => tooMuch(scopes(64), scopes(64)));
    expect(joinViolations(endless)).toHaveLength(4096);
  });

  it('is a list in a status, which is left out when nothing is refused, and always fits', () => {
    expect(listed([])).toBeUndefined();
    expect(listed([tooMuch(['admin'], [])])).toEqual([tooMuch(['admin'], [])]);
    const long = tooMuch(
      Array.from({ length: 9 }, () => 'a'.repeat(128)),
      [],
    );
    const endless = listed(Array.from({ length: 1000 }, () => long));
    expect(violationsField.safeParse(endless).error).toBeUndefined();
    expect(endless).toHaveLength(32);
  });
});
