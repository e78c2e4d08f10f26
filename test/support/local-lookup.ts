import dns from 'node:dns';
import { get } from 'node:http';

/**
 * Preloaded into a gateway process (--import): names under .test are resolved by the test's name server. The system's resolver
 * cannot be configured for one process, and a UDP resolver repeats queries.
 */

const nameServer = process.env['TEST_NAME_SERVER'] ?? '';

type LookUp = (
  name: string,
  options: dns.LookupOptions,
  done: (failure: Error | null, address: string | dns.LookupAddress[], family?: number) => void,
) => void;

const system = dns.lookup as LookUp;
const lookUp: LookUp = (name, options, done) => {
  if (!name.endsWith('.test')) return system(name, options, done);
  const fail = (code: string) => done(Object.assign(new Error(`getaddrinfo ${code} ${name}`), { code }), '');
  get(`${nameServer}/${name}`, { agent: false }, async (response) => {
    const address = (await response.toArray()).join('');
    if (response.statusCode !== 200) fail('ENOTFOUND');
    else if (options.all) done(null, [{ address, family: 4 }]);
    else done(null, address, 4);
  }).on('error', () => fail('EAI_AGAIN'));
};
// What net.connect calls. The type of the original has a form for each of its options.
Object.assign(dns, { lookup: lookUp });
