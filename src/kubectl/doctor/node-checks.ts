import { textAt } from '../../domain/pod-like.ts';
import type { DoctorFacts } from './doctor-facts.ts';
import { type Finding, fine, unknown, wrong } from './finding.ts';

type Check = (facts: DoctorFacts) => readonly Finding[];

const driver = 'csi.grantor.dev';

/** The kubelet is told what the plug-in lives by. */
const driverSaysSo: Check = ({ csiDriver, daemonSet }) => {
  if (!csiDriver.ok) return [unknown('csi', `CSIDriver ${driver}`, csiDriver.error)];
  const spec = csiDriver.value?.spec;
  if (spec === undefined)
    return daemonSet.ok && daemonSet.value === undefined
      ? []
      : [wrong('csi', `there is no CSIDriver ${driver}`, 'install the chart with node.enabled')];
  // The chart has it so before it is told of an issuer.
  if (spec.podInfoOnMount && spec.requiresRepublish && !spec.tokenRequests?.length)
    return [
      wrong(
        'csi',
        `CSIDriver ${driver} has kubelets bring no ServiceAccount tokens`,
        "name the audience of your issuer in the chart's value audiences",
      ),
    ];
  const missing = [
    ...(spec.podInfoOnMount ? [] : ['podInfoOnMount']),
    ...(spec.requiresRepublish ? [] : ['requiresRepublish']),
    ...((spec.tokenRequests ?? []).length > 0 ? [] : ['tokenRequests']),
  ];
  return missing.length === 0
    ? [fine('csi', `CSIDriver ${driver} says what the kubelet has to know`)]
    : [wrong('csi', `CSIDriver ${driver} lacks ${missing.join(', ')}`, 'install the chart again')];
};

/** Each node on which the plug-in runs knows it. */
const registeredOnNodes: Check = ({ csiNodes, pods, home }) => {
  if (!pods.ok) return [unknown('csi', `the pods of ${home}`, pods.error)];
  if (!csiNodes.ok) return [unknown('csi', 'what drivers the nodes know', csiNodes.error)];
  const nodes = (pods.value ?? []).flatMap(({ metadata, spec }) => {
    const node = spec === undefined ? undefined : textAt(spec, 'nodeName');
    const isOurs = metadata.labels?.['app.kubernetes.io/component'] === 'node';
    return isOurs && typeof node === 'string' ? [node] : [];
  });
  if (nodes.length === 0) return [];
  const knowing = new Set(
    (csiNodes.value ?? [])
      .filter(({ spec }) => spec?.drivers?.some(({ name }) => name === driver))
      .map(({ metadata }) => metadata.name),
  );
  const unregistered = nodes.filter((node) => !knowing.has(node));
  return unregistered.length === 0
    ? [fine('csi', `the kubelets of all ${nodes.length} nodes know ${driver}`)]
    : [
        wrong(
          'csi',
          `the kubelet does not know ${driver} on ${unregistered.slice(0, 5).join(', ')}${unregistered.length > 5 ? ` and ${unregistered.length - 5} more` : ''}`,
          `see the log of the plug-in there; where the kubelet's folder is not /var/lib/kubelet, set node.kubeletDir`,
        ),
      ];
};

export const nodeChecks: readonly Check[] = [driverSaysSo, registeredOnNodes];
