/** A panel of the dashboard. */
export interface Panel {
  readonly title: string;
  readonly description?: string;
  /** One number, or lines over time. */
  readonly shows: 'number' | 'lines' | 'areas';
  readonly unit: 'short' | 's' | 'percentunit' | 'ops' | 'bytes';
  /** Queries, each with what its lines are called: labels in `{{…}}`. */
  readonly queries: readonly (readonly [expr: string, legend: string])[];
  /** From which value on a number is a worry, and below which one. */
  readonly worry?: { readonly from?: number; readonly below?: number };
}

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

const of = 'issuer=~"$issuer"';
const both = `${of}, tenant=~"$tenant"`;
/** Both replicas of the controller tell of the same tokens and objects. */
const tokens = (more = ''): string => `max by (issuer, tenant, content) (grantor_tokens{${both}${more}})`;
const perSecond = (metric: string, labels = ''): string => `rate(${metric}{${labels}}[$__rate_interval])`;
const within = (metric: string, labels = ''): string => `increase(${metric}{${labels}}[$__rate_interval])`;
const quantile = (q: number, by: string, histogram: string, labels = ''): string =>
  `histogram_quantile(${q}, sum by (${by}, le) (${perSecond(`${histogram}_bucket`, labels)}))`;
const orNone = (query: string): string => `((${query}) or vector(0))`;

const late = orNone('sum(rate(grantor_token_remaining_ratio_bucket{le=~"0|0.0"}[24h]))');
/** What ended and was taken away before another one came. */
const ended = orNone('sum(rate(grantor_tokens_withdrawn_total{because="expired"}[24h]))');

