import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { faultsOf } from '../../test/audit/audit-lines.ts';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { systemRng } from '../std/rng.ts';
import { type AuditEvent, createAudit } from './audit.ts';
import { type AuditLine, auditActs, auditData, auditTypeOf } from './audit-schema.ts';

const event: AuditEvent = {
  act: 'issue',
  outcome: 'success',
  object: 'WorkloadIdentityBinding a/b',
  correlationID: 'c-1',
};

function written(of: AuditEvent): string {
  const lines: string[] = [];
  const stream = { write: (line: string) => void lines.push(line) };
  createAudit({ source: '/nodes/n-1', clock: new FakeClock(), rng: systemRng, stream })(of);
  expect(lines).toHaveLength(1);
  return lines[0]!;
}

describe('the audit trail', () => {
  it('is one CloudEvent in each line', () => {
    const line = written(event);
    expect(line.endsWith('}\n')).toBe(true);
    expect(faultsOf(line)).toEqual([]);
    expect(JSON.parse(line)).toEqual({
      specversion: '1.0',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      source: '/nodes/n-1',
      type: 'dev.grantor.token.issue.v1',
      subject: 'WorkloadIdentityBinding a/b',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z$/),
      datacontenttype: 'application/json',
      dataschema: 'https://grantor.dev/schemas/audit-v1.json#/properties/data',
      data: { outcome: 'success', correlationID: 'c-1' },
    });
  });

  it('gives each line an id of its own, and cuts what an issuer was long about', () => {
    const [one, two] = [event, { ...event, detail: 'x'.repeat(5000) }].map(
      (of) => JSON.parse(written(of)) as AuditLine,
    );
    expect(one?.id).not.toBe(two?.id);
    expect(two?.data.detail).toHaveLength(1024);
  });

  it('has no field that its schema does not have: who adds one finds out here', () => {
    const odd = { ...event, password: 'x' } as AuditEvent;
    expect(faultsOf(written(odd))).toEqual([expect.stringContaining('password')]);
  });
});

describe('version 1 of the audit trail', () => {
  const lines = readFileSync(join(import.meta.dirname, '../../test/audit/v1.jsonl'), 'utf8')
    .trim()
    .split('\n');

  it('is what it was: lines that were once written go on being valid', () => {
    expect(lines.flatMap(faultsOf)).toEqual([]);
  });

  it('has a line of each act, and each field in one of them', () => {
    const read = lines.map((line) => JSON.parse(line) as AuditLine);
    const acts = Object.keys(auditActs) as (keyof typeof auditActs)[];
    expect(new Set(read.map(({ type }) => type))).toEqual(new Set(acts.map(auditTypeOf)));
    expect(new Set(read.flatMap(({ data }) => Object.keys(data)))).toEqual(
      new Set(Object.keys(auditData.shape)),
    );
  });
});
