import type { Terminal } from '../../src/kubectl/terminal.ts';

export interface RecordingTerminal extends Terminal {
  /** All that was printed on standard output. */
  readonly printed: string;
  /** Lines of standard error. */
  readonly complaints: readonly string[];
  /** What a person saw pass by. */
  readonly statuses: readonly string[];
  /** How often the output was begun anew. */
  readonly renewals: number;
}

/** A terminal that keeps everything. `answer` is what the person types, if one sits there. */
export function recordingTerminal({
  interactive = false,
  colours = false,
  answer,
}: {
  interactive?: boolean;
  colours?: boolean;
  answer?: string;
} = {}): RecordingTerminal {
  const lines: string[] = [];
  const complaints: string[] = [];
  const statuses: string[] = [];
  let renewals = 0;
  return {
    interactive,
    colours,
    out: (text) => void lines.push(text),
    err: (text) => void complaints.push(text),
    status: (text) => void statuses.push(text),
    renew: () => void renewals++,
    ask: (question) => {
      complaints.push(question);
      return Promise.resolve(answer);
    },
    get printed() {
      return lines.map((line) => `${line}\n`).join('');
    },
    get complaints() {
      return complaints;
    },
    get statuses() {
      return statuses;
    },
    get renewals() {
      return renewals;
    },
  };
}
