import { kinds } from '../../api/kinds.ts';
import { namespaceKind } from '../../kube/core-kinds.ts';
import { contextsOf } from '../../kube/kubeconfig.ts';
import { listAll } from '../../kubectl/list-all.ts';
import { namesOf, shown } from '../../kubectl/object-name.ts';
import { seconds } from '../../std/duration.ts';
import type { CompletionSource, Written } from './complete.ts';
import { filesOf, openSession } from './open-session.ts';
import { processTerminal } from './process-terminal.ts';

/** Somebody who presses Tab does not wait longer. */
const patience = seconds(3);

/** Names for completion, from the cluster that the flags name which were written before. */
export function clusterNames(written: Written): CompletionSource {
  const session = () =>
    openSession(
      { ...written, allNamespaces: written['allNamespaces'] !== undefined, requestTimeout: patience },
      processTerminal(process),
    );
  return {
    contexts: () => contextsOf(filesOf(written['kubeconfig'])),
    async namespaces() {
      const found = await listAll(await session(), namespaceKind, undefined, { metadataOnly: true });
      return found.ok ? found.value.map(({ metadata }) => metadata.name) : [];
    },
    async objects(begun) {
      const [word = '', name] = begun.split('/');
      if (name === undefined) return kinds.map(({ kind }) => `${kind.toLowerCase()}/`);
      const kind = kinds.find((one) => namesOf(one).includes(word));
      if (kind === undefined) return [];
      const open = await session();
      const namespace = kind.namespaced ? open.namespace : undefined;
      const found = await listAll(open, kind, namespace, { metadataOnly: true });
      return found.ok ? found.value.map(({ metadata }) => shown(word, metadata.name)) : [];
    },
  };
}
