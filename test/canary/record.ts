// A preload (`node --import`) for programs under test: every value that is put into a `Secret` is written to a file of the run.
// The program itself knows nothing of it and has no switch for it.
import { registerHooks } from 'node:module';
import { makesSecrets, recordingSecret } from './recording-secret.ts';

registerHooks({
  load(url, context, nextLoad) {
    if (!makesSecrets(url)) return nextLoad(url, context);
    return { format: 'module', source: recordingSecret(url), shortCircuit: true };
  },
});
