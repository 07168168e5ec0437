/** Buckets for times, in seconds. */
const durations = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60];

/**
 * What the runtime counts. Names are controller-runtime's and client-go's where they mean the same, so that dashboards made for
 * those work here.
 */
export const runtimeMetrics = {
  controller_runtime_reconcile_total: {
    type: 'counter',
    labels: ['controller', 'result'],
    help: 'Reconciles by result: success, requeue_after, error, stuck.',
  },
  controller_runtime_reconcile_errors_total: {
    type: 'counter',
    labels: ['controller'],
    help: 'Reconciles that failed.',
  },
  controller_runtime_reconcile_panics_total: {
    type: 'counter',
    labels: ['controller'],
    help: 'Reconciles that threw.',
  },
  controller_runtime_reconcile_timeouts_total: {
    type: 'counter',
    labels: ['controller'],
    help: 'Reconciles that ignored that their time was up.',
  },
  controller_runtime_reconcile_time_seconds: {
    type: 'histogram',
    labels: ['controller'],
    help: 'Time of one reconcile.',
    buckets: durations,
  },
  controller_runtime_active_workers: {
    type: 'gauge',
    labels: ['controller'],
    help: 'Reconciles under way.',
  },
  controller_runtime_max_concurrent_reconciles: {
    type: 'gauge',
    labels: ['controller'],
    help: 'Reconciles that may be under way at a time.',
  },
  workqueue_depth: {
    type: 'gauge',
    labels: ['name', 'priority'],
    help: 'Keys that are ready to be worked on.',
  },
  workqueue_adds_total: {
    type: 'counter',
    labels: ['name'],
    help: 'Keys that became ready.',
  },
  workqueue_retries_total: {
    type: 'counter',
    labels: ['name'],
    help: 'Keys that failed and wait for another try.',
  },
  workqueue_queue_duration_seconds: {
    type: 'histogram',
    labels: ['name', 'priority'],
    help: 'Time from being ready to being worked on.',
    buckets: durations,
  },
  workqueue_work_duration_seconds: {
    type: 'histogram',
    labels: ['name'],
    help: 'Time of the work on one key.',
    buckets: durations,
  },
  leader_election_master_status: {
    type: 'gauge',
    labels: ['name'],
    help: '1 while this process leads, else 0.',
  },
  reflector_lists_total: {
    type: 'counter',
    labels: ['name'],
    help: 'Complete lists that were begun.',
  },
  reflector_watches_total: {
    type: 'counter',
    labels: ['name'],
    help: 'Watches that were begun.',
  },
  reflector_failures_total: {
    type: 'counter',
    labels: ['name', 'kind'],
    help: 'Lists and watches that failed, by kind of failure.',
  },
  informer_heard_timestamp_seconds: {
    type: 'gauge',
    labels: ['name'],
    help: 'When the API server last told of this kind, be it that nothing changed (Unix time). Bookmarks come each minute while a watch lives.',
  },
  informer_malformed_objects_total: {
    type: 'counter',
    labels: ['name'],
    help: 'Objects that could not be read at all and are treated as absent.',
  },
  informer_handler_errors_total: {
    type: 'counter',
    labels: ['name'],
    help: 'Handlers of changes that threw.',
  },
  informer_objects: {
    type: 'gauge',
    labels: ['name'],
    help: 'Objects in the store.',
  },
  events_total: {
    type: 'counter',
    labels: ['outcome'],
    help: 'Events about objects and pods: Sent, Failed at the API server, or Dropped because too many were waiting or one object had too many.',
  },
} as const;

type Catalogue = typeof runtimeMetrics;
type NameOf<Type extends string> = {
  [Name in keyof Catalogue]: Catalogue[Name]['type'] extends Type ? Name : never;
}[keyof Catalogue];
type LabelsOf<Name extends keyof Catalogue> = Readonly<Record<Catalogue[Name]['labels'][number], string>>;

/** Where the runtime's numbers go. Telemetry implements it from the catalogue above. */
export interface RuntimeMetrics {
  count<Name extends NameOf<'counter'>>(name: Name, labels: LabelsOf<Name>, by?: number): void;
  set<Name extends NameOf<'gauge'>>(name: Name, labels: LabelsOf<Name>, value: number): void;
  /** What these labels stand for is gone, and shows nothing any more. */
  drop<Name extends NameOf<'gauge'>>(name: Name, labels: LabelsOf<Name>): void;
  observe<Name extends NameOf<'histogram'>>(name: Name, labels: LabelsOf<Name>, seconds: number): void;
}
