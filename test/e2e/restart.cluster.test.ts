import { beforeAll, describe, expect, test } from 'vitest';
import { readAudit } from '../cluster/audit-log.ts';
import { type Manifest, readManifests } from '../stage/manifests.ts';
import { root } from '../stage/stage.ts';
import { kindOf, look } from './look.ts';
import { settled, unnecessary } from './unnecessary.ts';
import { onOwnControlPlane, useStage } from './use-stage.ts';

/** Lives, and times between looks at an issuer, that are long enough for nothing to be due in this test. */
function longLived(manifest: Manifest): Manifest {
  const spec: { readonly tokens?: object } | undefined = manifest.spec;
  if (manifest.kind === 'OAuthIssuer') return { ...manifest, spec: { ...spec, resyncInterval: '24h' } };
  if (manifest.kind === 'OAuthClient') return { ...manifest, spec: { ...spec, accessTokenLifetime: '24h' } };
  if (manifest.kind !== 'TenantScope') return manifest;
  return { ...manifest, spec: { ...spec, tokens: { ...spec?.tokens, maxLifetime: '24h' } } };
}

describe.runIf(onOwnControlPlane())('kill -9', () => {
  const stage = useStage();
  const see = look(stage);

  beforeAll(async () => {
    await stage.apply(readManifests(`${root}/examples/quickstart`).map(longLived));
    for (const { metadata } of await see.list(kindOf.binding)) {
      const ready = metadata.name === 'greedy' ? 'False ScopeNotAllowed' : 'True';
      await see.until('binding', `${metadata.namespace}/${metadata.name}`, ready);
    }
    await settled(stage.controller);
  });

  test('a controller that is killed and started again asks for nothing and writes nothing but its Lease', async () => {
    await stage.controller.program.end('SIGKILL');
    const { offset } = readAudit(stage.controlPlane.auditLog);
    const asked = stage.proxy.requests.length;
    await stage.startController();
    await stage.controller.program.says(/"msg":"leading"/, 17_000);
    await settled(stage.controller, 11);
    expect(unnecessary(stage, { auditOffset: offset, asked })).toEqual({ writes: {}, calls: [] });
  }, 60_000);

  test('SIGTERM ends a controller within 5 s, and gives the Lease back', async () => {
    const before = Date.now();
    await stage.controller.program.end('SIGTERM');
    expect(Date.now() - before).toBeLessThan(5000);
    expect(stage.controller.program.log()).toContain('"msg":"leadership given back"');
    expect(stage.controller.program.exitCode).toBe(0);
  });
});
