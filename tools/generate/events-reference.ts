import { eventReasons } from '../../src/api/event-reasons.ts';
import { type GeneratedFile, generatedBy } from './generated-file.ts';
import { code, page, table } from './markdown.ts';

/** `docs/reference/events.md`: what `kubectl describe` shows below `Events`. */
export function eventsReference(): readonly GeneratedFile[] {
  const content = page(
    `<!-- ${generatedBy('src/api/event-reasons.ts')} -->`,
    '# Events',
    'The controller tells the owners of an object what happened to it, by Kubernetes events about it (`events.k8s.io/v1`, `reportingController: grantor.dev/controller`): `kubectl describe` shows them. Those of OAuthIssuers and TenantScopes are in the namespace `default`. The plug-in of a node tells those of a pod what became of its volume (`csi.grantor.dev`).',
    'Only changes are told: something was made, something stands in the way, all is well again. What lasts is told once, a restart repeats nothing, and the renewal of a token is no event, unless it is late. What happens again within ten minutes is counted in the event that there is. One object gets 25 events at once and one in five minutes, the whole cluster twenty a second; the metric `events_total` counts what is left out. The API server forgets events after an hour, so that no program should rely on them: the state is in the conditions, and what was done is in the [audit trail](audit.md).',
    '## Reasons',
    'A `Warning` has the reason and the message of the condition `Ready`, and its remedy is in [troubleshooting](../troubleshooting.md). So have, as `Normal`, `Registered`, `CredentialsWritten`, `SecretWritten`, `Discovered`, `Resolved` and `Ready`: [conditions and reasons](conditions-and-reasons.md). Of these acts no condition speaks:',
    table(
      ['reason', 'meaning'],
      Object.entries(eventReasons).map(([reason, meaning]) => [code(reason), meaning]),
    ),
  );
  return [{ path: 'docs/reference/events.md', content }];
}
