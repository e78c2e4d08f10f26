import { providersPage } from './generate/page.ts';

/** npm run docs: `node docs/generate-providers.ts > docs/providers.md` */
process.stdout.write(providersPage());
