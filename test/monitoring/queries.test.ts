import { expect, test } from 'vitest';
import { faultsOf, knownMetrics } from './queries.ts';

const known = await knownMetrics();

test.each([
  ['sum by (issuer) (rate(grantor_tokens_issued_total{tenant="acme"}[5m]))'],
  ['histogram_quantile(0.99, sum by (issuer, le) (rate(grantor_issuer_request_seconds_bucket[10m]))) > 5'],
  ['max by (instance) (process_resident_memory_bytes)'],
  ['time() - min by (instance, name) (informer_heard_timestamp_seconds) > 300'],
])('%s asks for what there is', (query) => {
  expect(faultsOf(query, known)).toEqual([]);
});

test.each([
  ['rate(grantor_tokens_issue_total[5m])', 'there is no metric grantor_tokens_issue_total'],
  ['sum(grantor_tokens{phase="Late"})', 'grantor_tokens has no label phase'],
  ['rate(grantor_tokens[5m])', 'grantor_tokens does not count up'],
  ['sum(grantor_tokens_issued_total)', 'grantor_tokens_issued_total counts up: take its rate'],
  ['sum by (team) (grantor_tokens)', 'no metric of the query has a label team'],
  ['rate(grantor_issuer_request_seconds[5m])', 'there is no metric grantor_issuer_request_seconds'],
])('%s does not: %s', (query, fault) => {
  expect(faultsOf(query, known)).toEqual([fault]);
});
