import type { Metrics } from './metrics.ts';

/** The metrics of the product, beside those of the runtime. The only source of their part of docs/reference/metrics.md. */
export const grantorMetrics = {
  grantor_build_info: {
    type: 'gauge',
    labels: ['component', 'version'],
    help: 'Always 1: which program this is (controller, node), and its version.',
  },
  grantor_objects: {
    type: 'gauge',
    labels: ['kind', 'ready', 'reason'],
    help: 'Objects of a kind by status and reason of their condition Ready; Unknown and Pending while they have none.',
  },
  grantor_issuer_ready: {
    type: 'gauge',
    labels: ['issuer'],
    help: '1 while the OAuthIssuer is Ready, else 0.',
  },
  grantor_tokens: {
    type: 'gauge',
    labels: ['issuer', 'tenant', 'content'],
    help: 'Granted bindings with a Secret by what is in it: a token that is Fresh; one that is Late to be renewed; one that has Expired; nothing (Empty).',
  },
  grantor_rotations_overdue: {
    type: 'gauge',
    labels: ['issuer'],
    help: 'Clients whose credential has waited for more than an hour for the next step of its rotation.',
  },
  grantor_tokens_issued_total: {
    type: 'counter',
    labels: ['issuer', 'tenant'],
    help: 'Tokens that passed every check and were delivered.',
  },
  grantor_tokens_refused_total: {
    type: 'counter',
    labels: ['issuer', 'tenant', 'reason'],
    help: 'Tokens that the issuer gave and that were not delivered.',
  },
  grantor_tokens_withdrawn_total: {
    type: 'counter',
    labels: ['because'],
    help: 'Tokens that were taken away: Secrets that were removed, volumes that were emptied.',
  },
  grantor_secrets_tampered_total: {
    type: 'counter',
    labels: ['type'],
    help: 'Secrets of ours whose data somebody else had changed, and which were removed.',
  },
  grantor_credential_rotations_total: {
    type: 'counter',
    labels: ['issuer', 'step'],
    help: 'Steps of rotations of credentials: begin, promote, retire, end; or abandon, and forget where a client changed its way to log in.',
  },
  grantor_clients_drifted_total: {
    type: 'counter',
    labels: ['issuer'],
    help: 'Looks at a client that found it at its issuer as something else than is wanted.',
  },
  grantor_clients_lost_total: {
    type: 'counter',
    labels: ['issuer'],
    help: 'Clients that their issuer did not know any more, as after a restart of it that lost what it kept.',
  },
  grantor_credential_rotations_deferred_total: {
    type: 'counter',
    labels: ['issuer'],
    help: 'Rotations that had to wait for others of the same issuer (limits.rotationSpacing).',
  },
  grantor_orphans_deregistered_total: {
    type: 'counter',
    labels: ['issuer'],
    help: 'Clients with a mark of this cluster that nobody here knew of, and that were deleted at their issuer.',
  },
  grantor_token_remaining_ratio: {
    type: 'histogram',
    labels: ['issuer'],
    help: 'Share of its life that a token had left when its successor was delivered.',
    buckets: [0, 0.05, 0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.75, 1],
  },
  grantor_issuer_requests_total: {
    type: 'counter',
    labels: ['issuer', 'operation', 'outcome'],
    help: 'Calls at an issuer by operation and outcome.',
  },
  grantor_issuer_request_seconds: {
    type: 'histogram',
    labels: ['issuer', 'operation'],
    help: 'Time of one call at an issuer, waiting for our own limits included.',
    buckets: [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10],
  },
  grantor_issuer_breaker_open: {
    type: 'gauge',
    labels: ['issuer'],
    help: '1 while this process sends the issuer nothing, or one question at a time, because it failed several times in a row; else 0.',
  },
  grantor_node_volumes: {
    type: 'gauge',
    labels: ['content'],
    help: 'Volumes of pods on this node by what is in them: a token that is Fresh; one that is Late to be renewed; one that has Expired; nothing (Empty).',
  },
  grantor_node_publishes_total: {
    type: 'counter',
    labels: ['outcome'],
    help: 'NodePublishVolume calls: Published, Repeated, Overlooked (a repeated one that cannot be read), or the status that they failed with.',
  },
  grantor_node_renewals_total: {
    type: 'counter',
    labels: ['issuer', 'outcome'],
    help: 'Attempts at a token for a volume that a pod has already: Renewed, or the reason why not.',
  },
  grantor_node_volumes_leaked_total: {
    type: 'counter',
    labels: [],
    help: 'Volumes that were removed because their pod was gone without a call for it.',
  },
} as const;

export type GrantorMetrics = Metrics<typeof grantorMetrics>;
