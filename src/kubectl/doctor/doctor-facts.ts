import type { KubeObject } from '../../kube/objects.ts';
import type { Lease } from '../../runtime/lease.ts';
import type { Instant } from '../../std/instant.ts';
import type { Result } from '../../std/result.ts';
import type { Complaint } from '../complaint.ts';
import type { Pod } from '../deliveries.ts';
import type { Survey } from '../survey.ts';

/** Something that was looked at, or why it could not be; undefined where it is not there. */
export type Seen<T> = Result<T | undefined, Complaint>;

export interface Deployment extends KubeObject {
  readonly spec?: {
    readonly replicas?: number;
    readonly template?: { readonly spec?: { readonly containers?: readonly { readonly image?: string }[] } };
  };
  readonly status?: { readonly availableReplicas?: number; readonly observedGeneration?: number };
}

export interface DaemonSet extends KubeObject {
  readonly status?: { readonly desiredNumberScheduled?: number; readonly numberAvailable?: number };
}

export interface CSIDriver extends KubeObject {
  readonly spec?: {
    readonly podInfoOnMount?: boolean;
    readonly requiresRepublish?: boolean;
    readonly tokenRequests?: readonly { readonly audience: string; readonly expirationSeconds?: number }[];
  };
}

export interface CSINode extends KubeObject {
  readonly spec?: { readonly drivers?: readonly { readonly name: string }[] };
}

/** A right of one of our ServiceAccounts that it needs and has not. */
export interface MissingRight {
  readonly serviceAccount: string;
  readonly right: string;
}

/** Everything that the checks rest on. */
export interface DoctorFacts {
  /** Grantor's own namespace. */
  readonly home: string;
  readonly version: string;
  /** By the clock of this machine, when the API server told its own. */
  readonly localTime: Instant;
  readonly serverTime: Seen<Instant>;
  /** Plurals that the API server serves in our version of our group. */
  readonly served: Seen<readonly string[]>;
  /** Of which releases the definitions of our kinds are, as far as the chart brought them. */
  readonly definitions: Seen<readonly string[]>;
  readonly deployment: Seen<Deployment>;
  readonly lease: Seen<Lease>;
  readonly daemonSet: Seen<DaemonSet>;
  readonly csiDriver: Seen<CSIDriver>;
  readonly csiNodes: Seen<readonly CSINode[]>;
  /** Pods in Grantor's own namespace. */
  readonly pods: Seen<readonly Pod[]>;
  /** Values of ConfigMap grantor-audiences. */
  readonly audiences: Seen<readonly string[]>;
  /** Names of the ValidatingAdmissionPolicies that are bound. */
  readonly policies: Seen<readonly string[]>;
  readonly survey: Result<Survey, Complaint>;
  /** What whoever looks may not do of what this tool does. */
  readonly ownRights: Seen<readonly string[]>;
  readonly missingRights: Seen<readonly MissingRight[]>;
}
