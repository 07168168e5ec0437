import { expect } from 'vitest';
import type { TestStage } from '../e2e/use-stage.ts';
import { type ApiRequest, beginsList, followedBy } from '../stage/api-proxy/api-request.ts';

/** What the controller did since a moment, by the record of the proxy. */
export interface Since {
  requests(): readonly ApiRequest[];
  /** How often each reflector began a complete list; those that didn't are left out. */
  lists(): Readonly<Record<string, number>>;
  /** The process is the one that it was, and no reflector listed more than once. */
  expectAlive(): void;
}

/** From now on. */
export function since({ api, controller: { program } }: TestStage): Since {
  const { pid } = program;
  const from = api.requests.length;
  const requests = (): readonly ApiRequest[] => api.requests.slice(from);
  const lists = (): Record<string, number> => {
    const counts: Record<string, number> = {};
    for (const request of requests().filter(beginsList)) {
      const followed = followedBy(request);
      counts[followed] = (counts[followed] ?? 0) + 1;
    }
    return counts;
  };
  return {
    requests,
    lists,
    expectAlive() {
      expect({ pid: program.pid, running: program.running }).toEqual({ pid, running: true });
      expect(program.log()).not.toMatch(/"msg":"[^"]*(threw|broke|defect)/);
      for (const [followed, count] of Object.entries(lists())) {
        expect(count, `lists of ${followed}`).toBeLessThanOrEqual(1);
      }
    },
  };
}