/** The dashboard of charts/grantor/files/dashboard.json, from which that is made. */
export const rows: readonly Row[] = [
  {
    title: 'Overview',
    panels: [
      {
        title: 'Good tokens in Secrets',
        shows: 'number',
        unit: 'short',
        queries: [[orNone(`sum(${tokens(', content=~"Fresh|Late"')})`), 'tokens']],
      },
      {
        title: 'Good tokens in volumes',
        shows: 'number',
        unit: 'short',
        queries: [[orNone('sum(grantor_node_volumes{content=~"Fresh|Late"})'), 'tokens']],
      },
      {
        title: 'Late or expired',
        shows: 'number',
        unit: 'short',
        worry: { from: 1 },
        queries: [
          [
            `${orNone(`sum(${tokens(', content=~"Late|Expired"')})`)} + ${orNone('sum(grantor_node_volumes{content=~"Late|Expired"})')}`,
            'tokens',
          ],
        ],
      },
      {
        title: 'Replaced in time (24 h)',
        description: 'Share of the tokens that were replaced before they ended. The objective is 99.9 %.',
        shows: 'number',
        unit: 'percentunit',
        worry: { below: 0.999 },
        queries: [
          [
            `1 - (${late} + ${ended}) / (${orNone('sum(rate(grantor_token_remaining_ratio_count[24h]))')} + ${ended})`,
            'in time',
          ],
        ],
      },
      {
        title: 'Issuers not ready',
        shows: 'number',
        unit: 'short',
        worry: { from: 1 },
        queries: [[orNone('count(max by (issuer) (grantor_issuer_ready) == 0)'), 'issuers']],
      },
      {
        title: 'Leading controllers',
        shows: 'number',
        unit: 'short',
        worry: { below: 1 },
        queries: [['sum(leader_election_master_status{name="grantor-controller"})', 'leaders']],
      },
    ],
  },
  {
    title: 'Tokens',
    panels: [
      {
        title: 'Tokens in Secrets',
        shows: 'areas',
        unit: 'short',
        queries: [[`sum by (content) (${tokens()})`, '{{content}}']],
      },
      {
        title: 'Tokens delivered',
        shows: 'lines',
        unit: 'ops',
        queries: [[`sum by (issuer) (${perSecond('grantor_tokens_issued_total', both)})`, '{{issuer}}']],
      },
      {
        title: 'Share of life left when replaced',
        description: 'Of ten tokens one had less left than the lower line. At 0 they come too late.',
        shows: 'lines',
        unit: 'percentunit',
        queries: [
          [quantile(0.1, 'issuer', 'grantor_token_remaining_ratio', of), '{{issuer}}, lowest tenth'],
          [quantile(0.5, 'issuer', 'grantor_token_remaining_ratio', of), '{{issuer}}, half'],
        ],
      },
      {
        title: 'Refused and taken away',
        shows: 'lines',
        unit: 'short',
        queries: [
          [`sum by (reason) (${within('grantor_tokens_refused_total', both)})`, 'refused: {{reason}}'],
          [`sum by (because) (${within('grantor_tokens_withdrawn_total')})`, 'taken away: {{because}}'],
        ],
      },
    ],
  },
  {
    title: 'Issuers',
    panels: [
      {
        title: 'Requests by outcome',
        shows: 'areas',
        unit: 'ops',
        queries: [[`sum by (outcome) (${perSecond('grantor_issuer_requests_total', of)})`, '{{outcome}}']],
      },
      {
        title: 'Requests by operation',
        shows: 'lines',
        unit: 'ops',
        queries: [
          [`sum by (operation) (${perSecond('grantor_issuer_requests_total', of)})`, '{{operation}}'],
        ],
      },
      {
        title: 'Time of a request',
        description: 'Waiting for our own limits included.',
        shows: 'lines',
        unit: 's',
        queries: [
          [quantile(0.5, 'issuer', 'grantor_issuer_request_seconds', of), '{{issuer}}, half'],
          [quantile(0.99, 'issuer', 'grantor_issuer_request_seconds', of), '{{issuer}}, 99 of 100'],
        ],
      },
      {
        title: 'Not answering, not ready',
        shows: 'lines',
        unit: 'short',
        queries: [
          [`max by (issuer) (grantor_issuer_breaker_open{${of}})`, '{{issuer}} does not answer'],
          [`1 - max by (issuer) (grantor_issuer_ready{${of}})`, '{{issuer}} is not ready'],
        ],
      },
    ],
  },
  {
    title: 'Tenants and clients',
    panels: [
      {
        title: 'Tokens in Secrets by tenant',
        shows: 'areas',
        unit: 'short',
        queries: [[`sum by (tenant) (${tokens(', content!="Empty"')})`, '{{tenant}}']],
      },
      {
        title: 'Tokens delivered by tenant',
        shows: 'lines',
        unit: 'ops',
        queries: [[`sum by (tenant) (${perSecond('grantor_tokens_issued_total', both)})`, '{{tenant}}']],
      },
      {
        title: 'Objects that are not ready',
        shows: 'lines',
        unit: 'short',
        queries: [['max by (kind, reason) (grantor_objects{ready!="True"}) > 0', '{{kind}}: {{reason}}']],
      },
      {
        title: 'Credentials',
        shows: 'lines',
        unit: 'short',
        queries: [
          [`sum by (step) (${within('grantor_credential_rotations_total', of)})`, 'step: {{step}}'],
          [`max by (issuer) (grantor_rotations_overdue{${of}})`, 'overdue at {{issuer}}'],
          [`sum by (issuer) (${within('grantor_clients_drifted_total', of)})`, 'drift at {{issuer}}'],
          [`sum by (issuer) (${within('grantor_clients_lost_total', of)})`, 'lost by {{issuer}}'],
        ],
      },
    ],
  },
  {
    title: 'Nodes',
    panels: [
      {
        title: 'Volumes',
        shows: 'areas',
        unit: 'short',
        queries: [['sum by (content) (grantor_node_volumes)', '{{content}}']],
      },
      {
        title: 'Calls of kubelets',
        shows: 'lines',
        unit: 'ops',
        queries: [[`sum by (outcome) (${perSecond('grantor_node_publishes_total')})`, '{{outcome}}']],
      },
      {
        title: 'Renewals in volumes',
        shows: 'lines',
        unit: 'ops',
        queries: [[`sum by (outcome) (${perSecond('grantor_node_renewals_total', of)})`, '{{outcome}}']],
      },
      {
        title: 'Memory of the plug-ins',
        shows: 'lines',
        unit: 'bytes',
        queries: [
          [
            'process_resident_memory_bytes * on (instance) group_left () group by (instance) (grantor_build_info{component="node"})',
            '{{instance}}',
          ],
        ],
      },
    ],
  },
  {
    title: 'Controller',
    panels: [
      {
        title: 'Reconciles',
        shows: 'lines',
        unit: 'ops',
        queries: [
          [
            `sum by (controller, result) (${perSecond('controller_runtime_reconcile_total')})`,
            '{{controller}}: {{result}}',
          ],
        ],
      },
      {
        title: 'Time in the queue',
        shows: 'lines',
        unit: 's',
        queries: [
          [
            quantile(0.99, 'name', 'workqueue_queue_duration_seconds', 'priority!="resync"'),
            '{{name}}, 99 of 100',
          ],
        ],
      },
      {
        title: 'Time since the API server told of a kind',
        shows: 'lines',
        unit: 's',
        queries: [
          [
            'time() - min by (name) (informer_heard_timestamp_seconds * on (instance) group_left () group by (instance) (grantor_build_info{component="controller"}))',
            '{{name}}',
          ],
        ],
      },
      {
        title: 'Memory of the controllers',
        shows: 'lines',
        unit: 'bytes',
        queries: [
          [
            'process_resident_memory_bytes * on (instance) group_left () group by (instance) (grantor_build_info{component="controller"})',
            '{{instance}}',
          ],
        ],
      },
    ],
  },
];
