// `make site`: the documentation as static pages, in dist/site. They need no server: open dist/site/index.html.
import { join } from 'node:path';
import { buildSite } from './site/build-site.ts';

const target = join(import.meta.dirname, '../dist/site');
const count = buildSite(join(import.meta.dirname, '..'), target);
console.log(`${count} pages and pictures: ${join(target, 'index.html')}`);
