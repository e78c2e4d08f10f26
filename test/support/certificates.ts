import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Valid and invalid certificates for a test, made with openssl. */

export type Certificate = { readonly key: Buffer; readonly cert: Buffer };

export type CertificateAuthority = {
  /** Its own certificate, for NODE_EXTRA_CA_CERTS. */
  readonly file: string;
  /** A negative number of days: it has expired. */
  certify(names: readonly string[], validity?: { readonly days: number }): Certificate;
  selfSigned(names: readonly string[]): Certificate;
};

/** Whether openssl is installed. Tests that need it skip with a message without it. */
export const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
if (!hasOpenssl)
  console.warn('There is no openssl on this machine: faults of TLS are not tested (apt-get install openssl)');

export function createAuthority(): CertificateAuthority {
  const folder = mkdtempSync(join(tmpdir(), 'parley-certificates-'));
  let count = 0;
  const run = (...args: string[]) => {
    const { status, stderr } = spawnSync('openssl', args, { cwd: folder });
    if (status !== 0) throw new Error(`openssl ${args[0]} failed: ${stderr}`);
  };
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const namesOf = (names: readonly string[]) => `subjectAltName=${names.map((name) => `DNS:${name}`).join(',')}`;
  const read = (name: string): Certificate => ({
    key: readFileSync(join(folder, `${name}.key`)),
    cert: readFileSync(join(folder, `${name}.pem`)),
  });
  run('req', '-x509', ...newKey, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', '/CN=Test authority');
  return {
    file: join(folder, 'ca.pem'),
    certify(names, { days } = { days: 2 }) {
      const name = `certified-${count++}`;
      run('req', ...newKey, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', '/CN=Test');
      writeFileSync(join(folder, `${name}.ext`), namesOf(names));
      const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-extfile', `${name}.ext`, '-days', String(days)];
      run('x509', '-req', '-in', `${name}.csr`, ...by, '-out', `${name}.pem`);
      return read(name);
    },
    selfSigned(names) {
      const name = `self-signed-${count++}`;
      const about = ['-days', '2', '-subj', '/CN=Test', '-addext', namesOf(names)];
      run('req', '-x509', ...newKey, '-keyout', `${name}.key`, '-out', `${name}.pem`, ...about);
      return read(name);
    },
  };
}
