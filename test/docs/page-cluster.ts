import { appendFileSync, chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundlePlugIn } from '../../tools/bundle/bundle-plug-in.ts';
import { valuesForOurNodes } from '../chart/values.ts';
import { type ControlPlane, startControlPlane } from '../cluster/control-plane.ts';
import { provideBusybox } from '../cluster/node/busybox-image.ts';
import { addressOfNode } from '../cluster/node/chart-values.ts';
import { startNodes } from '../cluster/node/start-nodes.ts';
import { ensureGoTool } from '../provision/go-tool.ts';
import type { Report } from '../provision/progress.ts';
import { helm } from '../tools/helm/helm.ts';

/** What somebody has who follows a page. */
export interface PageCluster {
  readonly controlPlane: ControlPlane;
  /** A folder for the PATH, with kubectl and, where there are nodes, Helm and the plug-in of kubectl. */
  readonly programs: string;
}

/** A control plane, and with nodes what a page takes for granted: Helm, an image that pods can run, and the name of the embedded issuer. */
export async function startPageCluster(dir: string, nodes: number, report: Report): Promise<PageCluster> {
  const controlPlane = await startControlPlane({ dir: join(dir, 'cluster'), report });
  const programs = join(dir, 'programs');
  mkdirSync(programs);
  symlinkSync(controlPlane.kubectl, join(programs, 'kubectl'));
  if (nodes > 0) {
    const started = await startNodes(controlPlane, { count: nodes, report });
    await provideBusybox(started, dir, report);
    await nameIssuer(controlPlane);
    await provideHelm(controlPlane, programs, report);
    await bundlePlugIn(join(programs, 'kubectl-grantor'));
  }
  return { controlPlane, programs };
}

/** There is no DNS on our nodes. The hosts file is that of the page's own mount namespace. */
async function nameIssuer(controlPlane: ControlPlane): Promise<void> {
  const address = await addressOfNode(controlPlane, 'node1');
  appendFileSync('/etc/hosts', `\n${address} grantor-issuer.grantor-system.svc\n`);
}

/** Helm with what a person sets whose nodes are like ours: no registry, no network of pods, no Services. */
async function provideHelm(controlPlane: ControlPlane, programs: string, report: Report): Promise<void> {
  const program = await ensureGoTool(helm, report);
  const values = {
    ...valuesForOurNodes(controlPlane),
    issuer: { port: 443, nodeSelector: { 'kubernetes.io/hostname': 'node1' } },
  };
  const file = join(programs, 'values.json');
  writeFileSync(file, JSON.stringify(values));
  const script = `#!/bin/sh
case "$1" in
install | upgrade) exec '${program}' "$@" --values '${file}' ;;
*) exec '${program}' "$@" ;;
esac
`;
  writeFileSync(join(programs, 'helm'), script);
  chmodSync(join(programs, 'helm'), 0o755);
}
