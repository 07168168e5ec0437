/** What stands in the place of a name of one's own, and what that is on the cluster of the quickstart. */
const names: readonly (readonly [RegExp, string])[] = [
  [/\bKIND\/NAME\b/g, 'wib/billing-api'],
  [/\b(oauthissuer[ /])NAME\b/g, '$1embedded'],
  [/\b(oauthclient[ /])NAME\b/g, '$1billing'],
  [/\b(wib[ /])NAME\b/g, '$1billing-api'],
  [/\b(pod )NAME\b/g, '$1billing'],
  [/(-n |--namespace=)NAMESPACE\b/g, '$1acme-prod'],
  [/\bPOD\b/g, 'billing'],
  [/\bUSER\b/g, 'jane'],
  [/\bSHELL\b/g, 'bash'],
  // The audit log of the API server.
  [/\baudit\.log\b/g, '"$HOME/cluster/audit.log"'],
  // Of `make demo`, and of a tenant that has gone by then.
  [/\bwib greedy\b/g, 'wib billing-api'],
  [/\bglobex-prod\b/g, 'acme-prod'],
  // What a sentence leaves out, or to the reader.
  [/ …|[[\]]/g, ''],
];

/** How a command is run there: as it is, so that it changes nothing, or so that only its words are looked at. */
type Run = (command: string) => string;

const asItIs: Run = (command) => command;
const plus =
  (flags: string): Run =>
  (command) =>
    `${command} ${flags}`;
/** Helm and kubectl complain of flags that they do not know before they help. */
const itsWords = plus('--help');
const saying =
  (text: string): Run =>
  (command) =>
    `{ ${command} 2>&1 || true; } | grep -E '${text}'`;

/** With 1 the plug-in says that something wants attention. */
const orAttention = plus('|| test $? -eq 1');

const kubectl = (verbs: string): RegExp =>
  new RegExp(String.raw`^kubectl(?: -n \S+| --[\w-]+=\S+| --namespace \S+)* (?:${verbs})\b`);

/** How commands are run, by what they look like; the first that fits. */
const ways: readonly (readonly [RegExp, Run])[] = [
  [/^grantor \w+$/, (command) => `node src/cmd/${command.replace(' ', '.ts ')} --help`],
  [/ --help$/, asItIs],
  // What it is about is left out.
  [/^kubectl (?:grantor|(?:annotate|apply|delete|describe|logs)(?: --\S+)*)$/, itsWords],
  [/^kubectl grantor (?:explain|revoke|rotate)$/, itsWords],
  [/^kubectl grantor (?:status|tree|explain|doctor)\b/, orAttention],
  [/^kubectl grantor revoke\b/, plus('--yes --no-wait')],
  // All clients there log in with ServiceAccount tokens.
  [/^kubectl grantor rotate\b/, saying('no credential')],
  [/^kubectl grantor support-bundle\b/, plus('--file "$LOGS/bundle.tar.gz"')],
  [/^kubectl grantor completion\b/, asItIs],
  // No container has ended there.
  [/ --previous$/, saying('previous terminated container')],
  [kubectl('auth can-i'), saying('^(yes|no|Resources )')],
  [kubectl('get|describe|logs|rollout status'), asItIs],
  [kubectl('create'), plus('--dry-run=client')],
  [kubectl('delete'), plus('--dry-run=server --ignore-not-found')],
  [kubectl('annotate|apply|label'), plus('--dry-run=server')],
  [/^helm get\b/, asItIs],
  [/^helm package \S/, plus('--destination "$LOGS"')],
  [/^helm (?:install|package|rollback|uninstall|upgrade)\b/, itsWords],
  [/^jq\b/, asItIs],
  // What is looked for in a log is something that the program writes.
  [/^grep\b/, (command) => `${command.replace('grep', 'grep -rqF')} src docs/reference`],
];

/** The command as it is run on the cluster of the quickstart, about what is there; undefined if nothing is known of how to. */
export function onCluster(command: string): string | undefined {
  const way = ways.find(([of]) => of.test(command))?.[1];
  return way?.(names.reduce((text, [pattern, name]) => text.replaceAll(pattern, name), command));
}
