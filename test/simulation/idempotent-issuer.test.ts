import { itKeepsItsPromises } from './keeps-its-promises.ts';

itKeepsItsPromises('an issuer that finds our clients by their mark', 'idempotent');
