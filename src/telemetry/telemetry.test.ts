import { afterEach, describe, expect, it } from 'vitest';
import { runtimeMetrics } from '../runtime/runtime-metrics.ts';
import { Secret } from '../std/secret.ts';
import { grantorMetrics } from './grantor-metrics.ts';
import { createLog } from './log.ts';
import { createMetrics } from './metrics.ts';
import { type ProbeServer, startProbeServer } from './probe-server.ts';

const lines: string[] = [];
const log = createLog('info', { write: (line) => void lines.push(line) });

describe('the log', () => {
  it('shows of an error what it says, and nothing that came with it', () => {
    const cause = new Error('body: {"access_token":"hunter2"}');
    const error = Object.assign(new Error('token request failed', { cause }), {
      code: 'E1',
      body: 'hunter2',
    });
    log.warn({ error, secret: new Secret('hunter2') }, 'no token');
    expect(lines.at(-1)).toContain('"message":"token request failed","code":"E1"');
    expect(lines.at(-1)).not.toContain('hunter2');
  });

  it('is quiet below its level', () => {
    const before = lines.length;
    log.debug({}, 'detail');
    expect(lines).toHaveLength(before);
  });
});

describe('the probes', () => {
  let server: ProbeServer | undefined;
  afterEach(() => server?.close());

  it('say what is alive, what is waited for, what is known beside, and the metrics', async () => {
    const metrics = createMetrics({ ...runtimeMetrics, ...grantorMetrics });
    metrics.count('grantor_tokens_issued_total', { issuer: 'login', tenant: 'acme' }, 2);
    metrics.observe('grantor_issuer_request_seconds', { issuer: 'login', operation: 'requestToken' }, 0.02);
    metrics.set('workqueue_depth', { name: 'x', priority: 'due' }, 3);
    let waiting = ['waiting for oauthclients to sync'];
    server = await startProbeServer({
      host: '127.0.0.1',
      port: 0,
      metrics,
      notReady: () => waiting,
      notes: () => ['OAuthIssuer login: IssuerUnavailable'],
    });
    const get = async (path: string, init?: RequestInit) => {
      const answer = await fetch(`${server?.url}${path}`, init);
      return `${answer.status} ${await answer.text()}`;
    };
    expect(await get('/healthz')).toBe('200 ok\n');
    expect(await get('/readyz')).toBe('503 waiting for oauthclients to sync\n');
    waiting = [];
    expect(await get('/readyz')).toBe('200 ok\nOAuthIssuer login: IssuerUnavailable\n');
    const page = await get('/metrics');
    expect(page).toContain('grantor_tokens_issued_total{issuer="login",tenant="acme"} 2');
    expect(page).toContain('workqueue_depth{name="x",priority="due"} 3');
    expect(await get('/')).toMatch(/^404 /);
    expect(await get('/healthz', { method: 'POST' })).toMatch(/^405 /);
  });

  it('say why a program should be started anew that has more to look after than its process', async () => {
    const answers = [
      () => Promise.resolve(undefined),
      () => Promise.resolve('nobody answers'),
      () => Promise.reject(new Error('secret')),
    ];
    server = await startProbeServer({
      host: '127.0.0.1',
      port: 0,
      metrics: createMetrics({}),
      notReady: () => [],
      unhealthy: () => answers.shift()?.() ?? Promise.resolve(undefined),
    });
    const told: string[] = [];
    for (let n = 0; n < 3; n++) {
      const answer = await fetch(`${server.url}/healthz`);
      told.push(`${answer.status} ${await answer.text()}`);
    }
    expect(told).toEqual(['200 ok\n', '500 nobody answers\n', '500 the look at itself failed\n']);
  });

  it('say in one sentence that their address is taken', async () => {
    const options = { host: '127.0.0.1', metrics: createMetrics({}), notReady: () => [] };
    server = await startProbeServer({ ...options, port: 0 });
    const port = Number(new URL(server.url).port);
    await expect(startProbeServer({ ...options, port })).rejects.toMatchObject({ code: 'PROBES_LISTEN' });
  });
});
